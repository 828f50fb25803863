"""The ECS work pool of a deployment, on a real Prefect server."""

import re
import runpy
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import FlowRun
from prefect.utilities.templating import apply_values
from prefect_aws.workers.ecs_worker import ECSJobConfiguration, ECSWorker

PROJECT = Path(__file__).parents[2]
SCRIPT = PROJECT / ".github" / "work_pool.py"
IMAGE = "1.dkr.ecr.us-east-1.amazonaws.com/vishwaops-dev:0123"
NETWORK = {"subnets": ["subnet-1", "subnet-2"], "securityGroups": ["sg-1"], "assignPublicIp": "DISABLED"}
VALUES = {
    "image": "as Terraform knows it",
    "family": "vishwaops-dev-flow",
    "cluster": "arn:aws:ecs:us-east-1:1:cluster/vishwaops-dev",
    "launch_type": "FARGATE",
    "runtime_platform": {"operatingSystemFamily": "LINUX", "cpuArchitecture": "ARM64"},
    "cpu": 1024,
    "memory": 2048,
    "vpc_id": "vpc-1",
    "execution_role_arn": "arn:aws:iam::1:role/vishwaops-dev-execution",
    "prefect_api_key_secret_arn": None,
    "prefect_api_auth_string_secret_arn": "arn:aws:secretsmanager:us-east-1:1:secret:auth",
    "configure_cloudwatch_logs": True,
    "cloudwatch_logs_options": {"awslogs-group": "/vishwaops-dev/prefect", "awslogs-create-group": "false"},
    "network_configuration": NETWORK,
    "auto_deregister_task_definition": True,
}


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


def test_the_workers_task_definition_has_terraforms_family_processor_and_secret() -> None:
    """The worker may register and run only the family of flow runs. prefect-aws invents one for each deployment."""
    definition = task_definition(job_template(VALUES, IMAGE, "dev"))
    assert definition["family"] == "vishwaops-dev-flow"
    assert definition["runtimePlatform"]["cpuArchitecture"] == "ARM64"
    assert (definition["cpu"], definition["memory"]) == ("1024", "2048")
    (container,) = definition["containerDefinitions"]
    assert container["secrets"] == [
        {"name": "PREFECT_API_AUTH_STRING", "valueFrom": VALUES["prefect_api_auth_string_secret_arn"]}
    ]
    assert container["logConfiguration"]["options"]["awslogs-create-group"] == "false"


def task_definition(template: dict[str, Any]) -> dict[str, Any]:
    """What prefect-aws's worker would register for a flow run of a deployment."""
    configuration = ECSJobConfiguration(**apply_values(template["job_configuration"], defaults(template)))
    flow_run = FlowRun(flow_id=uuid4(), deployment_id=uuid4())
    worker = ECSWorker(work_pool_name="vishwaops")
    made: dict[str, Any] = worker._prepare_task_definition(configuration, "us-east-1", flow_run)
    return made


def test_a_variable_that_the_worker_does_not_have_is_named() -> None:
    with pytest.raises(ValueError, match="found cloud, region"):
        job_template({**VALUES, "region": "us-east-1", "cloud": "aws"}, IMAGE, "dev")


def test_a_flow_run_without_a_role_of_its_own_gets_none() -> None:
    assert "task_role_arn" not in defaults(job_template(VALUES, IMAGE, "dev"))


def test_deploying_again_moves_the_pool_to_the_new_image(deployed: dict[str, Any]) -> None:
    pool = deployed["pool"]
    assert (pool["type"], defaults(pool["base_job_template"])["image"]) == ("ecs", IMAGE)
