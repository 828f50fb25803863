"""The registry's further features: life cycle, metadata, policies, batches, and model cards."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sagemaker_local.support import IMAGE, Bench, everything, unique
from tests.sagemaker_local.test_registry import group, register


def refused(call: Callable[[], Any]) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        call()
    found = error.value.response["Error"]
    return found["Code"], found["Message"]


def test_a_package_moves_through_its_life_cycle(bench: Bench) -> None:
    arn = register(bench, group(bench), ModelLifeCycle={"Stage": "Dev", "StageStatus": "Done"})
    staged = {"Stage": "Prod", "StageStatus": "Pending", "StageDescription": "waits for the board"}
    bench.sagemaker.update_model_package(ModelPackageArn=arn, ModelLifeCycle=staged)
    assert bench.sagemaker.describe_model_package(ModelPackageName=arn)["ModelLifeCycle"] == staged


def test_specifications_are_added_to_a_package(bench: Bench) -> None:
    arn = register(bench, group(bench))
    second = {"Name": "gpu", "Containers": [{"Image": IMAGE}]}
    bench.sagemaker.update_model_package(ModelPackageArn=arn, AdditionalInferenceSpecificationsToAdd=[second])
    package = bench.sagemaker.describe_model_package(ModelPackageName=arn)
    assert package["AdditionalInferenceSpecifications"] == [second]
    changed = {"Containers": [{"Image": IMAGE, "ModelDataUrl": "s3://b/other.tar.gz"}]}
    bench.sagemaker.update_model_package(ModelPackageArn=arn, InferenceSpecification=changed)
    assert bench.sagemaker.describe_model_package(ModelPackageName=arn)["InferenceSpecification"] == changed


def test_packages_without_a_group_keep_their_name(bench: Bench) -> None:
    name = unique("package")
    specification = {
        "Containers": [{"Image": IMAGE}],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
    }
    bench.sagemaker.create_model_package(ModelPackageName=name, InferenceSpecification=specification)
    package = bench.sagemaker.describe_model_package(ModelPackageName=name)
    assert package["ModelPackageName"] == name
    assert not {"ModelPackageVersion", "ModelPackageGroupName", "ModelApprovalStatus"} & set(package)
    listed = everything(bench.sagemaker, "list_model_packages", NameContains=name)
    assert [item["ModelPackageName"] for item in listed] == [name]


def test_packages_are_described_in_a_batch(bench: Bench) -> None:
    arn = register(bench, group(bench))
    answer = bench.sagemaker.batch_describe_model_package(ModelPackageArnList=[arn, f"{arn}9"])
    assert answer["ModelPackageSummaries"][arn]["ModelPackageVersion"] == 1
    assert list(answer["BatchDescribeModelPackageErrorMap"]) == [f"{arn}9"]


def test_a_group_keeps_a_resource_policy(bench: Bench) -> None:
    name = group(bench)
    missing = refused(lambda: bench.sagemaker.get_model_package_group_policy(ModelPackageGroupName=name))
    assert (missing[0], "Cannot find resource policy for" in missing[1]) == ("ValidationException", True)
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    bench.sagemaker.put_model_package_group_policy(ModelPackageGroupName=name, ResourcePolicy=policy)
    got = bench.sagemaker.get_model_package_group_policy(ModelPackageGroupName=name)
    assert got["ResourcePolicy"] == policy
    bench.sagemaker.delete_model_package_group_policy(ModelPackageGroupName=name)
    assert refused(lambda: bench.sagemaker.get_model_package_group_policy(ModelPackageGroupName=name)) == missing
    bad = refused(
        lambda: bench.sagemaker.put_model_package_group_policy(ModelPackageGroupName=name, ResourcePolicy="{")
    )
    assert bad[0] == "ValidationException"


def test_groups_filter_by_name_and_time(bench: Bench) -> None:
    first, second = group(bench), group(bench)

    def names(**filters: Any) -> list[str]:
        listed = everything(bench.sagemaker, "list_model_package_groups", **filters)
        return [item["ModelPackageGroupName"] for item in listed]

    created = bench.sagemaker.describe_model_package_group(ModelPackageGroupName=second)["CreationTime"]
    assert names(NameContains=first) == [first]
    assert second in names(CreationTimeAfter=created)
    assert first not in names(CreationTimeAfter=created)
    assert names(NameContains="group-", SortBy="CreationTime", SortOrder="Descending")[0] == second


def test_a_card_gets_a_version_with_each_content(bench: Bench) -> None:
    name = unique("card")
    contents = [json.dumps({"model_overview": {"model_name": str(version)}}) for version in (1, 2)]
    make = bench.sagemaker.create_model_card
    arn = make(ModelCardName=name, Content=contents[0], ModelCardStatus="Draft")["ModelCardArn"]
    assert refused(lambda: make(ModelCardName=name, Content="{}", ModelCardStatus="Draft"))[0] == "ConflictException"
    update, describe = bench.sagemaker.update_model_card, bench.sagemaker.describe_model_card
    assert update(ModelCardName=name, Content=contents[1])["ModelCardArn"] == arn
    update(ModelCardName=name, ModelCardStatus="Approved")

    newest = describe(ModelCardName=name)
    assert (newest["ModelCardVersion"], newest["Content"], newest["ModelCardStatus"]) == (2, contents[1], "Approved")
    first = describe(ModelCardName=arn, ModelCardVersion=1)
    assert (first["ModelCardVersion"], first["Content"], first["ModelCardStatus"]) == (1, contents[0], "Draft")
    versions = bench.sagemaker.list_model_card_versions(ModelCardName=name)["ModelCardVersionSummaryList"]
    assert [version["ModelCardVersion"] for version in versions] == [2, 1]
    listed = everything(bench.sagemaker, "list_model_cards", NameContains=name, ModelCardStatus="Approved")
    assert [card["ModelCardArn"] for card in listed] == [arn]

    bench.sagemaker.delete_model_card(ModelCardName=name)
    assert refused(lambda: describe(ModelCardName=name))[0] == "ResourceNotFound"
    make(ModelCardName=name, Content=contents[0], ModelCardStatus="Draft")
    assert describe(ModelCardName=name)["ModelCardVersion"] == 1


def test_a_card_refuses_what_is_no_json_or_no_card_and_two_changes_at_once(bench: Bench) -> None:
    name = unique("card")
    make = bench.sagemaker.create_model_card
    assert "JSON" in refused(lambda: make(ModelCardName=name, Content="<", ModelCardStatus="Draft"))[1]
    make(ModelCardName=name, Content="{}", ModelCardStatus="Draft")
    typo, long = {"model_overview": {"model_describtion": "x"}}, {"business_details": {"line_of_business": "x" * 2049}}
    for content, place in ((typo, "model_describtion"), (long, "#/business_details/line_of_business")):
        change = partial(bench.sagemaker.update_model_card, ModelCardName=name, Content=json.dumps(content))
        code, message = refused(change)
        assert (code, place in message) == ("ValidationException", True)
    both = {"Content": "{}", "ModelCardStatus": "Approved"}
    code, message = refused(lambda: bench.sagemaker.update_model_card(ModelCardName=name, **both))
    assert (code, "in a single call" in message) == ("ValidationException", True)
