"""Deploys prefect.yaml to an ECS work pool on a Prefect server of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[2]
ROLE_PARAMETERS = [
    {"Name": f"/vishwaops/dev/role/flow/{name}", "Value": f"arn:aws:iam::1:role/vishwaops-dev-flow-{name}"}
    for name in ("cake_popularity", "course_recommendation", "student_enrollment", "student_grades")
]
"""Terraform's parameters of the flow roles, as the AWS CLI lists them."""

_DEPLOY = """
import asyncio, io, json, os, runpy, subprocess, sys
pool_script, values, file, *images = sys.argv[1:]
main = runpy.run_path(pool_script)["main"]
for image in images:
    sys.stdin = io.StringIO(values)
    main(image, "dev")
from prefect.client.orchestration import get_client
from prefect_aws.workers.ecs_worker import ECSJobConfiguration
with get_client(sync_client=True) as client:
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all", "--prefect-file", file]
    environment = {**os.environ, "PREFECT_API_URL": str(client.api_url)}
    done = subprocess.run(command, env=environment, text=True, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr
    pool = json.loads(client.read_work_pool("vishwaops").model_dump_json())
    variables = {found.name: found.job_variables for found in client.read_deployments()}
job = ECSJobConfiguration.from_template_and_values(pool["base_job_template"], variables["student-grades"])
print(json.dumps({"pool": pool, "variables": variables, "job": json.loads(asyncio.run(job).model_dump_json())}))
"""


def deployments_file() -> str:
    """Return prefect.yaml with the flow roles, as the deployment writes it."""
    command = [sys.executable, str(PROJECT / ".github" / "flow_roles.py")]
    given = json.dumps(ROLE_PARAMETERS)
    return subprocess.run(command, input=given, text=True, capture_output=True, check=True).stdout


def deploy(folder: Path, values: Mapping[str, Any], *images: str) -> dict[str, Any]:
    """Update the pool with Terraform's values for each image, and deploy.

    Returns the pool, the job variables of each deployment, and the ECS worker's configuration of a flow run of
    student-grades.
    """
    (folder / "prefect.yaml").write_text(deployments_file())
    environment = {**os.environ, "PREFECT_HOME": str(folder)}
    environment.pop("PREFECT_API_URL", None)  # a server of its own
    script = str(PROJECT / ".github" / "work_pool.py")
    command = [sys.executable, "-c", _DEPLOY, script, json.dumps(values), str(folder / "prefect.yaml"), *images]
    done = subprocess.run(command, cwd=PROJECT, env=environment, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))
