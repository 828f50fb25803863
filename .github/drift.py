"""Report in an issue how an environment differs from Terraform's code. Without a difference, close that issue.

`python .github/drift.py ENVIRONMENT FILE`, where FILE is the output of `terraform show -json` for a plan, with
GITHUB_REPOSITORY, GITHUB_SERVER_URL, GITHUB_RUN_ID and GH_TOKEN in the environment.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

LONGEST = 500
"""The number of resources that an issue lists."""


def differences(plan: dict[str, Any]) -> list[str]:
    """Return a line per resource that an apply would change: its address and the actions, without values."""
    planned = [(each["address"], each["change"]["actions"]) for each in plan.get("resource_changes", [])]
    return [f"{', '.join(actions)}: {address}" for address, actions in planned if actions not in (["no-op"], ["read"])]


def title(environment: str) -> str:
    return f"{environment} differs from Terraform"


def body(lines: list[str]) -> str:
    listed = "\n".join(lines[:LONGEST]) + (f"\n… and {len(lines) - LONGEST} more" if len(lines) > LONGEST else "")
    server, repository, run = (os.environ[f"GITHUB_{name}"] for name in ("SERVER_URL", "REPOSITORY", "RUN_ID"))
    return (
        f"An apply of `main` would change {len(lines)} resources. Somebody changed them by hand, or a merge was not "
        f"applied. {server}/{repository}/actions/runs/{run} has the plan.\n\n```\n{listed}\n```\n"
    )


def report(environment: str, lines: list[str]) -> None:
    """Create, update or close the environment's issue."""
    issues = f"repos/{os.environ['GITHUB_REPOSITORY']}/issues"
    mine = [
        each["number"]
        for page in json.loads(api("--paginate", "--slurp", f"{issues}?state=open&creator=github-actions%5Bbot%5D"))
        for each in page
        if each["title"] == title(environment)
    ]
    if lines and mine:
        send("PATCH", f"{issues}/{mine[0]}", {"body": body(lines)})
    elif lines:
        send("POST", issues, {"title": title(environment), "body": body(lines)})
    elif mine:
        send("PATCH", f"{issues}/{mine[0]}", {"state": "closed"})


def send(method: str, path: str, fields: dict[str, str]) -> None:
    api("--method", method, path, "--input", "-", given=json.dumps(fields))


def api(*arguments: str, given: str | None = None) -> str:
    return subprocess.run(["gh", "api", *arguments], input=given, text=True, stdout=subprocess.PIPE, check=True).stdout


def main(environment: str, file: str) -> None:
    lines = differences(json.loads(Path(file).read_text()))
    print("\n".join(lines) or f"{environment} is as Terraform describes it")
    report(environment, lines)


if __name__ == "__main__":
    main(*sys.argv[1:])
