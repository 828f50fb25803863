"""Who promotes a model: the promoter's role here, and the other environment's policies that name it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.terraform.iam import Request, Statement, allowed, trusted
from tests.terraform.iam_names import (
    DATA_KEY,
    HERE,
    IN_REGION,
    LOGS,
    PARAMETERS,
    ROLES,
    SAGEMAKER,
    SIGNING_KEY,
    TO_SAGEMAKER,
    Case,
    through,
)
from tests.terraform.planned_roles import Identity
from tests.terraform.terraform_runs import copy_sources, planned_resources, terraform

PROMOTER = "promoter"
SELF = {"aws:PrincipalArn": f"{ROLES}-promoter"}
OWN_DATA, OWN_ARTEFACTS = "arn:aws:s3:::dev-data/student_grades", "arn:aws:s3:::dev-artefacts/student_grades"
DATA, ARTEFACTS = "arn:aws:s3:::other-data/student_grades", "arn:aws:s3:::other-artefacts/student_grades"
THEIRS = "arn:aws:sagemaker:us-east-1:999999999999"
THEIR_KEY = "arn:aws:kms:us-east-1:999999999999:key/other"
THEIR_SIGNING_KEY = "arn:aws:kms:us-east-1:999999999999:key/their-signing"
PACKAGE = f"{THEIRS}:model-package/student-grades/3"
OWN_PACKAGE = f"{SAGEMAKER}:model-package/student-grades/1"
ARCHIVE = f"{ARTEFACTS}/jobs/student-grades-ridge-0a1b/output/model.tar.gz"

READS: list[Case] = [
    (PROMOTER, "sagemaker:DescribeModelPackage", PACKAGE, IN_REGION),
    (PROMOTER, "s3:GetObject", ARCHIVE, SELF),
    (PROMOTER, "s3:GetObject", ARCHIVE.replace("model.tar.gz", "model.sig"), SELF),
    (PROMOTER, "kms:GetPublicKey", THEIR_SIGNING_KEY, SELF),
    (PROMOTER, "s3:GetObject", f"{ARTEFACTS}/evaluations/j/evaluation.json", SELF),
    (PROMOTER, "s3:GetObject", f"{ARTEFACTS}/promoted/0a1b/model.tar.gz", SELF),
    (PROMOTER, "s3:GetObject", f"{DATA}/splits/0a1b/test/data.parquet", SELF),
    (PROMOTER, "kms:Decrypt", THEIR_KEY, {**through("s3"), **SELF}),
]  # fmt: skip
"""What belongs to the other environment."""

MAY: list[Case] = [
    *READS,
    (PROMOTER, "sagemaker:ListModelPackages", "*", IN_REGION),
    (PROMOTER, "sagemaker:CreateModelPackage", f"{SAGEMAKER}:model-package-group/student-grades", IN_REGION),
    (PROMOTER, "sagemaker:CreateModelPackage", OWN_PACKAGE, IN_REGION),
    (PROMOTER, "sagemaker:DescribeModelPackage", OWN_PACKAGE, IN_REGION),
    (PROMOTER, "sagemaker:BatchDescribeModelPackage", OWN_PACKAGE, IN_REGION),
    (PROMOTER, "s3:PutObject", f"{OWN_ARTEFACTS}/promoted/0a1b/model.tar.gz", {}),
    (PROMOTER, "s3:PutObject", f"{OWN_DATA}/splits/0a1b/train/data.parquet", {}),
    (PROMOTER, "s3:PutObject", f"{OWN_DATA}/runs/1/register.json", {}),
    (PROMOTER, "s3:PutObject", f"{OWN_DATA}/latest.json", {}),
    (PROMOTER, "s3:PutObject", f"{OWN_DATA}/audit/checkpoint", {}),
    (PROMOTER, "kms:Sign", SIGNING_KEY, {}),
    (PROMOTER, "s3:GetObject", f"{OWN_DATA}/champion.json", {}),
    (PROMOTER, "s3:ListBucket", "arn:aws:s3:::dev-data", {"s3:prefix": "student_grades/splits/0a1b/"}),
    (PROMOTER, "s3:ListBucket", "arn:aws:s3:::dev-data", {"s3:prefix": "student_grades/champion.json"}),
    (PROMOTER, "kms:GenerateDataKey", DATA_KEY, through("s3")),
    (PROMOTER, "ssm:GetParameter", f"{PARAMETERS}/model_package_group/student_grades", {}),
    (PROMOTER, "ssm:GetParameter", f"{PARAMETERS}/role/job/student_grades", {}),
]  # fmt: skip

MAY_NOT: list[Case] = [
    (PROMOTER, "s3:GetObject", f"{DATA}/table/data/1/part-00000.parquet", SELF),
    (PROMOTER, "s3:GetObject", f"{DATA}/champion.json", SELF),
    (PROMOTER, "s3:GetObject", f"{DATA}/predictions/1/predictions.parquet", SELF),
    (PROMOTER, "s3:GetObject", f"{ARTEFACTS}/jobs/j/output/output.tar.gz", SELF),
    (PROMOTER, "s3:GetObject", f"{ARTEFACTS}/code/1/sourcedir.tar.gz", SELF),
    (PROMOTER, "s3:ListBucket", "arn:aws:s3:::other-data", SELF),
    (PROMOTER, "s3:PutObject", f"{DATA}/splits/0a1b/test/data.parquet", SELF),
    (PROMOTER, "s3:DeleteObject", ARCHIVE, SELF),
    (PROMOTER, "kms:Decrypt", THEIR_KEY, SELF),
    (PROMOTER, "kms:Sign", THEIR_SIGNING_KEY, SELF),
    (PROMOTER, "kms:Encrypt", THEIR_KEY, {**through("s3"), **SELF}),
    (PROMOTER, "sagemaker:UpdateModelPackage", PACKAGE, IN_REGION),
    (PROMOTER, "sagemaker:CreateModel", f"{THEIRS}:model/student-grades-v1-0a1b2c", IN_REGION),
    (PROMOTER, "sagemaker:DescribeModelPackage", PACKAGE, {"aws:RequestedRegion": "eu-west-1"}),
    (PROMOTER, "sagemaker:UpdateModelPackage", OWN_PACKAGE, IN_REGION),
    (PROMOTER, "sagemaker:DeleteModelPackage", OWN_PACKAGE, IN_REGION),
    (PROMOTER, "sagemaker:CreateModelPackage", f"{SAGEMAKER}:model-package-group/another-teams", IN_REGION),
    (PROMOTER, "sagemaker:PutModelPackageGroupPolicy", f"{SAGEMAKER}:model-package-group/student-grades", IN_REGION),
    *((PROMOTER, f"sagemaker:{verb}", f"{SAGEMAKER}:{resource}", IN_REGION) for verb, resource in (
        ("CreateModel", "model/student-grades-v1"), ("CreateEndpointConfig", "endpoint-config/student-grades-v1"),
        ("CreateEndpoint", "endpoint/student-grades"), ("UpdateEndpoint", "endpoint/student-grades"),
        ("DeleteEndpoint", "endpoint/student-grades"), ("InvokeEndpoint", "endpoint/student-grades"),
        ("CreateTrainingJob", "training-job/student-grades-x"),
        ("CreateProcessingJob", "processing-job/student-grades-x"),
    )),
    (PROMOTER, "iam:PassRole", f"{ROLES}-endpoint-student-grades", TO_SAGEMAKER),
    (PROMOTER, "s3:PutObject", f"{OWN_DATA}/champion.json", {}),
    (PROMOTER, "s3:PutObject", f"{OWN_DATA}/results/train-1", {}),
    (PROMOTER, "s3:PutObject", f"{OWN_DATA}/table/data/1/part-00000.parquet", {}),
    (PROMOTER, "s3:PutObject", f"{OWN_ARTEFACTS}/jobs/j/output/model.tar.gz", {}),
    (PROMOTER, "s3:PutObject", f"{OWN_ARTEFACTS}/code/1/sourcedir.tar.gz", {}),
    (PROMOTER, "s3:GetObject", f"{OWN_DATA}/table/data/1/part-00000.parquet", {}),
    (PROMOTER, "s3:ListBucket", "arn:aws:s3:::dev-data", {"s3:prefix": "student_grades/datasets/"}),
    (PROMOTER, "s3:DeleteObject", f"{OWN_ARTEFACTS}/promoted/0a1b/model.tar.gz", {}),
    (PROMOTER, "kms:GenerateDataKey", DATA_KEY, {}),
    (PROMOTER, "ssm:GetParameter", f"{PARAMETERS}/prefect/work_pool", {}),
    (PROMOTER, "logs:GetLogEvents", f"{LOGS}:/aws/sagemaker/TrainingJobs:log-stream:student-grades-x/1", {}),
]  # fmt: skip


@pytest.mark.parametrize(("role", "action", "resource", "context"), MAY)
def test_the_promoter_can_promote(
    role: str, action: str, resource: str, context: dict[str, str], identity: Identity
) -> None:
    assert identity.may(role, action, resource, context)


@pytest.mark.parametrize(("role", "action", "resource", "context"), MAY_NOT)
def test_the_promoter_can_do_nothing_else(
    role: str, action: str, resource: str, context: dict[str, str], identity: Identity
) -> None:
    assert not identity.may(role, action, resource, context)


def test_no_other_role_could_ever_read_the_other_environment_s_files(identity: Identity) -> None:
    every = identity.with_every_permission()
    files = [(action, resource, context) for _, action, resource, context in READS if SELF.items() <= context.items()]
    assert len(files) == 7
    for name in [name for name, role in identity.roles.items() if role.bounded and name != PROMOTER]:
        for action, resource, context in files:
            as_itself = {**context, "aws:PrincipalArn": f"{ROLES}-{name}"}
            assert not every.may(name, action, resource, as_itself), (name, resource)


def test_the_approved_workflow_and_operators_with_mfa_take_the_role(identity: Identity) -> None:
    workflow, people = identity.roles[PROMOTER].trust
    assert [workflow] == identity.roles["ci-apply"].trust
    assert people["Principal"] == {"AWS": ["arn:aws:iam::111111111111:role/data-scientists"]}
    assert trusted({"aws:MultiFactorAuthPresent": "true"}, [people])
    assert not trusted({"aws:MultiFactorAuthPresent": "false"}, [people])


GIVING = """
mock_provider "aws" {
  override_during = plan
  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:999999999999:key/other", key_id = "other" }
  }
}

