"""Every module and root is formatted, valid and documented, and passes its own tests."""

import re
from pathlib import Path

import pytest

from tasks.platform.terraform import SOURCE
from tests.terraform.terraform_runs import MODULES, terraform

pytestmark = pytest.mark.starts_first(seconds=80)

PARTS = ("main.tf", "variables.tf", "outputs.tf", "versions.tf", "README.md")


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_every_part(module: str) -> None:
    missing = [part for part in PARTS if not (SOURCE / "modules" / module / part).is_file()]
    assert missing == []


def test_everything_is_formatted(sources: Path, cli_config: Path) -> None:
    run = terraform(sources, cli_config, "fmt", "-check", "-recursive", "-diff")
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("folder", ["bootstrap", "platform", "examples/minimal"])
def test_a_root_is_valid(folder: str, sources: Path, cli_config: Path) -> None:
    initialised = terraform(sources / folder, cli_config, "init", "-backend=false", "-no-color")
    assert initialised.returncode == 0, initialised.stderr
    run = terraform(sources / folder, cli_config, "validate", "-no-color")
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("module", MODULES)
def test_a_module_passes_its_own_tests(module: str, sources: Path, cli_config: Path) -> None:
    folder = sources / "modules" / module
    initialised = terraform(folder, cli_config, "init", "-backend=false", "-no-color")
    assert initialised.returncode == 0, initialised.stderr
    run = terraform(folder, cli_config, "test", "-no-color")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "Success! " in run.stdout, f"{module} has no tests: {run.stdout}"


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("part", ["variables.tf", "outputs.tf"])
def test_a_modules_readme_lists_each_variable_and_output_with_its_description(module: str, part: str) -> None:
    folder = SOURCE / "modules" / module
    blocks = re.findall(r'^(?:variable|output) "(\w+)" \{\n  description = "(.*)"$', (folder / part).read_text(), re.M)
    rows = re.findall(r"^\| `(\w+)` \|(?:.*\|)? ([^|]+) \|$", (folder / "README.md").read_text(), re.M)
    assert blocks
    assert [block for block in blocks if block not in rows] == []
