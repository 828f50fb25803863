"""The permissions of the roles of Prefect on ECS, of AWS services, and of people."""

import pytest

from tests.terraform.iam import trusted
from tests.terraform.iam_names import (
    ECS,
    EVENTS,
    HERE,
    IN_CLUSTER,
    IN_REGION,
    LOGS,
    NAME,
    OPERATIONS_KEY,
    PARAMETERS,
    ROLES,
    SAGEMAKER,
    SECRETS,
    SQS,
    TO_SAGEMAKER,
    TO_TASKS,
    TRACKING,
    Case,
    family,
    through,
)
from tests.terraform.planned_roles import Identity

FLOW_RUN = f"{ECS}:task-definition/{family()}:3"
TASK = f"{ECS}:task/{NAME}/0a1b"
DATABASE = "aws:ResourceTag/aws:rds:primaryDBInstanceArn"
DATABASES = f"arn:aws:rds:{HERE}:db"
OWN_DATABASE = {DATABASE: f"{DATABASES}:{NAME}-prefect"}

MAY: list[Case] = [
    ("worker", "ecs:RegisterTaskDefinition", "*", IN_REGION),
    ("worker", "ecs:DescribeTaskDefinition", "*", IN_REGION),
    ("worker", "ecs:DeregisterTaskDefinition", "*", IN_REGION),
    ("worker", "ecs:RunTask", FLOW_RUN, IN_CLUSTER),
    ("worker", "ecs:TagResource", TASK, {**IN_REGION, "ecs:CreateAction": "RunTask"}),
    ("worker", "ecs:DescribeTasks", TASK, IN_CLUSTER),
    ("worker", "ecs:StopTask", TASK, IN_CLUSTER),
    ("worker", "ec2:DescribeSubnets", "*", IN_REGION),
    ("worker", "iam:PassRole", f"{ROLES}-flow-student-enrollment", TO_TASKS),
    ("worker", "iam:PassRole", f"{ROLES}-execution", TO_TASKS),
    *(("worker", f"sqs:{verb}", f"{SQS}-ecs-tasks", {}) for verb in
      ("GetQueueUrl", "ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes")),
    ("worker", "sqs:ReceiveMessage", f"{SQS}-events", {}),
    ("worker", "ssm:GetParameter", f"{PARAMETERS}/events/queue", {}),
    ("worker", "kms:Decrypt", OPERATIONS_KEY, through("sqs")),
    ("worker", "logs:GetLogEvents", f"{LOGS}:/{NAME}/prefect:log-stream:flow/prefect/1", {}),
    ("server", "ssmmessages:OpenDataChannel", "*", {}),
    ("execution", "ecr:BatchGetImage", f"arn:aws:ecr:{HERE}:repository/{NAME}", {}),
    ("execution", "secretsmanager:GetSecretValue", f"{SECRETS}:{NAME}/prefect-api-key-Ab12", {}),
    ("execution", "secretsmanager:GetSecretValue", f"{SECRETS}:rds!db-1-Ab12", OWN_DATABASE),
    ("execution", "kms:Decrypt", OPERATIONS_KEY, through("secretsmanager")),
    ("events", "events:InvokeApiDestination", f"{EVENTS}:api-destination/{NAME}-prefect/1", {}),
    ("events", "sqs:SendMessage", f"{SQS}-events", {}),
    ("events", "sqs:SendMessage", f"{SQS}-ecs-tasks", {}),
    ("scheduler", "sagemaker:StartMlflowTrackingServer", TRACKING, IN_REGION),
    ("scheduler", "sagemaker:StopMlflowTrackingServer", TRACKING, IN_REGION),
    ("trail", "logs:PutLogEvents", f"{LOGS}:/{NAME}/audit:log-stream:a", {}),
    ("monitoring", "logs:PutLogEvents", f"{LOGS}:RDSOSMetrics:log-stream:db", {}),
    ("tracking", "s3:PutObject", "arn:aws:s3:::dev-artefacts/mlflow/student_grades/1/model", {}),
    ("reader", "sagemaker:DescribeEndpoint", f"{SAGEMAKER}:endpoint/student-enrollment", IN_REGION),
    ("reader", "s3:GetObject", "arn:aws:s3:::dev-artefacts/student_grades/evaluations/1/evaluation.json", {}),
    ("reader", "ssm:GetParametersByPath", PARAMETERS, {}),
]  # fmt: skip

