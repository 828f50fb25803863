"""Versions in the model registry: found, created once, and approved."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tasks import clients
from tasks.sagemaker import registry
from tests.aws_answers import answering, flows_use, refusal


@pytest.fixture
def group(bucket: str) -> str:
    name = f"group-{uuid4().hex[:10]}"
    clients.sagemaker().create_model_package_group(ModelPackageGroupName=name)
    return name


def ensure(
    group: str,
    evaluation: str,
    model: str = "s3://b/model.tar.gz",
    token: str = "",
    description: str = "a model",
    **facts: str,
) -> str:
    return registry.ensure_package(
        group,
        token or f"token-{uuid4().hex[:20]}",
        description=description,
        model=model,
        evaluation_uri="s3://b/evaluation.json",
        facts={registry.EVALUATION: evaluation, **facts},
    )


def versions(group: str) -> list[int]:
    return [package["ModelPackageVersion"] for package in registry.newest_packages(group)]


def test_a_package_is_found_by_its_evaluation_after_its_token_has_expired(group: str) -> None:
    arn = ensure(group, "one", token="first")
    assert ensure(group, "one", token="second") == arn
    assert versions(group) == [1]
    assert ensure(group, "two") != arn
    assert registry.find_evaluated(group, "s3://b/another.tar.gz", "one") is None
    found = registry.find_evaluated(group, "s3://b/model.tar.gz", "one")
    assert found
    assert found["ModelPackageArn"] == arn


def test_a_token_used_with_other_facts_finds_the_package_or_raises(group: str) -> None:
    first = f"token-{uuid4().hex[:20]}"
    arn = ensure(group, "one", token=first, run="a")
    assert ensure(group, "one", token=first, run="b") == arn
    with pytest.raises(ClientError, match="ConflictException"):
        ensure(group, "two", token=first)


def test_calls_at_once_with_one_token_create_one_package(group: str) -> None:
    token = f"token-{uuid4().hex[:20]}"
    with ThreadPoolExecutor() as threads:
        found = set(threads.map(lambda run: ensure(group, "one", token=token, run=str(run)), range(4)))
    assert (len(found), versions(group)) == (1, [1])


def test_a_group_that_does_not_exist_has_no_packages(bucket: str) -> None:
    assert registry.newest_packages("no-such-group") == []
    assert registry.newest_approved("no-such-group") is None
    assert registry.find_version("no-such-group", 1) is None


def test_the_newest_approved_package_is_found_behind_newer_rejected_ones(group: str) -> None:
    arns = [ensure(group, str(number)) for number in range(3)]
    assert registry.newest_approved(group) is None
    registry.set_status(arns[0], "Approved", "good")
    registry.set_status(arns[2], "Rejected", "bad")
    found: Any = registry.newest_approved(group)
    assert (found["ModelPackageArn"], found["ApprovalDescription"]) == (arns[0], "good")
    assert (registry.find_version(group, 2) or {})["ModelPackageArn"] == arns[1]
    assert registry.find_version(group, 4) is None


def test_the_newest_approved_package_is_found_behind_more_than_a_page_of_others(group: str) -> None:
    first = ensure(group, "first")
    registry.set_status(first, "Approved", "good")
    container: Any = {"Image": "image", "ModelDataUrl": "s3://b/model.tar.gz"}
    with ThreadPoolExecutor() as threads:
        for _ in range(registry.NEWEST):
            threads.submit(
                clients.sagemaker().create_model_package,
                ModelPackageGroupName=group,
                InferenceSpecification={"Containers": [container]},
            )
    found = registry.newest_approved(group)
    assert found
    assert found["ModelPackageArn"] == first


@pytest.mark.parametrize(
    "call",
    [
        lambda: registry.newest_approved("one"),
        lambda: registry.find_version("one", 1),
        lambda: registry.find_package("arn:aws:sagemaker:us-east-1:000000000000:model-package/one/1"),
    ],
)
def test_only_a_missing_group_or_package_is_none_and_another_refusal_is_raised(call: Any) -> None:
    invalid = refusal("ValidationException", "1 validation error detected: Value '' at 'maxResults' failed")
    absent = refusal("ValidationException", "ModelPackageGroup arn:aws:sagemaker:us-east-1:0:x/one does not exist.")
    with answering(invalid) as fake, flows_use("SAGEMAKER", fake.url), pytest.raises(ClientError, match="validation"):
        call()
    with answering(absent) as fake, flows_use("SAGEMAKER", fake.url):
        assert call() is None


def test_descriptions_are_one_line_within_aws_s_limit_and_empty_facts_are_left_out(group: str) -> None:
    arn = ensure(group, "one", description="a\nmodel " + "x" * 2000, mlflow_run_id="")
    package = registry.describe_package(arn)
    assert package["ModelPackageDescription"].startswith("a model x")
    assert len(package["ModelPackageDescription"]) == 1024
    assert registry.facts_of(package) == {registry.EVALUATION: "one"}
    registry.set_status(arn, "Rejected", "roc_auc ≥ 0.6:\nfound 0.55")
    assert registry.describe_package(arn)["ApprovalDescription"] == "roc_auc ≥ 0.6: found 0.55"


def test_a_status_that_vishwaops_has_not_set_is_a_persons(group: str) -> None:
    arn = ensure(group, "one")
    assert not registry.decided_by_person(registry.describe_package(arn))
    registry.set_status(arn, "Approved", "x" * 2000)
    package = registry.describe_package(arn)
    assert (len(package["ApprovalDescription"]), registry.decided_by_person(package)) == (1024, False)
    clients.sagemaker().update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Rejected")
    assert registry.decided_by_person(registry.describe_package(arn))
