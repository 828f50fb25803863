"""What the code imports is installed without the developers' packages."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.test_project import PROJECT, pins, tracked

ROOTS = ("config", "tasks", "flows", "localstack", "sagemaker_scripts")
DISTRIBUTIONS = packages_distributions()
RUNTIME = {*pins("requirements.lock"), "vishwaops"}
OF_AN_IMAGE = {"localstack/sagemaker_local/container/requirements.py": {"pip"}}
"""Code that runs in the environment of an image, and packages of it."""


def imports(tree: ast.AST) -> Iterator[str]:
    """The packages that code imports while it runs."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            yield from (each.name.partition(".")[0] for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]
        yield from imports(node)


@cache
def only_developers_have(package: str) -> bool:
    """Whether an installed package belongs to no distribution in the runtime's lock."""
    found = {re.sub(r"[-_.]+", "-", name).lower() for name in DISTRIBUTIONS.get(package, ())}
    return bool(found) and not found & RUNTIME


def developers_only(path: Path) -> list[str]:
    """The packages that a file imports and only developers have."""
    own = OF_AN_IMAGE.get(path.relative_to(PROJECT).as_posix(), set())
    return sorted(each for each in {*imports(ast.parse(path.read_text()))} - own if only_developers_have(each))


def test_no_module_of_the_runtime_imports_a_package_that_only_developers_have() -> None:
    ours = [path for path in tracked("*.py") if path.relative_to(PROJECT).parts[0] in ROOTS and path.exists()]
    found = {str(path.relative_to(PROJECT)): packages for path in ours if (packages := developers_only(path))}
    assert found == {}, "name the package under `dependencies` in pyproject.toml, and run make lock"


@pytest.mark.parametrize("package", ["pytest", "fairlearn", "model_signing", "cyclonedx", "OpenSSL"])
def test_a_package_of_the_developers_is_told_from_one_of_the_runtime(package: str) -> None:
    assert only_developers_have(package)
    assert not any(map(only_developers_have, ("cryptography", "yaml", "sklearn", "tasks", "not_installed")))


def test_imports_in_functions_count_and_those_for_types_do_not() -> None:
    code = "if TYPE_CHECKING:\n    import a\ndef f():\n    import b.c\n    from d.e import f\n    from . import g\n"
    assert list(imports(ast.parse(code))) == ["b", "d"]