MAY_NOT: list[Case] = [
    ("worker", "sagemaker:UpdateModelPackage", f"{SAGEMAKER}:model-package/student-enrollment/1", IN_REGION),
    ("worker", "sagemaker:CreateTrainingJob", f"{SAGEMAKER}:training-job/student-enrollment-1", IN_REGION),
    ("worker", "s3:PutObject", "arn:aws:s3:::dev-data/student_enrollment/champion.json", {}),
    ("worker", "s3:GetObject", "arn:aws:s3:::dev-data/student_enrollment/x", {}),
    ("worker", "ecs:RunTask", f"{ECS}:task-definition/another:1", IN_CLUSTER),
    ("worker", "ecs:RunTask", f"{ECS}:task-definition/prefect_vishwaops_0a1b:1", IN_CLUSTER),
    ("worker", "ecs:RunTask", f"{ECS}:task-definition/{NAME}-server:1", IN_CLUSTER),
    ("worker", "ecs:RunTask", FLOW_RUN, {**IN_REGION, "ecs:cluster": f"{ECS}:cluster/another"}),
    ("worker", "ecs:TagResource", TASK, {**IN_REGION, "ecs:CreateAction": "CreateService"}),
    ("worker", "iam:PassRole", f"{ROLES}-job-student-enrollment", TO_TASKS),
    ("worker", "iam:PassRole", f"{ROLES}-flow-student-enrollment", TO_SAGEMAKER),
    ("worker", "sqs:ReceiveMessage", f"{SQS}-lost-events", {}),
    ("worker", "ssm:GetParameter", f"{PARAMETERS}/role/job/student_grades", {}),
    ("worker", "secretsmanager:GetSecretValue", f"{SECRETS}:{NAME}/prefect-api-key-Ab12", {}),
    ("server", "secretsmanager:GetSecretValue", f"{SECRETS}:{NAME}/prefect-api-key-Ab12", {}),
    ("server", "iam:PassRole", f"{ROLES}-flow-student-enrollment", TO_TASKS),
    ("execution", "secretsmanager:GetSecretValue", f"{SECRETS}:other", {}),
    ("execution", "secretsmanager:GetSecretValue", f"{SECRETS}:rds!db-1-Ab12", {}),
    ("execution", "secretsmanager:GetSecretValue", f"{SECRETS}:rds!db-2-Ab12", {DATABASE: f"{DATABASES}:payroll"}),
    ("execution", "kms:Decrypt", OPERATIONS_KEY, {}),
    ("events", "events:PutEvents", f"{EVENTS}:event-bus/default", {}),
    ("events", "sqs:SendMessage", f"arn:aws:sqs:{HERE}:another-events", {}),
    ("scheduler", "sagemaker:StopMlflowTrackingServer", f"{SAGEMAKER}:mlflow-tracking-server/another", IN_REGION),
    ("scheduler", "sagemaker:DeleteMlflowTrackingServer", TRACKING, IN_REGION),
    ("trail", "logs:DeleteLogStream", f"{LOGS}:/{NAME}/audit:log-stream:a", {}),
    ("monitoring", "logs:PutLogEvents", f"{LOGS}:/{NAME}/audit:log-stream:a", {}),
    ("tracking", "s3:GetObject", "arn:aws:s3:::dev-artefacts/student_enrollment/jobs/j/output/model.tar.gz", {}),
    ("reader", "s3:GetObject", "arn:aws:s3:::dev-data/student_enrollment/table/data/1/part-00000.parquet", {}),
    ("reader", "secretsmanager:GetSecretValue", f"{SECRETS}:{NAME}/x", {}),
    ("reader", "sagemaker:InvokeEndpoint", f"{SAGEMAKER}:endpoint/student-enrollment", IN_REGION),
]  # fmt: skip

OUTSIDE_THE_BOUNDARY = [
    ("secretsmanager:GetSecretValue", f"{SECRETS}:payroll", {}),
    ("kms:Decrypt", f"arn:aws:kms:{HERE}:key/another", through("s3")),
    ("ssm:GetParameter", f"arn:aws:ssm:{HERE}:parameter/payroll/x", {}),
    ("sagemaker:CreateNotebookInstance", f"{SAGEMAKER}:notebook-instance/x", IN_REGION),
    ("sagemaker:PutModelPackageGroupPolicy", f"{SAGEMAKER}:model-package-group/student-enrollment", IN_REGION),
    ("ecs:RunTask", f"{ECS}:task-definition/another:1", IN_CLUSTER),
    ("iam:PassRole", f"{ROLES}-ci-apply", TO_TASKS),
    ("iam:PassRole", f"{ROLES}-worker", TO_TASKS),
    ("s3:GetObject", "arn:aws:s3:::payroll/x", {}),
    ("s3:PutObject", "arn:aws:s3:::dev-audit/x", {}),
    ("sqs:ReceiveMessage", f"arn:aws:sqs:{HERE}:payroll", {}),
]


@pytest.mark.parametrize(("role", "action", "resource", "context"), MAY)
def test_a_role_can_do_its_work(
    role: str, action: str, resource: str, context: dict[str, str], identity: Identity
) -> None:
    assert identity.may(role, action, resource, context)


@pytest.mark.parametrize(("role", "action", "resource", "context"), MAY_NOT)
def test_a_role_can_do_nothing_else(
    role: str, action: str, resource: str, context: dict[str, str], identity: Identity
) -> None:
    assert not identity.may(role, action, resource, context)


@pytest.mark.parametrize(("action", "resource", "context"), OUTSIDE_THE_BOUNDARY)
def test_no_role_could_ever_be_given_more(
    action: str, resource: str, context: dict[str, str], identity: Identity
) -> None:
    assert not identity.with_every_permission().may("job-student-enrollment", action, resource, context)


def test_only_operators_with_mfa_take_a_flow_s_role(identity: Identity) -> None:
    _, people = identity.roles["flow-student-enrollment"].trust
    assert people["Principal"] == {"AWS": ["arn:aws:iam::111111111111:role/data-scientists"]}
    assert trusted({"aws:MultiFactorAuthPresent": "true"}, [people])
    assert not trusted({"aws:MultiFactorAuthPresent": "false"}, [people])


def test_only_this_account_s_services_take_a_role(identity: Identity) -> None:
    own = {"aws:SourceAccount": "111111111111", "aws:SourceArn": f"arn:aws:cloudtrail:{HERE}:trail/{NAME}"}
    other = {"aws:SourceAccount": "222222222222", "aws:SourceArn": "arn:aws:cloudtrail:us-east-1:222222222222:trail/x"}
    for name, role in identity.roles.items():
        for statement in role.trust:
            if "Service" in statement["Principal"]:
                assert trusted(own, [statement]), name
                assert not trusted(other, [statement]), name


def test_cloudtrail_takes_its_role_without_naming_the_trail(identity: Identity) -> None:
    assert trusted({}, identity.roles["trail"].trust)
    assert not trusted({}, identity.roles["events"].trust)
