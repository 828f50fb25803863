"""The ECS work pool of a deployment, on a real Prefect server."""

import json
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[2]
SCRIPT = PROJECT / ".github" / "work_pool.py"
IMAGE = "1.dkr.ecr.us-east-1.amazonaws.com/vishwaops-dev:0123"
NETWORK = {"subnets": ["subnet-1", "subnet-2"], "securityGroups": ["sg-1"], "assignPublicIp": "DISABLED"}
VALUES = {
    "image": "as Terraform knows it",
    "cluster": "arn:aws:ecs:us-east-1:1:cluster/vishwaops-dev",
    "launch_type": "FARGATE",
    "vpc_id": "vpc-1",
    "task_role_arn": "arn:aws:iam::1:role/vishwaops-dev-flow",
    "execution_role_arn": "arn:aws:iam::1:role/vishwaops-dev-execution",
    "configure_cloudwatch_logs": True,
    "cloudwatch_logs_options": {"awslogs-group": "/vishwaops-dev/prefect"},
    "network_configuration": NETWORK,
    "auto_deregister_task_definition": True,
}

DEPLOY_TWICE = """
import io, runpy, sys
script, values, *images = sys.argv[1:]
main = runpy.run_path(script)["main"]
for image in images:
    sys.stdin = io.StringIO(values)
    main(image, "dev")
from prefect.client.orchestration import get_client
with get_client(sync_client=True) as client:
    print(client.read_work_pool("vishwaops").model_dump_json())
"""


def defaults(template: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, dict[str, Any]] = template["variables"]["properties"]
    return {name: each["default"] for name, each in properties.items() if each.get("default") is not None}


def job_template(*arguments: Any) -> dict[str, Any]:
    template: dict[str, Any] = runpy.run_path(str(SCRIPT))["job_template"](*arguments)
    return template


def test_terraform_s_values_are_the_variables_that_are_tested_here() -> None:
    text = (PROJECT / "terraform" / "modules" / "orchestration" / "outputs.tf").read_text()
    output = re.search(r'output "work_pool" \{.+?value = \{\n(.+?)\n  \}', text, re.S)
    assert output
    assert set(re.findall(r"(?m)^    (\w+) +=", output[1])) == set(VALUES)


def test_flow_runs_start_from_the_image_in_terraform_s_network_and_know_their_environment() -> None:
    given = defaults(job_template(VALUES, IMAGE, "dev", "arn:aws:secretsmanager:us-east-1:1:secret:key"))
    assert given["image"] == IMAGE
    assert given["command"] == "vishwaops prefect flow-run execute"  # which hears that ECS stops its task
    assert given["network_configuration"] == NETWORK  # the worker wraps it itself
    assert given["env"] == {"VISHWAOPS_PROFILE": "aws", "VISHWAOPS_ENVIRONMENT": "dev"}
    assert given["prefect_api_key_secret_arn"] == "arn:aws:secretsmanager:us-east-1:1:secret:key"
    assert given["cluster"] == VALUES["cluster"]


def test_a_variable_that_the_worker_does_not_have_is_named() -> None:
    with pytest.raises(ValueError, match="found cloud, region"):
        job_template({**VALUES, "region": "us-east-1", "cloud": "aws"}, IMAGE, "dev")


def test_deploying_again_moves_the_pool_to_the_new_image(tmp_path: Path) -> None:
    environment = {**os.environ, "PREFECT_HOME": str(tmp_path)}
    environment.pop("PREFECT_API_URL", None)  # a server of its own
    done = subprocess.run(
        [sys.executable, "-c", DEPLOY_TWICE, SCRIPT, json.dumps(VALUES), "old:1", IMAGE],
        cwd=PROJECT,
        env=environment,
        text=True,
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr
    pool = json.loads(done.stdout.splitlines()[-1])
    assert (pool["type"], defaults(pool["base_job_template"])["image"]) == ("ecs", IMAGE)
