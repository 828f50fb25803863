"""Create or update the ECS work pool. Its defaults are the values of Terraform and the image of flow runs.

`python .github/work_pool.py IMAGE ENVIRONMENT [SECRET]` reads Terraform's parameter `prefect/work_pool` from standard
input. SECRET is the ARN of the secret with the Prefect API key. PREFECT_API_URL is the server.
"""

import json
import sys
from typing import Any

import tasks  # noqa: F401  disables the telemetry of the libraries imported below
from config import profile, settings

# isort: split
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect_aws.workers import ECSWorker

FLOW_RUN_COMMAND = "vishwaops prefect flow-run execute"
"""Prefect's own command does not forward the signal when ECS stops its task, so SageMaker jobs would continue."""


def job_template(values: dict[str, Any], image: str, environment: str, secret: str = "") -> dict[str, Any]:
    """Return the ECS worker's job template with these defaults. Raises ValueError for an unknown variable."""
    template = ECSWorker.get_default_base_job_template()
    variables = template["variables"]["properties"]
    values = dict(values)
    # The worker has no variable for the processor that the image is built for.
    template["job_configuration"]["task_definition"]["runtimePlatform"] = values.pop("runtime_platform")
    defaults = {
        **values,
        "image": image,
        "command": FLOW_RUN_COMMAND,
        "env": {profile.VARIABLE: "aws", "VISHWAOPS_ENVIRONMENT": environment},
        **({"prefect_api_key_secret_arn": secret} if secret else {}),
    }
    if unknown := sorted(defaults.keys() - variables.keys()):
        raise ValueError(f"prefect/work_pool: expected variables of the ECS worker; found {', '.join(unknown)}")
    for name, value in defaults.items():
        variables[name]["default"] = value
    return template


def main(image: str, environment: str, secret: str = "") -> None:
    template = job_template(json.load(sys.stdin), image, environment, secret)
    with get_client(sync_client=True) as client:
        client.create_work_pool(
            WorkPoolCreate(name=settings.NAME, type="ecs", base_job_template=template), overwrite=True
        )
    print(f"work pool {settings.NAME}: flow runs start from {image}")


if __name__ == "__main__":
    main(*sys.argv[1:])
