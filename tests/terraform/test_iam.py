"""The permissions of each role."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.terraform.iam import Request, allowed
from tests.terraform.terraform_runs import planned_resources, terraform

RUN = "a_job_and_an_endpoint_role_for_each_use_case"
SAGEMAKER = "arn:aws:sagemaker:us-east-1:111111111111"
ROLES = "arn:aws:iam::111111111111:role/vishwaops-dev"
OWN, OTHER = "student_enrollment", "student_grades"
ECS = "arn:aws:ecs:us-east-1:111111111111"
EVENTS = "arn:aws:events:us-east-1:111111111111"
LOGS = "arn:aws:logs:us-east-1:111111111111:log-group"
DATA_KEY = "arn:aws:kms:us-east-1:111111111111:key/data"
IN_THE_CLUSTER = {"aws:RequestedRegion": "us-east-1", "ecs:cluster": f"{ECS}:cluster/vishwaops-dev"}
HERE = {"aws:RequestedRegion": "us-east-1"}
TO_SAGEMAKER = {"iam:PassedToService": "sagemaker.amazonaws.com"}
BOUND = {"iam:PermissionsBoundary": "arn:aws:iam::111111111111:policy/vishwaops-dev-boundary"}
TUNING = f"{SAGEMAKER}:hyper-parameter-tuning-job"

MAY = [
    ("job-student-enrollment", "s3:GetObject", f"arn:aws:s3:::dev-data/{OWN}/datasets/1/data.parquet", {}),
    ("job-student-enrollment", "s3:PutObject", f"arn:aws:s3:::dev-artefacts/{OWN}/jobs/j/output/model.tar.gz", {}),
    ("job-student-enrollment", "s3:ListBucket", "arn:aws:s3:::dev-data", {"s3:prefix": f"{OWN}/datasets"}),
    ("job-student-enrollment", "cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "vishwaops/dev"}),
    ("endpoint-student-enrollment", "s3:GetObject", f"arn:aws:s3:::dev-artefacts/{OWN}/jobs/j/output/model.tar.gz", {}),
    ("endpoint-student-enrollment", "s3:PutObject", f"arn:aws:s3:::dev-monitoring/{OWN}/capture/1.jsonl", {}),
    ("job-student-enrollment", "s3:PutObject", f"arn:aws:s3:::dev-data/{OWN}/predictions/1/part.parquet", {}),
    ("flow", "s3:PutObject", f"arn:aws:s3:::dev-data/{OWN}/champion.json", {}),
    ("flow", "sagemaker:StopTrainingJob", f"{SAGEMAKER}:training-job/student-enrollment-xgboost-1", HERE),
    ("flow", "sagemaker:CreateTrainingJob", f"{SAGEMAKER}:training-job/student-enrollment-xgboost-1", HERE),
    ("flow", "sagemaker:StopTrainingJob", f"{SAGEMAKER}:training-job/student-enrollment-xgboost-1", HERE),
    ("flow", "sagemaker:StopProcessingJob", f"{SAGEMAKER}:processing-job/student-enrollment-evaluation-1", HERE),
    ("flow", "sagemaker:StopTransformJob", f"{SAGEMAKER}:transform-job/student-enrollment-1", HERE),
    ("flow", "sagemaker:StopHyperParameterTuningJob", f"{TUNING}/student-enrollment-1", HERE),
    ("flow", "sagemaker:AddTags", f"{SAGEMAKER}:training-job/student-enrollment-xgboost-1", HERE),
    ("flow", "sagemaker:ListTags", f"{SAGEMAKER}:processing-job/student-enrollment-evaluation-1", HERE),
    ("flow", "sagemaker:ListHyperParameterTuningJobs", "*", HERE),
    ("flow", "s3:PutObject", f"arn:aws:s3:::dev-data/{OWN}/runs/1/heartbeat.json", {}),
    ("flow", "sagemaker:UpdateEndpoint", f"{SAGEMAKER}:endpoint/student-enrollment", HERE),
    ("flow", "sagemaker:CreateModelPackage", f"{SAGEMAKER}:model-package/student-enrollment/1", HERE),
    ("flow", "sagemaker:DescribeModelPackage", f"{SAGEMAKER}:model-package/student-enrollment/1", HERE),
    ("flow", "sagemaker:BatchDescribeModelPackage", f"{SAGEMAKER}:model-package/student-enrollment/1", HERE),
    ("flow", "sagemaker:UpdateModelPackage", f"{SAGEMAKER}:model-package/student-enrollment/1", HERE),
    ("flow", "sagemaker:ListModelPackages", "*", HERE),
    ("flow", "sagemaker-mlflow:SearchRuns", f"{SAGEMAKER}:mlflow-tracking-server/vishwaops-dev", HERE),
    ("flow", "sagemaker-mlflow:DeleteRun", f"{SAGEMAKER}:mlflow-tracking-server/vishwaops-dev", HERE),
    ("flow", "s3:GetObject", f"arn:aws:s3:::dev-data/{OWN}/champion.json", {}),
    ("flow", "s3:PutObject", f"arn:aws:s3:::dev-data/{OWN}/champion.json", {}),
    ("flow", "s3:PutObject", f"arn:aws:s3:::dev-artefacts/{OWN}/evaluations/1/plots.json", {}),
    ("flow", "iam:PassRole", f"{ROLES}-job-student-enrollment", TO_SAGEMAKER),
    ("flow", "ssm:GetParametersByPath", "arn:aws:ssm:us-east-1:111111111111:parameter/vishwaops/dev", {}),
    ("flow", "cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "vishwaops/dev"}),
    ("flow", "cloudwatch:DescribeAlarms", "*", {}),
    ("flow", "kms:CreateGrant", DATA_KEY, {"kms:GrantIsForAWSResource": "true"}),
    ("flow", "s3:PutObject", "arn:aws:s3:::dev-artefacts/mlflow/1/plot.svg", {}),
    ("flow", "s3:PutObject", f"arn:aws:s3:::dev-monitoring/{OWN}/profiles/1/drift.json", {}),
    ("worker", "ecs:RunTask", f"{ECS}:task-definition/vishwaops-dev-flow:3", IN_THE_CLUSTER),
    ("worker", "iam:PassRole", f"{ROLES}-flow", {"iam:PassedToService": "ecs-tasks.amazonaws.com"}),
    ("events", "events:InvokeApiDestination", f"{EVENTS}:api-destination/vishwaops-dev-prefect/1", {}),
    ("trail", "logs:PutLogEvents", f"{LOGS}:/vishwaops-dev/audit:log-stream:a", {}),
    ("monitoring", "logs:PutLogEvents", f"{LOGS}:RDSOSMetrics:log-stream:db", {}),
    ("tracking", "s3:PutObject", "arn:aws:s3:::dev-artefacts/mlflow/1/model", {}),
    ("reader", "sagemaker:DescribeEndpoint", f"{SAGEMAKER}:endpoint/student-enrollment", HERE),
    ("reader", "s3:GetObject", f"arn:aws:s3:::dev-artefacts/{OWN}/evaluations/1/evaluation.json", {}),
    ("execution", "ecr:BatchGetImage", "arn:aws:ecr:us-east-1:111111111111:repository/vishwaops-dev", {}),
    ("ci-plan", "sagemaker:DescribeModelPackageGroup", f"{SAGEMAKER}:model-package-group/student-grades", {}),
    ("ci-plan", "s3:GetObject", "arn:aws:s3:::dev-state/vishwaops-dev/terraform.tfstate", {}),
    ("ci-apply", "s3:PutObject", "arn:aws:s3:::dev-state/vishwaops-dev/terraform.tfstate", {}),
    ("ci-apply", "iam:CreateRole", f"{ROLES}-job-new", BOUND),
]

MAY_NOT = [
    ("job-student-enrollment", "s3:GetObject", f"arn:aws:s3:::dev-data/{OTHER}/datasets/1/data.parquet", {}),
    ("job-student-enrollment", "s3:PutObject", f"arn:aws:s3:::dev-data/{OWN}_secret/x", {}),
    ("job-student-enrollment", "s3:ListBucket", "arn:aws:s3:::dev-data", {}),
    ("job-student-enrollment", "s3:DeleteObject", f"arn:aws:s3:::dev-data/{OWN}/datasets/1/data.parquet", {}),
    ("job-student-enrollment", "s3:PutObject", "arn:aws:s3:::dev-audit/x", {}),
    ("job-student-enrollment", "s3:PutObject", f"arn:aws:s3:::dev-data/{OWN}/champion.json", {}),
    ("job-student-enrollment", "s3:PutObject", f"arn:aws:s3:::dev-data/{OWN}/latest.json", {}),
    ("job-student-enrollment", "s3:PutObject", f"arn:aws:s3:::dev-data/{OWN}/results/train-1", {}),
    ("job-student-enrollment", "s3:PutObject", f"arn:aws:s3:::dev-data/{OWN}/runs/1/train.json", {}),
    ("job-student-enrollment", "sagemaker:UpdateEndpoint", f"{SAGEMAKER}:endpoint/student-enrollment", HERE),
    ("job-student-enrollment", "cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "AWS/SageMaker"}),
    ("job-student-enrollment", "iam:PassRole", f"{ROLES}-flow", TO_SAGEMAKER),
    ("endpoint-student-enrollment", "s3:GetObject", f"arn:aws:s3:::dev-data/{OWN}/datasets/1/data.parquet", {}),
    ("endpoint-student-enrollment", "s3:GetObject", f"arn:aws:s3:::dev-artefacts/{OTHER}/model.tar.gz", {}),
    ("endpoint-student-enrollment", "s3:PutObject", f"arn:aws:s3:::dev-artefacts/{OWN}/model.tar.gz", {}),
    ("flow", "iam:PassRole", f"{ROLES}-job-student-enrollment", {"iam:PassedToService": "ec2.amazonaws.com"}),
    ("flow", "iam:PassRole", f"{ROLES}-ci-apply", TO_SAGEMAKER),
    ("flow", "iam:CreateRole", f"{ROLES}-x", {}),
    ("flow", "sagemaker:DeleteModelPackageGroup", f"{SAGEMAKER}:model-package-group/student-grades", HERE),
    ("flow", "sagemaker:CreateTrainingJob", f"{SAGEMAKER}:training-job/someone-elses", HERE),
    ("flow", "sagemaker:StopTrainingJob", f"{SAGEMAKER}:training-job/someone-elses", HERE),
    ("flow", "sagemaker:ListModels", "*", {"aws:RequestedRegion": "eu-west-1"}),
    ("worker", "sagemaker:UpdateModelPackage", f"{SAGEMAKER}:model-package/student-enrollment/1", HERE),
    ("worker", "s3:PutObject", f"arn:aws:s3:::dev-data/{OWN}/champion.json", {}),
    ("endpoint-student-enrollment", "s3:PutObject", f"arn:aws:s3:::dev-data/{OWN}/champion.json", {}),
    ("worker", "sagemaker:CreateTrainingJob", f"{SAGEMAKER}:training-job/student-enrollment-1", HERE),
    ("worker", "s3:GetObject", f"arn:aws:s3:::dev-data/{OWN}/x", {}),
    ("worker", "ecs:RunTask", f"{ECS}:task-definition/another:1", IN_THE_CLUSTER),
    ("flow", "kms:CreateGrant", DATA_KEY, {"kms:GrantIsForAWSResource": "false"}),
    ("flow", "cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "AWS/SageMaker"}),
    ("execution", "secretsmanager:GetSecretValue", "arn:aws:secretsmanager:us-east-1:111111111111:secret:other", {}),
    ("events", "events:PutEvents", f"{EVENTS}:event-bus/default", {}),
    ("trail", "logs:DeleteLogStream", f"{LOGS}:/vishwaops-dev/audit:log-stream:a", {}),
    ("monitoring", "logs:PutLogEvents", f"{LOGS}:/vishwaops-dev/audit:log-stream:a", {}),
    ("tracking", "s3:GetObject", f"arn:aws:s3:::dev-artefacts/{OWN}/jobs/j/output/model.tar.gz", {}),
    ("endpoint-student-enrollment", "s3:GetObject", f"arn:aws:s3:::dev-data/{OWN}/champion.json", {}),
    ("reader", "s3:GetObject", f"arn:aws:s3:::dev-data/{OWN}/datasets/1/data.parquet", {}),
    ("reader", "secretsmanager:GetSecretValue", "arn:aws:secretsmanager:us-east-1:111111111111:secret:x", {}),
    ("reader", "sagemaker:InvokeEndpoint", f"{SAGEMAKER}:endpoint/student-enrollment", HERE),
    ("ci-plan", "s3:PutObject", "arn:aws:s3:::dev-state/vishwaops-dev/terraform.tfstate", {}),
    ("ci-plan", "s3:GetObject", f"arn:aws:s3:::dev-data/{OWN}/datasets/1/data.parquet", {}),
    ("ci-apply", "iam:CreateRole", f"{ROLES}-job-new", {}),
    ("ci-apply", "iam:PutRolePolicy", f"{ROLES}-ci-apply", BOUND),
    ("ci-apply", "iam:CreatePolicyVersion", "arn:aws:iam::111111111111:policy/vishwaops-dev-boundary", {}),
    ("ci-apply", "cloudtrail:StopLogging", "arn:aws:cloudtrail:us-east-1:111111111111:trail/vishwaops-dev", {}),
    ("ci-apply", "sagemaker:UpdateEndpoint", f"{SAGEMAKER}:endpoint/student-enrollment", {}),
    (
        "ci-apply",
        "secretsmanager:GetSecretValue",
        "arn:aws:secretsmanager:us-east-1:111111111111:secret:vishwaops-dev/a",
        {},
    ),
]


@pytest.fixture(scope="module")
def identity(sources: Path, cli_config: Path) -> dict[str, Any]:
    folder = sources / "modules" / "identity"
    assert terraform(folder, cli_config, "init", "-backend=false").returncode == 0
    run = terraform(folder, cli_config, "test", "-json", "-verbose")
    resources = planned_resources(run.stdout, RUN)
    after = {resource["address"]: resource["change"]["after"] for resource in resources}
    roles = {a.removesuffix("_policy.this") for a in after if a.endswith("aws_iam_role_policy.this")}
    return {
        "boundary": json.loads(after["aws_iam_policy.boundary"]["policy"])["Statement"],
        **{
            after[f"{role}.this"]["name"].removeprefix("vishwaops-dev-"): (
                json.loads(after[f"{role}_policy.this"]["policy"])["Statement"],
                after[f"{role}.this"]["permissions_boundary"] is not None,
                json.loads(after[f"{role}.this"]["assume_role_policy"])["Statement"],
            )
            for role in roles
        },
    }


def may(identity: dict[str, Any], role: str, request: Request) -> bool:
    policy, bounded, _ = identity[role]
    return allowed(request, policy, identity["boundary"] if bounded else None)


@pytest.mark.parametrize(("role", "action", "resource", "context"), MAY)
def test_a_role_can_do_its_work(
    role: str, action: str, resource: str, context: dict[str, str], identity: dict[str, Any]
) -> None:
    assert may(identity, role, Request(action, resource, context))


@pytest.mark.parametrize(("role", "action", "resource", "context"), MAY_NOT)
def test_a_role_can_do_nothing_else(
    role: str, action: str, resource: str, context: dict[str, str], identity: dict[str, Any]
) -> None:
    assert not may(identity, role, Request(action, resource, context))


def test_every_role_is_in_both_lists(identity: dict[str, Any]) -> None:
    named = {re.sub(r"-student-\w+$", "", role) for role in identity if role != "boundary"}
    for cases in (MAY, MAY_NOT):
        assert {re.sub(r"-student-\w+$", "", role) for role, *_ in cases} == named


def test_every_role_but_ci_has_the_boundary(identity: dict[str, Any]) -> None:
    unbounded = {role for role, parts in identity.items() if role != "boundary" and not parts[1]}
    assert unbounded == {"ci-plan", "ci-apply"}


def test_github_takes_a_role_from_one_repository_only(identity: dict[str, Any]) -> None:
    subjects = {
        role: identity[role][2][0]["Condition"]["StringEquals"]["token.actions.githubusercontent.com:sub"]
        for role in ("ci-plan", "ci-apply")
    }
    assert subjects == {
        "ci-plan": "repo:example/vishwaops:pull_request",
        "ci-apply": "repo:example/vishwaops:environment:prod",
    }
