"""Give each deployment of prefect.yaml the role of its use case's flow runs.

`python .github/flow_roles.py` reads Terraform's parameters below `role/flow/` from standard input, as the AWS CLI lists
them, and prints prefect.yaml with `task_role_arn` in the job variables of each deployment. Only a pool of ECS tasks
knows the variable: prefect.yaml itself deploys to a pool of any type.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

SOURCE = Path(__file__).parents[1] / "prefect.yaml"


def roles(parameters: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return the ARN of each use case's flow role, from parameters whose names end with the use case."""
    return {parameter["Name"].rsplit("/", 1)[-1]: parameter["Value"] for parameter in parameters}


def with_roles(project: Mapping[str, Any], roles: Mapping[str, str]) -> dict[str, Any]:
    """Return the content of prefect.yaml with the roles. Raises ValueError for a deployment without a role."""
    return {**project, "deployments": [_with_role(deployment, roles) for deployment in project["deployments"]]}


def _with_role(deployment: Mapping[str, Any], roles: Mapping[str, str]) -> dict[str, Any]:
    use_case = deployment.get("parameters", {}).get("use_case")
    if use_case not in roles:
        raise ValueError(
            f"prefect.yaml: deployment {deployment['name']}: expected the parameter use_case to be one of "
            f"{', '.join(sorted(roles))}, which have a role for flow runs; found {use_case}. Apply Terraform first"
        )
    pool = deployment["work_pool"]
    variables = {**pool.get("job_variables", {}), "task_role_arn": roles[use_case]}
    return {**deployment, "work_pool": {**pool, "job_variables": variables}}


if __name__ == "__main__":
    try:
        content = with_roles(yaml.safe_load(SOURCE.read_text(encoding="utf-8")), roles(json.load(sys.stdin)))
    except ValueError as error:
        sys.exit(f"::error::{error}")
    print(yaml.safe_dump(content, sort_keys=False))
