"""Rules for the tests: each module has tests, a missing part is named, and no test sleeps for a fixed time."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.conftest import MISSING

TESTS = Path(__file__).parent
PROJECT = TESTS.parent
ROOTS = {"tasks": PROJECT, "tabular": PROJECT / "sagemaker_scripts"}
"""The packages whose modules are tested one by one, and the folders that they are in."""
OPTIONAL = "$VISHWAOPS_TEST_CASES"
"""Names a folder of examples that only some people were given; tests/test_cases.py holds the same files."""


@cache
def all_files() -> dict[Path, ast.Module]:
    """The syntax trees of the files below `tests`."""
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in TESTS.rglob("*.py")}


def files_with_tests() -> dict[Path, ast.Module]:
    """Those of the files with tests."""
    return {path: tree for path, tree in all_files().items() if path.name.startswith("test_")}


def modules() -> list[str]:
    """The modules of our packages that hold more than a docstring, and the scripts."""
    scripts = [path.stem for path in ROOTS["tabular"].glob("*.py")]
    found = [(root, path) for name, root in ROOTS.items() for path in (root / name).rglob("*.py")]
    return sorted(scripts + [_name(path.relative_to(root)) for root, path in found if _has_code(path)])


def _name(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def _has_code(path: Path) -> bool:
    return any(not isinstance(each, ast.Expr) for each in ast.parse(path.read_text(encoding="utf-8")).body)


def imported() -> set[str]:
    """Every name that a test file imports: modules, and what may be a module of a package."""
    return {name for tree in files_with_tests().values() for node in ast.walk(tree) for name in _imports(node)}


def _imports(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (each.name for each in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield node.module
        yield from (f"{node.module}.{each.name}" for each in node.names)


def test_each_module_is_imported_by_its_own_tests() -> None:
    names = imported()
    assert [module for module in modules() if module not in names] == [], "write a test_*.py that imports it"


def calls(name: str, files: dict[Path, ast.Module]) -> Iterator[tuple[Path, ast.Call]]:
    """The calls of a function or method in the tests' own code, not in that of programs that they start."""
    for path, tree in files.items():
        for node in ast.walk(tree) if name in path.read_text(encoding="utf-8") else ():
            if isinstance(node, ast.Call) and ast.unparse(node.func) == name:
                yield path, node


def test_no_test_waits_for_a_time_instead_of_a_condition() -> None:
    looking = {each for tree in files_with_tests().values() for loop in ast.walk(tree) if isinstance(loop, ast.While)
               for each in ast.walk(loop)}  # fmt: skip
    waits = [(path, call) for path, call in calls("time.sleep", files_with_tests()) if call not in looking]
    assert [f"{path.relative_to(TESTS)}:{call.lineno}" for path, call in waits] == [], "use tests.patience.until"


def reasons() -> Iterator[tuple[str, str]]:
    """Where a test is skipped, and the code of its reason."""
    for name in ("pytest.skip", "pytest.mark.skipif"):
        for path, call in calls(name, all_files()):
            keywords = {each.arg: each.value for each in call.keywords}
            reason = keywords.get("reason") or call.args[0]
            yield f"{path.relative_to(TESTS)}:{call.lineno}", ast.unparse(reason)


def test_a_test_is_skipped_only_for_a_part_that_is_not_on_this_machine() -> None:
    others = {place: reason for place, reason in reasons() if MISSING not in reason and OPTIONAL not in reason}
    assert others == {}
