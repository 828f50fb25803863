"""Thirty use cases with the longest names: their roles fit IAM's limits, and reach nothing of another use case."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.terraform.iam import Request
from tests.terraform.planned_roles import Identity, plan_roles, size

NAME = "vishwaops-" + "e" * 20
DATABASE = f"vishwaops_{'e' * 20}"
USE_CASES = [f"use_case_of_long_name_{number:02}" for number in range(30)]
ACCOUNT = "111111111111"
SPARK_ACCOUNT = "173754725891"
LONGEST_OWN, LONGEST_MANAGED = 10_240, 6_144
"""IAM User Guide, "IAM and AWS STS quotas": the characters of a role's own policies, and of a managed policy."""
SAGEMAKER = [
    ("CreateTrainingJob", "training-job/{}-x"),
    ("StopProcessingJob", "processing-job/{}-x"),
    ("DescribeTransformJob", "transform-job/{}-x"),
    ("StopHyperParameterTuningJob", "hyper-parameter-tuning-job/{}-x"),
    ("CreateModel", "model/{}-v1"),
    ("DeleteEndpointConfig", "endpoint-config/{}-v1-0a1b2c"),
    ("UpdateEndpoint", "endpoint/{}"),
    ("InvokeEndpoint", "endpoint/{}"),
    ("CreateEndpoint", "endpoint/contract-{}"),
    ("CreateModelPackage", "model-package-group/{}"),
    ("UpdateModelPackage", "model-package/{}/1"),
    ("DescribeModelPackage", "model-package/{}/1"),
    ("GetRecord", "feature-group/{}-x"),
    ("PutRecord", "feature-group/{}-x"),
    ("AddTags", "training-job/{}-x"),
]
"""Actions and resources of each use case; {} is its slug."""
KINDS = ("flow", "job", "endpoint", "features")


@pytest.fixture(scope="module")
def thirty(sources: Path, cli_config: Path) -> Identity:
    purposes = ("data", "artefacts", "monitoring", "logs", "audit")
    return plan_roles(
        sources / "modules" / "identity",
        cli_config,
        name=NAME,
        use_cases=USE_CASES,
        feature_stores=USE_CASES,
        feature_references={USE_CASES[4]: [{"use_case": USE_CASES[5], "group": "people"}]},
        database=DATABASE,
        source_buckets={use_case: [f"{slug(use_case)}-exports"] for use_case in USE_CASES[:5]},
        references={USE_CASES[1]: [USE_CASES[2]]},
        spark=[USE_CASES[3]],
        spark_image_account_id=SPARK_ACCOUNT,
        source_secrets={use_case: [f"{slug(use_case)}/database"] for use_case in USE_CASES[:2]},
        source_streams={USE_CASES[0]: [f"{slug(USE_CASES[0])}-results"]},
        buckets={purpose: f"{NAME}-{purpose}-{ACCOUNT}" for purpose in purposes},
        state_bucket=f"{NAME}-state-{ACCOUNT}",
        parameter_prefix=f"/vishwaops/{'e' * 20}",
        metric_namespace=f"vishwaops/{'e' * 20}",
        data_key_arn=f"arn:aws:kms:us-east-1:{ACCOUNT}:key/0b0b0b0b-1111-2222-3333-444444444444",
        operations_key_arn=f"arn:aws:kms:us-east-1:{ACCOUNT}:key/0c0c0c0c-1111-2222-3333-444444444444",
        signing_key_arn=f"arn:aws:kms:us-east-1:{ACCOUNT}:key/0d0d0d0d-1111-2222-3333-444444444444",
    )


def slug(use_case: str) -> str:
    return use_case.replace("_", "-")


def test_every_policy_fits_iam_s_limits(thirty: Identity) -> None:
    assert all(len(use_case) == 24 for use_case in USE_CASES)
    assert {f"{kind}-{slug(use_case)}" for kind in KINDS for use_case in USE_CASES} < thirty.roles.keys()
    assert {name: role.size for name, role in thirty.roles.items() if role.size > LONGEST_OWN} == {}
    managed = {address: size(policy) for address, policy in thirty.managed.items()}
    assert {address: found for address, found in managed.items() if found > LONGEST_MANAGED} == {}


def test_a_role_s_policy_does_not_grow_with_the_number_of_use_cases(thirty: Identity, identity: Identity) -> None:
    names = len(NAME) - len("vishwaops-dev")
    few, many = identity.roles["ci-apply"], thirty.roles["ci-apply"]
    assert len(few.policy) == len(many.policy)
    assert many.size < few.size + 100 * names


@pytest.mark.parametrize("role", ["ci-plan", "ci-apply", "worker", "reader"])
def test_a_new_use_case_changes_no_policy_that_ci_may_not_change(
    role: str, thirty: Identity, identity: Identity
) -> None:
    def counts(policy: Iterable[Mapping[str, Any]]) -> list[int]:
        return [len(str(each.get("Resource")).split(",")) for each in policy]

    assert counts(thirty.roles[role].policy) == counts(identity.roles[role].policy)


