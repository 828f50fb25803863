"""Running Terraform: the provider's folder, the variables, and the errors in the output."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from config.settings import PROJECT
from tasks.platform import terraform


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mirror in the first place that is searched."""
    folder = tmp_path / "plugins"
    (folder / terraform.PROVIDER).mkdir(parents=True)
    monkeypatch.setattr(terraform, "_ROOTS", (str(tmp_path / "nothing"), str(tmp_path)))
    return folder


def test_the_provider_comes_from_the_mirror_where_there_is_one(mirror: Path, tmp_path: Path) -> None:
    assert terraform.provider_mirror() == mirror
    text = terraform.write_cli_config(tmp_path / "new" / "folder").read_text()
    assert f'filesystem_mirror {{\n    path = "{mirror}"' in text
    assert "direct" not in text
    assert "disable_checkpoint = true" in text


def test_without_a_mirror_the_provider_comes_from_the_registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terraform, "_ROOTS", (str(tmp_path),))
    assert terraform.provider_mirror() is None
    assert "direct {}" in terraform.write_cli_config(tmp_path).read_text()


def test_the_module_writes_the_configuration_for_make(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "tasks.platform.terraform", tmp_path], cwd=PROJECT, check=True)
    assert "provider_installation" in (tmp_path / "terraform.rc").read_text()


def test_a_run_gets_the_clouds_aws_variables_and_none_of_this_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("TF_LOG", "TRACE")
    monkeypatch.setenv("KEPT", "yes")
    found = terraform.variables(tmp_path / "rc", {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "OTHER": "1"})
    assert found.keys().isdisjoint({"AWS_PROFILE", "TF_LOG", "OTHER"})
    assert (found["AWS_ENDPOINT_URL"], found["KEPT"]) == ("http://127.0.0.1:9", "yes")
    assert (found["TF_CLI_CONFIG_FILE"], found["AWS_EC2_METADATA_DISABLED"]) == (str(tmp_path / "rc"), "true")


def test_errors_are_the_messages_of_that_level_or_else_the_end_of_the_output() -> None:
    output = 'plain\n{"@level": "info", "@message": "fine"}\n{"@level": "error", "@message": "Error: broken"}\n'
    assert terraform.error_messages(output) == "Error: broken"
    assert terraform.error_messages("x" * 3000) == "x" * 2000


def test_an_error_is_shown_with_its_detail() -> None:
    event = {"@level": "error", "@message": "Error: Invalid value", "diagnostic": {"detail": "expected more than 0"}}
    assert terraform.error_messages(json.dumps(event)) == "Error: Invalid value\nexpected more than 0"