run "giving" {
  command = plan
  variables {
  database   = "vishwaops_dev"
    name       = "vishwaops-dev"
    account_id = "999999999999"
    region     = "us-east-1"
    buckets = {
      data       = "other-data"
      artefacts  = "other-artefacts"
      monitoring = "other-monitoring"
      logs       = "other-logs"
      audit      = "other-audit"
    }
    promote_to = ["%s"]
  }
}
"""


@pytest.fixture(scope="module")
def given(cli_config: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Statement]]:
    """What the other environment's buckets and keys allow the promoter."""
    module = copy_sources(tmp_path_factory.mktemp("giving")) / "modules" / "storage"
    (module / "tests" / "giving.tftest.hcl").write_text(GIVING % SELF["aws:PrincipalArn"])
    assert terraform(module, cli_config, "init", "-backend=false").returncode == 0
    run = terraform(module, cli_config, "test", "-json", "-verbose", "-filter=tests/giving.tftest.hcl")
    policies = [r["change"]["after"].get("policy") for r in planned_resources(run.stdout, "giving")]
    yield [s for policy in policies if policy for s in json.loads(policy)["Statement"] if _names_the_promoter(s)]


def _names_the_promoter(statement: Statement) -> bool:
    principal: Any = statement["Principal"]
    return isinstance(principal, dict) and principal.get("AWS") == [SELF["aws:PrincipalArn"]]


def test_the_other_environment_gives_exactly_what_the_promoter_reads(given: list[Statement]) -> None:
    assert len(given) == 4
    for _, action, resource, context in READS:
        if not action.startswith("sagemaker:"):
            assert allowed(Request(action, resource, context), given), resource
    for _, action, resource, context in MAY_NOT:
        if "other" in resource:
            assert not allowed(Request(action, resource, context), given), resource


def test_dev_s_roles_reach_nothing_of_the_environment_that_receives(identity: Identity) -> None:
    """The same roles, of the account that gives: no policy of theirs names another account's resources."""
    receiving = "arn:aws:s3:::prod-data/student_grades/splits/0a1b/test/data.parquet"
    prod = HERE.replace("111111111111", "222222222222")
    for name, role in identity.roles.items():
        if role.bounded and name != PROMOTER:
            for action in ("s3:GetObject", "s3:PutObject"):
                assert not identity.with_every_permission().may(name, action, receiving), name
            assert not identity.may(name, "kms:Decrypt", f"arn:aws:kms:{prod}:key/data", through("s3")), name
            package = f"arn:aws:sagemaker:{prod}:model-package/student-grades/1"
            assert not identity.may(name, "sagemaker:UpdateModelPackage", package, IN_REGION), name
