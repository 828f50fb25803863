"""The plan's comment on a pull request, with a fake of GitHub's command line."""

import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from tests.github.conftest import Commands

SCRIPT = Path(__file__).parents[2] / ".github" / "plan_comment.py"
BOT = {"login": "github-actions[bot]"}
PLAN = "  + resource\n\nPlan: 1 to add, 0 to change, 0 to destroy.\n"


def body(plan: str) -> str:
    return str(runpy.run_path(str(SCRIPT))["body"]("dev", plan))


def post(commands: Commands, comments: list[dict[str, object]], tmp_path: Path) -> dict[str, str]:
    """Run the script on a pull request with these comments and return what it sends."""
    (tmp_path / "plan.txt").write_text(PLAN)
    (tmp_path / "comments.json").write_text(json.dumps([comments]))
    commands.add("gh", f'[ "$2" = --paginate ] && cat {tmp_path}/comments.json || cat > {tmp_path}/sent.json')
    environment = {**commands.environment, "GITHUB_REPOSITORY": "o/r", "PULL_REQUEST": "7"}
    subprocess.run([sys.executable, SCRIPT, "dev", tmp_path / "plan.txt"], env=environment, check=True)
    sent: dict[str, str] = json.loads((tmp_path / "sent.json").read_text())
    return sent


def test_the_first_plan_is_a_new_comment(commands: Commands, tmp_path: Path) -> None:
    sent = post(commands, [{"id": 1, "user": BOT, "body": "<!-- terraform plan: prod -->"}], tmp_path)
    assert "**dev**: Plan: 1 to add, 0 to change, 0 to destroy." in sent["body"]
    assert commands.calls[-1] == "gh api --method POST repos/o/r/issues/7/comments --input -"


def test_a_later_plan_updates_that_comment(commands: Commands, tmp_path: Path) -> None:
    theirs = {"id": 2, "user": {"login": "somebody"}, "body": body(PLAN)}
    post(commands, [theirs, {"id": 3, "user": BOT, "body": body(PLAN)}], tmp_path)
    assert commands.calls[-1] == "gh api --method PATCH repos/o/r/issues/comments/3 --input -"


@pytest.mark.parametrize("length", [65_000, 65_536, 200_000])
def test_a_comment_is_never_longer_than_github_takes(length: int) -> None:
    comment = body("x" * length)
    assert len(comment) <= 65_536
    assert comment.endswith("\n```\n")
    assert ("cut here" in comment) == (length > 65_000)


def test_a_plan_that_holds_a_fence_does_not_end_the_comment_s() -> None:
    comment = body("````\n# not a title\n")
    assert comment.count("`````") == 2