def resources(use_case: str) -> Iterator[Request]:
    """Calls on the resources of a use case, by their names in tasks/names.py, tasks/locations.py and Terraform."""
    own, here = slug(use_case), f"us-east-1:{ACCOUNT}"
    for kind in KINDS:
        for service in ("sagemaker", "ecs-tasks"):
            passed = {"iam:PassedToService": f"{service}.amazonaws.com"}
            yield Request("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/{NAME}-{kind}-{own}", passed)
    for name in ("role/job", "role/endpoint", "role/flow", "model_package_group", "endpoint", "guardrail_alarms"):
        yield Request("ssm:GetParameter", f"arn:aws:ssm:{here}:parameter/vishwaops/{'e' * 20}/{name}/{use_case}")
    for purpose in ("data", "artefacts", "monitoring"):
        bucket = f"arn:aws:s3:::{NAME}-{purpose}-{ACCOUNT}"
        yield Request("s3:ListBucket", bucket, {"s3:prefix": f"{use_case}/"})
        for action in ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"):
            for key in (f"{use_case}/x", f"{use_case}/features/x", f"{use_case}/capture/x", f"mlflow/{use_case}/x"):
                yield Request(action, f"{bucket}/{key}")
    for action, resource in SAGEMAKER:
        arn = f"arn:aws:sagemaker:{here}:{resource.format(own)}"
        yield Request(f"sagemaker:{action}", arn, {"aws:RequestedRegion": "us-east-1"})
    for action in ("CreateTable", "GetTable", "UpdateTable"):
        yield Request(f"glue:{action}", f"arn:aws:glue:{here}:table/{DATABASE}/{use_case}")
    yield Request(
        "logs:GetLogEvents", f"arn:aws:logs:{here}:log-group:/aws/sagemaker/TrainingJobs:log-stream:{own}-x/1"
    )
    yield Request("logs:GetLogEvents", f"arn:aws:logs:{here}:log-group:/aws/sagemaker/Endpoints/{own}:log-stream:x")


def test_a_use_case_s_roles_reach_nothing_of_another(thirty: Identity) -> None:
    first = USE_CASES[0]
    for other in USE_CASES[1:]:
        words = (other, slug(other))
        theirs = [request for kind in KINDS for request in thirty.reach(f"{kind}-{slug(other)}", words)]
        assert len(theirs) > 280
        for request in [*theirs, *resources(other)]:
            mine = [f"{kind}-{slug(first)}" for kind in KINDS]
            reached = [role for role in mine if thirty.may(role, request.action, request.resource, request.context)]
            assert reached == [], request


def test_a_use_case_s_roles_reach_what_is_its_own(thirty: Identity) -> None:
    own = USE_CASES[0]
    for kind in KINDS:
        role = f"{kind}-{slug(own)}"
        refused = [
            r for r in thirty.reach(role, (own, slug(own))) if not thirty.may(role, r.action, r.resource, r.context)
        ]
        assert refused == []


def test_a_check_may_read_the_dataset_that_it_compares_with_and_nothing_else_of_it(thirty: Identity) -> None:
    role, other, third = f"flow-{slug(USE_CASES[1])}", USE_CASES[2], USE_CASES[3]
    data = f"arn:aws:s3:::{NAME}-data-{ACCOUNT}"
    tables = f"arn:aws:glue:us-east-1:{ACCOUNT}:table/{DATABASE}"
    for key in ("latest.json", "runs/1/ingest.json", "table/data/1/part-00000.parquet"):
        assert thirty.may(role, "s3:GetObject", f"{data}/{other}/{key}", {})
        assert not thirty.may(role, "s3:PutObject", f"{data}/{other}/{key}", {})
        assert not thirty.may(role, "s3:GetObject", f"{data}/{third}/{key}", {})
    assert thirty.may(role, "glue:GetTable", f"{tables}/{other}", {})
    assert not thirty.may(role, "glue:UpdateTable", f"{tables}/{other}", {})
    assert not thirty.may(role, "s3:GetObject", f"{data}/{other}/splits/1/train/part-00000.parquet", {})


def test_a_job_of_spark_reads_its_source_and_pulls_its_image(thirty: Identity) -> None:
    image = f"arn:aws:ecr:us-east-1:{SPARK_ACCOUNT}:repository/sagemaker-spark-processing"
    source = f"arn:aws:s3:::{slug(USE_CASES[3])}-exports/rows.csv"
    part = f"arn:aws:s3:::{NAME}-data-{ACCOUNT}/{USE_CASES[3]}/table/data/1/part-00000.parquet"
    requests = [("ecr:BatchGetImage", image), ("s3:GetObject", source), ("s3:DeleteObject", part)]
    job, other = f"job-{slug(USE_CASES[3])}", f"job-{slug(USE_CASES[4])}"
    assert all(thirty.may(job, action, resource, {}) for action, resource in requests)
    assert not any(thirty.may(other, action, resource, {}) for action, resource in requests)
