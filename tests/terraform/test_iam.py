"""The permissions of the roles that each use case has."""

import re

import pytest

from tests.terraform import test_iam_ci, test_iam_promoter, test_iam_services
from tests.terraform.iam_names import (
    ALERTS,
    DATA_KEY,
    EC2,
    HERE,
    IN_REGION,
    IN_VPC,
    LOGS,
    NAME,
    OPERATIONS_KEY,
    PARAMETERS,
    ROLES,
    SAGEMAKER,
    SECRETS,
    SIGNING_KEY,
    STREAMS,
    TABLES,
    TO_SAGEMAKER,
    TO_TASKS,
    TRACKING,
    Case,
    through,
)
from tests.terraform.planned_roles import Identity

OWN, OTHER = "student_enrollment", "student_grades"
FLOW, JOB, ENDPOINT, FEATURES = (f"{kind}-student-enrollment" for kind in ("flow", "job", "endpoint", "features"))
DATA, ARTEFACTS, MONITORING = (f"arn:aws:s3:::dev-{purpose}" for purpose in ("data", "artefacts", "monitoring"))
JOB_NAME = "student-enrollment-xgboost-1"
MODEL_IMAGES = f"arn:aws:ecr:{HERE}:repository/{NAME}-model"
CARD = f"{SAGEMAKER}:model-card/student-enrollment-1"
PACKAGE = f"{SAGEMAKER}:model-package/student-enrollment/1"
TRAINING_LOGS = f"{LOGS}:/aws/sagemaker/TrainingJobs"
TUNING = f"{SAGEMAKER}:hyper-parameter-tuning-job"
INTERFACE = f"{EC2}:network-interface/eni-1"

READER = "flow-student-grades"
"""A use case that reads a feature group of the other one."""
STORE = f"{ARTEFACTS}/{OWN}/features/1/sagemaker/us-east-1/offline-store/student-enrollment-{{}}-1/data/1.parquet"

