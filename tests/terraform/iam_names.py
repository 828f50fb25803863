"""Names and condition keys that the tests of permissions share."""

import re

from tests.terraform.terraform_runs import PROJECT

NAME = "vishwaops-dev"
HERE = "us-east-1:111111111111"
SAGEMAKER = f"arn:aws:sagemaker:{HERE}"
ECS = f"arn:aws:ecs:{HERE}"
EC2 = f"arn:aws:ec2:{HERE}"
EVENTS = f"arn:aws:events:{HERE}"
LOGS = f"arn:aws:logs:{HERE}:log-group"
ALERTS = f"arn:aws:sns:{HERE}:{NAME}-alerts"
SQS = f"arn:aws:sqs:{HERE}:{NAME}"
STREAMS = f"arn:aws:kinesis:{HERE}:stream"
TABLES = f"arn:aws:glue:{HERE}:table/vishwaops_dev"
SECRETS = f"arn:aws:secretsmanager:{HERE}:secret"
PARAMETERS = f"arn:aws:ssm:{HERE}:parameter/vishwaops/dev"
ROLES = f"arn:aws:iam::111111111111:role/{NAME}"
BOUNDARY = f"arn:aws:iam::111111111111:policy/{NAME}-boundary"
DATA_KEY = f"arn:aws:kms:{HERE}:key/data"
SIGNING_KEY = f"arn:aws:kms:{HERE}:key/signing"
OPERATIONS_KEY = f"arn:aws:kms:{HERE}:key/operations"
TRACKING = f"{SAGEMAKER}:mlflow-tracking-server/{NAME}"

IN_REGION = {"aws:RequestedRegion": "us-east-1"}
IN_CLUSTER = {**IN_REGION, "ecs:cluster": f"{ECS}:cluster/{NAME}"}
IN_VPC = {**IN_REGION, "ec2:Vpc": f"{EC2}:vpc/vpc-1"}
TO_SAGEMAKER = {"iam:PassedToService": "sagemaker.amazonaws.com"}
TO_TASKS = {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
BOUND = {"iam:PermissionsBoundary": BOUNDARY}

Case = tuple[str, str, str, dict[str, str]]
"""A role, an action, a resource, and condition keys."""


def through(service: str) -> dict[str, str]:
    """The condition key of a call that a service makes to KMS for the role."""
    return {"kms:ViaService": f"{service}.us-east-1.amazonaws.com"}


def family() -> str:
    """The family of the flow runs' task definitions, from the work pool's values in Terraform's output."""
    module = PROJECT / "terraform" / "modules" / "orchestration"
    text = "".join((module / part).read_text() for part in ("outputs.tf", "main.tf"))
    found = re.search(r'^ +(?:flow_)?family += "(.+)"$', text, re.M)
    assert found, "orchestration/outputs.tf: expected `family` in the work pool's values, or Prefect invents one"
    return found[1].replace("${var.name}", NAME)
