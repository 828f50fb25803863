"""An apply's steps, progress and errors, with a Terraform written by hand. The real one: tests/terraform."""

import os
import re
from pathlib import Path

import pytest

from config.errors import TerraformFailed
from tasks.platform import terraform, terraform_apply
from tasks.platform.terraform_apply import OfflineApply, missing

TERRAFORM = """#!/bin/sh
echo "$@" >> "$(dirname "$0")/calls"
root=$(basename "${1#-chdir=}")
if [ "$root" = platform ] && [ "$2" = init ] && [ ! -e "$(dirname "$0")/bucket" ]; then
  echo '{"@level": "error", "@message": "Error: no such bucket", "type": "diagnostic"}'; exit 1
fi
if [ "$2" = apply ]; then
  touch "$(dirname "$0")/bucket"
  echo 'a line that is not JSON'
  echo '{"type": "planned_change", "change": {"action": "create"}}'
  echo '{"type": "planned_change", "change": {"action": "create"}}'
  echo '{"type": "apply_complete", "hook": {"action": "create"}}'
  echo '{"type": "apply_complete", "hook": {"action": "create"}}'
fi
if [ "$root $2" = "platform apply" ]; then
  echo '{"type": "planned_change", "change": {"action": "create"}}'
  echo '{"type": "apply_complete", "hook": {"action": "create"}}'
fi
"""


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a Terraform that records its calls and whose bucket exists after the first apply."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "terraform").write_text(TERRAFORM)
    (folder / "terraform").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    return folder


def apply(folder: Path, announced: list[str]) -> None:
    (folder / "sources" / "bootstrap").mkdir(parents=True, exist_ok=True)
    OfflineApply(folder / "sources", folder / "state", {}, announced.append).run()


def test_the_platform_is_initialised_once_its_bucket_exists_and_then_applied(fake: Path, tmp_path: Path) -> None:
    announced: list[str] = []
    apply(tmp_path, announced)
    calls = [call.split()[:2] for call in (fake / "calls").read_text().splitlines()]
    roots = [(Path(root).name, action) for root, action in calls]
    assert roots[-2:] == [("platform", "init"), ("platform", "apply")]
    assert roots.index(("bootstrap", "init")) < roots.index(("bootstrap", "apply"))
    (line,) = announced
    assert re.fullmatch(r"platform  3 resources by Terraform in \d+ s", line)
    assert "not JSON" in (tmp_path / "state" / "platform-apply.log").read_text()


def test_progress_of_the_platform_alone_is_announced(
    fake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terraform_apply, "PROGRESS_SECONDS", 0.0)
    announced: list[str] = []
    apply(tmp_path, announced)
    progress = [line.split()[1:4] for line in announced[:-1]]
    assert [" ".join(words) for words in progress] == ["0 of 1", "0 of 2", "1 of 2", "2 of 2", "2 of 3", "3 of 3"]


def test_a_failed_bootstrap_ends_the_apply_with_terraforms_error(fake: Path, tmp_path: Path) -> None:
    text = TERRAFORM.replace('if [ "$2" = apply ]; then', 'if [ "$2" = apply ]; then exit 1')
    (fake / "terraform").write_text(text.replace("exit 1\n  touch", "exit 1; fi\nif false; then\n  touch"))
    with pytest.raises(TerraformFailed, match=r"terraform init of terraform/platform failed:\nError: no such bucket"):
        apply(tmp_path, [])


def test_what_an_apply_lacks_is_named(fake: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(terraform, "_ROOTS", ())
    monkeypatch.setattr(terraform, "FETCHED", tmp_path / "providers")
    assert missing() == "Terraform's AWS provider is not on this machine (make tf-apply ENV=offline fetches it)"
    (tmp_path / "providers").mkdir()
    assert missing() is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert missing() == "Terraform is not on this machine"
