"""The way to a self-hosted Prefect server, with a fake AWS CLI that evaluates the script's queries."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tasks.platform.terraform import SOURCE

TASK = "arn:aws:ecs:us-east-1:111111111111:task/vishwaops-dev/0123abcd"
AGENT = {"name": "ExecuteCommandAgent", "lastStatus": "RUNNING"}
AWS = """#!{python}
import json, sys
import jmespath
words = sys.argv[1:]
with open({folder!r} + "/calls", "a") as calls:
    calls.write(" ".join(words) + "\\n")
answers = json.loads(open({folder!r} + "/answers.json").read())
if words[1] in answers:
    found = jmespath.search(words[words.index("--query") + 1], answers[words[1]])
    print("\\t".join(str(each) for each in found) if isinstance(found, list) else found)
"""
"""The CLI's text output: a list on one line, None for null."""


def tunnel(folder: Path, *words: str, tasks: list[str], container: dict[str, Any]) -> tuple[Any, list[str]]:
    answers = {"list-tasks": {"taskArns": tasks}, "describe-tasks": {"tasks": [{"containers": [container]}]}}
    (folder / "answers.json").write_text(json.dumps(answers))
    (folder / "aws").write_text(AWS.format(python=sys.executable, folder=str(folder)))
    (folder / "aws").chmod(0o755)
    done = subprocess.run(
        [SOURCE / "prefect-tunnel.sh", *words],
        env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"},
        text=True,
        capture_output=True,
    )
    calls = folder / "calls"
    return done, calls.read_text().splitlines() if calls.exists() else []


def test_a_port_of_this_machine_is_forwarded_to_the_servers_container(tmp_path: Path) -> None:
    container = {"name": "server", "runtimeId": "0123abcd-42", "managedAgents": [AGENT]}
    done, calls = tunnel(tmp_path, "dev", "4201", tasks=[TASK], container=container)
    assert done.returncode == 0, done.stderr
    assert calls[0].startswith("ecs list-tasks --cluster vishwaops-dev --service-name vishwaops-dev-server")
    assert calls[-1] == (
        "ssm start-session --target ecs:vishwaops-dev_0123abcd_0123abcd-42 "
        "--document-name AWS-StartPortForwardingSession --parameters portNumber=4200,localPortNumber=4201"
    )
    assert "PREFECT_API_URL=http://127.0.0.1:4201/api" in done.stderr
    assert "--secret-id vishwaops-dev/prefect-auth-string" in done.stderr


@pytest.mark.parametrize(
    ("tasks", "agents", "expected"),
    [
        ([], [AGENT], "a running task of the service vishwaops-dev-server; found none. Is prefect.image_tag set"),
        ([TASK], [], "found None. Set prefect.execute_command = true"),
        ([TASK], [AGENT | {"lastStatus": "STOPPED"}], "task 0123abcd; found STOPPED"),
    ],
)
def test_it_says_what_is_missing_and_opens_no_session(
    tasks: list[str], agents: list[dict[str, str]], expected: str, tmp_path: Path
) -> None:
    container = {"name": "server", "runtimeId": "r", "managedAgents": agents}
    done, calls = tunnel(tmp_path, "dev", tasks=tasks, container=container)
    assert done.returncode == 1
    assert expected in done.stderr
    assert not any("start-session" in call for call in calls)


def test_the_environment_is_required(tmp_path: Path) -> None:
    done, calls = tunnel(tmp_path, tasks=[], container={})
    assert (done.returncode, calls) == (1, [])
    assert "expected an environment, such as dev" in done.stderr