MAY: list[Case] = [
    (READER, "sagemaker:DescribeFeatureGroup", f"{SAGEMAKER}:feature-group/student-enrollment-people", IN_REGION),
    (READER, "sagemaker:BatchGetRecord", f"{SAGEMAKER}:feature-group/student-enrollment-people", IN_REGION),
    (READER, "s3:GetObject", STORE.format("people"), {}),
    (JOB, "s3:GetObject", f"{DATA}/{OWN}/table/data/1/part-00000.parquet", {}),
    (JOB, "s3:PutObject", f"{ARTEFACTS}/{OWN}/jobs/j/output/model.tar.gz", {}),
    (JOB, "s3:PutObject", f"{DATA}/{OWN}/predictions/1/part.parquet", {}),
    (JOB, "s3:ListBucket", DATA, {"s3:prefix": f"{OWN}/datasets"}),
    *((role, "ecr:BatchGetImage", MODEL_IMAGES, {}) for role in (JOB, ENDPOINT)),
    (JOB, "cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "vishwaops/dev"}),
    (JOB, "logs:PutLogEvents", f"{TRAINING_LOGS}:log-stream:{JOB_NAME}/algo-1-1", {}),
    (JOB, "logs:CreateLogGroup", f"{TRAINING_LOGS}:log-stream:", {}),
    (JOB, "kms:Decrypt", DATA_KEY, through("s3")),
    (JOB, "kms:Encrypt", DATA_KEY, through("s3")),
    (JOB, "kms:DescribeKey", DATA_KEY, through("sagemaker")),
    (JOB, "kms:DescribeKey", DATA_KEY, {}),
    (JOB, "ec2:CreateNetworkInterface", INTERFACE, IN_REGION),
    (JOB, "ec2:CreateNetworkInterface", f"{EC2}:subnet/subnet-1", IN_VPC),
    (JOB, "ec2:CreateNetworkInterfacePermission", INTERFACE, IN_VPC),
    (JOB, "sagemaker:PutRecord", f"{SAGEMAKER}:feature-group/student-enrollment-people", IN_REGION),
    (ENDPOINT, "s3:GetObject", f"{ARTEFACTS}/{OWN}/jobs/j/output/model.tar.gz", {}),
    (ENDPOINT, "s3:PutObject", f"{MONITORING}/{OWN}/capture/1.jsonl", {}),
    (ENDPOINT, "logs:PutLogEvents", f"{LOGS}:/aws/sagemaker/Endpoints/student-enrollment:log-stream:champion/i-1", {}),
    (FEATURES, "s3:PutObject", f"{ARTEFACTS}/{OWN}/features/1/data.parquet", {}),
    (FEATURES, "s3:PutObjectAcl", f"{ARTEFACTS}/{OWN}/features/1/data.parquet", {}),
    (FEATURES, "s3:GetBucketAcl", ARTEFACTS, {}),
    (FEATURES, "kms:CreateGrant", DATA_KEY, {"kms:GrantIsForAWSResource": "true"}),
    (FLOW, "s3:GetObject", f"{DATA}/{OWN}/champion.json", {}),
    (FLOW, "s3:PutObject", f"{DATA}/{OWN}/champion.json", {}),
    (FLOW, "s3:PutObject", f"{DATA}/{OWN}/runs/1/heartbeat.json", {}),
    (FLOW, "s3:PutObject", f"{ARTEFACTS}/{OWN}/evaluations/1/plots.json", {}),
    (FLOW, "s3:PutObject", f"{ARTEFACTS}/mlflow/{OWN}/1/plot.svg", {}),
    (FLOW, "s3:PutObject", f"{MONITORING}/{OWN}/profiles/1/drift.json", {}),
    (FLOW, "s3:ListBucket", DATA, {"s3:prefix": f"{OWN}/runs/"}),
    (FLOW, "sagemaker:CreateTrainingJob", f"{SAGEMAKER}:training-job/{JOB_NAME}", IN_REGION),
    (FLOW, "sagemaker:StopTrainingJob", f"{SAGEMAKER}:training-job/{JOB_NAME}", IN_REGION),
    (FLOW, "sagemaker:StopProcessingJob", f"{SAGEMAKER}:processing-job/student-enrollment-evaluation-1", IN_REGION),
    (FLOW, "sagemaker:StopTransformJob", f"{SAGEMAKER}:transform-job/student-enrollment-1", IN_REGION),
    (FLOW, "sagemaker:StopHyperParameterTuningJob", f"{TUNING}/student-enrollment-1", IN_REGION),
    (FLOW, "sagemaker:AddTags", f"{SAGEMAKER}:training-job/{JOB_NAME}", IN_REGION),
    (FLOW, "sagemaker:ListTags", f"{SAGEMAKER}:processing-job/student-enrollment-evaluation-1", IN_REGION),
    (FLOW, "sagemaker:ListHyperParameterTuningJobs", "*", IN_REGION),
    (FLOW, "sagemaker:CreateEndpoint", f"{SAGEMAKER}:endpoint-config/student-enrollment-v1-0a1b2c", IN_REGION),
    (FLOW, "sagemaker:UpdateEndpoint", f"{SAGEMAKER}:endpoint/student-enrollment", IN_REGION),
    (FLOW, "sagemaker:DeleteEndpointConfig", f"{SAGEMAKER}:endpoint-config/student-enrollment-v1-0a1b2c", IN_REGION),
    (FLOW, "sagemaker:DeleteModel", f"{SAGEMAKER}:model/student-enrollment-v1", IN_REGION),
    (FLOW, "sagemaker:CreateModelPackage", PACKAGE, IN_REGION),
    (FLOW, "sagemaker:DescribeModelPackage", PACKAGE, IN_REGION),
    (FLOW, "sagemaker:BatchDescribeModelPackage", PACKAGE, IN_REGION),
    (FLOW, "sagemaker:UpdateModelPackage", PACKAGE, IN_REGION),
    (FLOW, "sagemaker:ListModelPackages", "*", IN_REGION),
    *((FLOW, f"sagemaker:{verb}ModelCard", CARD, IN_REGION) for verb in ("Create", "Describe", "Update")),
    (FLOW, "sagemaker:DescribeMlflowTrackingServer", TRACKING, IN_REGION),
    (FLOW, "sagemaker-mlflow:SearchRuns", TRACKING, IN_REGION),
    (FLOW, "sagemaker-mlflow:DeleteRun", TRACKING, IN_REGION),
    (FLOW, "sagemaker-mlflow:CreateModelVersion", TRACKING, IN_REGION),
    (FLOW, "sagemaker-mlflow:SetRegisteredModelAlias", TRACKING, IN_REGION),
    (FLOW, "s3:DeleteObject", f"{ARTEFACTS}/mlflow/{OWN}/1/plot.svg", {}),
    (FLOW, "sagemaker-mlflow:RestoreExperiment", TRACKING, IN_REGION),
    (FLOW, "iam:PassRole", f"{ROLES}-job-student-enrollment", TO_SAGEMAKER),
    (FLOW, "iam:PassRole", f"{ROLES}-endpoint-student-enrollment", TO_SAGEMAKER),
    (FLOW, "iam:PassRole", f"{ROLES}-features-student-enrollment", TO_SAGEMAKER),
    (FLOW, "sagemaker:UpdateFeatureGroup", f"{SAGEMAKER}:feature-group/student-enrollment-people", IN_REGION),
    *(
        (FLOW, f"sagemaker:{action}", f"{SAGEMAKER}:feature-group/student-enrollment-people", IN_REGION)
        for action in ("BatchGetRecord", "BatchWriteRecord", "CreateFeatureGroup", "DescribeFeatureGroup")
    ),
    (FLOW, "ssm:GetParameter", f"{PARAMETERS}/role/job/{OWN}", {}),
    (FLOW, "ssm:GetParameter", f"{PARAMETERS}/bucket/data", {}),
    (FLOW, "ssm:GetParameter", f"{PARAMETERS}/use_cases", {}),
    (FLOW, "ssm:GetParameter", f"{PARAMETERS}/image/registry", {}),
    (FLOW, "cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "vishwaops/dev"}),
    (FLOW, "cloudwatch:DescribeAlarms", "*", {}),
    (FLOW, "kms:CreateGrant", DATA_KEY, {"kms:GrantIsForAWSResource": "true"}),
    (FLOW, "kms:DescribeKey", DATA_KEY, {}),
    (FLOW, "kms:Sign", SIGNING_KEY, {}),
    (FLOW, "kms:GetPublicKey", SIGNING_KEY, {}),
    (FLOW, "s3:PutObject", f"{DATA}/{OWN}/audit/checkpoint", {}),
    (FLOW, "logs:GetLogEvents", f"{TRAINING_LOGS}:log-stream:{JOB_NAME}/algo-1-1", {}),
    (FLOW, "logs:DescribeLogStreams", f"{TRAINING_LOGS}:log-stream:", {}),
    (FLOW, "s3:GetObject", "arn:aws:s3:::exports/2026/people.csv", {}),
    (FLOW, "s3:GetObjectVersion", "arn:aws:s3:::registry/enrollment/people.csv", {}),
    (FLOW, "s3:ListBucket", "arn:aws:s3:::exports", {"s3:prefix": "2026/"}),
    (FLOW, "s3:ListBucket", "arn:aws:s3:::registry", {"s3:prefix": "enrollment/"}),
    (FLOW, "s3:DeleteObject", f"{DATA}/{OWN}/table/data/1/part-00000.parquet", {}),
    (FLOW, "s3:GetObject", f"{MONITORING}/{OWN}/capture/1.jsonl", {}),
    (FLOW, "s3:ListBucket", MONITORING, {"s3:prefix": f"{OWN}/capture/"}),
    (FLOW, "s3:DeleteObject", f"{MONITORING}/{OWN}/capture/1.jsonl", {}),
    (FLOW, "s3:DeleteObject", f"{MONITORING}/{OWN}/traffic/1/hour/scored-1.parquet", {}),
    (FLOW, "s3:PutObject", f"{MONITORING}/{OWN}/traffic/1/hour.json", {}),
    (FLOW, "glue:CreateTable", f"{TABLES}/{OWN}", {}),
    (FLOW, "glue:UpdateTable", f"{TABLES}/{OWN}", {}),
    (FLOW, "ssm:GetParameter", f"{PARAMETERS}/glue/database", {}),
    (FLOW, "secretsmanager:GetSecretValue", f"{SECRETS}:registry/database-a1b2c3", {}),
    (FLOW, "kinesis:GetRecords", f"{STREAMS}/enrolments", {}),
    (FLOW, "sns:Publish", ALERTS, {}),
    *((FLOW, f"kms:{action}", OPERATIONS_KEY, through("sns")) for action in ("Decrypt", "GenerateDataKey")),
]  # fmt: skip

MAY_NOT: list[Case] = [
    (FLOW, "sns:Publish", ALERTS.replace(NAME, "vishwaops-prod"), {}),
    (FLOW, "sns:Subscribe", ALERTS, {}),
    (FLOW, "kms:Decrypt", OPERATIONS_KEY, through("s3")),
    (JOB, "sns:Publish", ALERTS, {}),
    (FLOW, "sagemaker:CreateFeatureGroup", f"{SAGEMAKER}:feature-group/student-grades-people", IN_REGION),
    (FLOW, "sagemaker:DeleteFeatureGroup", f"{SAGEMAKER}:feature-group/student-enrollment-people", IN_REGION),
    (FLOW, "iam:PassRole", f"{ROLES}-features-student-grades", TO_SAGEMAKER),
    (READER, "sagemaker:BatchGetRecord", f"{SAGEMAKER}:feature-group/student-enrollment-others", IN_REGION),
    (READER, "sagemaker:PutRecord", f"{SAGEMAKER}:feature-group/student-enrollment-people", IN_REGION),
    (READER, "s3:GetObject", STORE.format("others"), {}),
    (READER, "s3:PutObject", STORE.format("people"), {}),
    *((role, "kms:Sign", SIGNING_KEY, {}) for role in (JOB, ENDPOINT, FEATURES)),
    (FLOW, "kms:Sign", DATA_KEY, {}),
    (FLOW, "s3:DeleteObject", f"{DATA}/{OWN}/audit/tile/entries/000", {}),
    (FLOW, "s3:PutObject", f"{DATA}/{OTHER}/audit/checkpoint", {}),
    (JOB, "s3:GetObject", f"{DATA}/{OTHER}/table/data/1/part-00000.parquet", {}),
    (JOB, "s3:PutObject", f"{DATA}/{OWN}_secret/x", {}),
    (JOB, "s3:ListBucket", DATA, {}),
    (JOB, "s3:DeleteObject", f"{DATA}/{OWN}/table/data/1/part-00000.parquet", {}),
    (JOB, "s3:PutObject", "arn:aws:s3:::dev-audit/x", {}),
    (JOB, "ecr:PutImage", MODEL_IMAGES, {}),
    (JOB, "s3:PutObject", f"{DATA}/{OWN}/champion.json", {}),
    (JOB, "s3:PutObject", f"{DATA}/{OWN}/audit/checkpoint", {}),
    (JOB, "s3:PutObject", f"{DATA}/{OWN}/ground_truth/batches.json", {}),
    (JOB, "s3:PutObject", f"{DATA}/{OWN}/retraining/00000001.json", {}),
    (JOB, "s3:PutObject", f"{DATA}/{OWN}/latest.json", {}),
    (JOB, "s3:PutObject", f"{DATA}/{OWN}/results/train-1", {}),
    (JOB, "s3:PutObject", f"{DATA}/{OWN}/runs/1/train.json", {}),
    (JOB, "sagemaker:UpdateEndpoint", f"{SAGEMAKER}:endpoint/student-enrollment", IN_REGION),
    (JOB, "cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "AWS/SageMaker"}),
    (JOB, "iam:PassRole", f"{ROLES}-flow-student-enrollment", TO_SAGEMAKER),
    (JOB, "ec2:CreateNetworkInterface", f"{EC2}:subnet/subnet-9", {**IN_VPC, "ec2:Vpc": f"{EC2}:vpc/vpc-9"}),
    (JOB, "ec2:CreateNetworkInterfacePermission", INTERFACE, IN_REGION),
    (JOB, "kms:Decrypt", DATA_KEY, {}),
    (JOB, "logs:PutLogEvents", f"{TRAINING_LOGS}:log-stream:student-grades-xgboost-1/algo-1-1", {}),
    (ENDPOINT, "s3:GetObject", f"{DATA}/{OWN}/table/data/1/part-00000.parquet", {}),
    (ENDPOINT, "s3:GetObject", f"{DATA}/{OWN}/champion.json", {}),
    (ENDPOINT, "s3:PutObject", f"{DATA}/{OWN}/champion.json", {}),
    (ENDPOINT, "s3:GetObject", f"{ARTEFACTS}/{OTHER}/model.tar.gz", {}),
    (ENDPOINT, "s3:PutObject", f"{ARTEFACTS}/{OWN}/model.tar.gz", {}),
    (FEATURES, "s3:PutObject", f"{ARTEFACTS}/{OWN}/jobs/j/output/model.tar.gz", {}),
    (FEATURES, "s3:GetObject", f"{DATA}/{OWN}/table/data/1/part-00000.parquet", {}),
    (FLOW, "iam:PassRole", f"{ROLES}-job-student-enrollment", {"iam:PassedToService": "ec2.amazonaws.com"}),
    (FLOW, "iam:PassRole", f"{ROLES}-job-student-grades", TO_SAGEMAKER),
    (FLOW, "iam:PassRole", f"{ROLES}-flow-student-enrollment", TO_TASKS),
    (FLOW, "iam:PassRole", f"{ROLES}-ci-apply", TO_SAGEMAKER),
    (FLOW, "iam:CreateRole", f"{ROLES}-x", {}),
    (FLOW, "sagemaker:DeleteModelPackageGroup", f"{SAGEMAKER}:model-package-group/student-enrollment", IN_REGION),
    (FLOW, "sagemaker:UpdateModelPackage", f"{SAGEMAKER}:model-package/student-grades/1", IN_REGION),
    (FLOW, "sagemaker:UpdateModelCard", f"{SAGEMAKER}:model-card/student-grades-1", IN_REGION),
    (JOB, "sagemaker:UpdateModelCard", CARD, IN_REGION),
    (FLOW, "sagemaker:DeleteModelCard", CARD, IN_REGION),
    (FLOW, "s3:DeleteObject", f"{ARTEFACTS}/mlflow/{OTHER}/1/plot.svg", {}),
    (FLOW, "sagemaker:CreateTrainingJob", f"{SAGEMAKER}:training-job/student-grades-1", IN_REGION),
    (FLOW, "sagemaker:StopTrainingJob", f"{SAGEMAKER}:training-job/someone-elses", IN_REGION),
    (FLOW, "sagemaker:UpdateEndpoint", f"{SAGEMAKER}:endpoint/student-grades", IN_REGION),
    (FLOW, "sagemaker:StopMlflowTrackingServer", TRACKING, IN_REGION),
    (FLOW, "sagemaker:ListModels", "*", {"aws:RequestedRegion": "eu-west-1"}),
    (FLOW, "sagemaker:CreateTrainingJob", f"{SAGEMAKER}:training-job/{JOB_NAME}", {"aws:RequestedRegion": "eu-west-1"}),
    (FLOW, "s3:GetObject", f"{DATA}/{OTHER}/table/data/1/part-00000.parquet", {}),
    (FLOW, "s3:PutObject", f"{ARTEFACTS}/mlflow/{OTHER}/1/plot.svg", {}),
    (FLOW, "s3:ListBucket", DATA, {"s3:prefix": f"{OTHER}/"}),
    (FLOW, "s3:ListBucket", DATA, {}),
    (FLOW, "ssm:GetParameter", f"{PARAMETERS}/role/job/{OTHER}", {}),
    (FLOW, "ssm:GetParameter", f"{PARAMETERS}/prefect/work_pool", {}),
    (FLOW, "ssm:GetParametersByPath", PARAMETERS, {}),
    (FLOW, "logs:GetLogEvents", f"{TRAINING_LOGS}:log-stream:student-grades-xgboost-1/algo-1-1", {}),
    (FLOW, "kms:CreateGrant", DATA_KEY, {"kms:GrantIsForAWSResource": "false"}),
    (FLOW, "cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "AWS/SageMaker"}),
    (FLOW, "s3:GetObject", "arn:aws:s3:::registry/staff/people.csv", {}),
    (FLOW, "s3:PutObject", "arn:aws:s3:::exports/2026/people.csv", {}),
    (FLOW, "s3:ListBucket", "arn:aws:s3:::registry", {"s3:prefix": "staff/"}),
    (FLOW, "s3:DeleteObject", f"{DATA}/{OWN}/validated/1/rows.parquet", {}),
    (FLOW, "s3:DeleteObject", f"{MONITORING}/{OWN}/profiles/1/profile.bin", {}),
    (FLOW, "s3:DeleteObject", f"{MONITORING}/{OTHER}/capture/1.jsonl", {}),
    (ENDPOINT, "s3:GetObject", f"{MONITORING}/{OWN}/capture/1.jsonl", {}),
    (FLOW, "glue:UpdateTable", f"{TABLES}/{OTHER}", {}),
    (FLOW, "glue:DeleteTable", f"{TABLES}/{OWN}", {}),
    (FLOW, "secretsmanager:GetSecretValue", f"{SECRETS}:registry/api-a1b2c3", {}),
    (FLOW, "kinesis:GetRecords", f"{STREAMS}/grades", {}),
    (FLOW, "kinesis:PutRecord", f"{STREAMS}/enrolments", {}),
    ("flow-student-grades", "kinesis:GetRecords", f"{STREAMS}/enrolments", {}),
    (JOB, "glue:UpdateTable", f"{TABLES}/{OWN}", {}),
    ("flow-student-grades", "s3:GetObject", "arn:aws:s3:::exports/2026/people.csv", {}),
    (JOB, "s3:GetObject", "arn:aws:s3:::exports/2026/people.csv", {}),
]  # fmt: skip


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


def test_every_role_is_in_both_lists(identity: Identity) -> None:
    named = {re.sub(r"-student-\w+$", "", role) for role in identity.roles}
    for cases in (
        [*MAY, *test_iam_services.MAY, *test_iam_ci.MAY, *test_iam_promoter.MAY],
        [*MAY_NOT, *test_iam_services.MAY_NOT, *test_iam_ci.MAY_NOT, *test_iam_promoter.MAY_NOT],
    ):
        assert {re.sub(r"-student-\w+$", "", role) for role, *_ in cases} == named


def test_every_role_but_ci_has_the_boundary(identity: Identity) -> None:
    assert {role for role, parts in identity.roles.items() if not parts.bounded} == {"ci-plan", "ci-apply"}
