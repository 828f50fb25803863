"""The nightly comparison's issue, with a fake of GitHub's command line."""

import json
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.github.conftest import Commands

SCRIPT = Path(__file__).parents[2] / ".github" / "drift.py"
BUCKET = {"address": "module.storage.aws_s3_bucket.this", "change": {"actions": ["update"], "after": {"tags": "x"}}}
SAME = {"address": "aws_ssm_parameter.this", "change": {"actions": ["no-op"]}}
READ = {"address": "data.aws_region.current", "change": {"actions": ["read"]}}
OPEN = {"number": 7, "title": "dev differs from Terraform"}


def compare(commands: Commands, changes: list[Any], issues: list[Any], tmp_path: Path) -> list[str]:
    """Run the script for these changes and open issues. Returns what it calls after it has listed the issues."""
    (tmp_path / "plan.json").write_text(json.dumps({"resource_changes": changes}))
    (tmp_path / "issues.json").write_text(json.dumps([issues]))
    commands.add("gh", f'[ "$2" = --paginate ] && cat {tmp_path}/issues.json || cat > {tmp_path}/sent.json')
    environment = {
        **commands.environment,
        "GITHUB_REPOSITORY": "o/r",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_RUN_ID": "1",
    }
    subprocess.run([sys.executable, SCRIPT, "dev", tmp_path / "plan.json"], env=environment, check=True)
    return commands.calls[1:]


def sent(tmp_path: Path) -> dict[str, str]:
    fields: dict[str, str] = json.loads((tmp_path / "sent.json").read_text())
    return fields


def test_a_difference_opens_an_issue_with_addresses_and_no_values(commands: Commands, tmp_path: Path) -> None:
    calls = compare(commands, [BUCKET, SAME, READ], [{"number": 1, "title": "prod differs from Terraform"}], tmp_path)
    assert calls == ["gh api --method POST repos/o/r/issues --input -"]
    assert "```\nupdate: module.storage.aws_s3_bucket.this\n```" in sent(tmp_path)["body"]
    assert "tags" not in sent(tmp_path)["body"]


def test_a_lasting_difference_updates_its_issue(commands: Commands, tmp_path: Path) -> None:
    assert compare(commands, [BUCKET], [OPEN], tmp_path) == ["gh api --method PATCH repos/o/r/issues/7 --input -"]
    assert "actions/runs/1" in sent(tmp_path)["body"]


@pytest.mark.parametrize(("issues", "calls"), [([], 0), ([OPEN], 1)])
def test_without_a_difference_the_issue_is_closed(
    commands: Commands, issues: list[Any], calls: int, tmp_path: Path
) -> None:
    assert len(compare(commands, [SAME, READ], issues, tmp_path)) == calls
    assert not calls or sent(tmp_path) == {"state": "closed"}


def test_a_long_list_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID"):
        monkeypatch.setenv(name, "x")
    body = runpy.run_path(str(SCRIPT))["body"]([f"update: a.b[{number}]" for number in range(600)])
    assert ("a.b[499]" in body, "a.b[500]" in body, "… and 100 more" in body) == (True, False, True)
