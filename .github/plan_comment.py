"""Write a plan to its environment's comment on a pull request. The first run creates the comment; later runs update it.

`python .github/plan_comment.py ENVIRONMENT FILE`, with GITHUB_REPOSITORY, PULL_REQUEST and GH_TOKEN in the environment.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

LONGEST = 65_536
"""GitHub's limit of characters in a comment."""


def body(environment: str, plan: str) -> str:
    """Return the comment: a marker, the plan's last line as title, and as much of the plan as fits."""
    # The fence is longer than any in the plan, so that the plan can't end it.
    fence = "`" * (max([2, *map(len, re.findall(r"`+", plan[:LONGEST]))]) + 1)
    said = [line for line in plan.splitlines() if re.match(r"Plan:|No changes", line)]
    head = f"{marker(environment)}\n**{environment}**: {said[-1] if said else 'see the plan'}\n\n{fence}\n"
    tail, cut = f"\n{fence}\n", "\n… cut here: the workflow's log has the rest"
    room = LONGEST - len(head) - len(tail)
    return head + (plan if len(plan) <= room else plan[: max(0, room - len(cut))] + cut) + tail


def marker(environment: str) -> str:
    return f"<!-- terraform plan: {environment} -->"


def post(environment: str, plan: str) -> None:
    """Create the comment, or update the comment of an earlier run of this workflow."""
    comments = f"repos/{os.environ['GITHUB_REPOSITORY']}/issues/{os.environ['PULL_REQUEST']}/comments"
    mine = [
        each["id"]
        for page in json.loads(api("--paginate", "--slurp", comments))
        for each in page
        if each["user"]["login"] == "github-actions[bot]" and each["body"].startswith(marker(environment))
    ]
    where = (
        ["--method", "PATCH", f"repos/{os.environ['GITHUB_REPOSITORY']}/issues/comments/{mine[0]}"]
        if mine
        else ["--method", "POST", comments]
    )
    api(*where, "--input", "-", given=json.dumps({"body": body(environment, plan)}))


def api(*arguments: str, given: str | None = None) -> str:
    return subprocess.run(["gh", "api", *arguments], input=given, text=True, stdout=subprocess.PIPE, check=True).stdout


if __name__ == "__main__":
    post(sys.argv[1], Path(sys.argv[2]).read_text())
