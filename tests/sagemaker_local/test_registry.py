"""The model registry: versions, approval, metadata, and models from packages."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sagemaker_local.support import IMAGE, INFERENCE, ROLE, Bench, archive, everything, unique


def group(bench: Bench) -> str:
    name = unique("group")
    bench.sagemaker.create_model_package_group(ModelPackageGroupName=name, ModelPackageGroupDescription="scores")
    return name


def register(bench: Bench, name: str, **more: Any) -> str:
    data = bench.put(f"{name}/model.tar.gz", archive(slope_json="7.0", code__inference=INFERENCE))
    environment = {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}
    container = {"Image": IMAGE, "ModelDataUrl": data, "Environment": environment}
    specification = {"Containers": [container], "SupportedContentTypes": ["text/csv"]}
    answer = bench.sagemaker.create_model_package(
        ModelPackageGroupName=name, InferenceSpecification=specification, **more
    )
    return str(answer["ModelPackageArn"])


def test_versions_number_upwards_and_are_never_used_again(bench: Bench) -> None:
    name = group(bench)
    arns = [register(bench, name) for _ in range(3)]
    assert [arn.rsplit("/", 1)[1] for arn in arns] == ["1", "2", "3"]
    bench.sagemaker.delete_model_package(ModelPackageName=arns[2])
    assert register(bench, name).endswith("/4")


def test_a_package_describes_what_was_registered(bench: Bench) -> None:
    name = group(bench)
    arn = register(bench, name, CustomerMetadataProperties={"rows": "3010"})
    package = bench.sagemaker.describe_model_package(ModelPackageName=arn)
    assert (package["ModelPackageGroupName"], package["ModelPackageVersion"]) == (name, 1)
    assert package["ModelApprovalStatus"] == "PendingManualApproval"
    assert package["ModelPackageStatus"] == "Completed"
    assert package["InferenceSpecification"]["Containers"][0]["Image"] == IMAGE
    assert package["CustomerMetadataProperties"] == {"rows": "3010"}
    assert "ValidationSpecification" not in package


def test_approval_and_metadata_change_by_update(bench: Bench) -> None:
    arn = register(bench, group(bench), CustomerMetadataProperties={"a": "1", "b": "2"})
    bench.sagemaker.update_model_package(
        ModelPackageArn=arn,
        ModelApprovalStatus="Approved",
        ApprovalDescription="beats the champion",
        CustomerMetadataProperties={"c": "3"},
        CustomerMetadataPropertiesToRemove=["a"],
    )
    package = bench.sagemaker.describe_model_package(ModelPackageName=arn)
    assert (package["ModelApprovalStatus"], package["ApprovalDescription"]) == ("Approved", "beats the champion")
    assert package["CustomerMetadataProperties"] == {"b": "2", "c": "3"}
    assert package["LastModifiedTime"] >= package["CreationTime"]


def test_lists_filter_by_group_and_approval_and_sort(bench: Bench) -> None:
    name = group(bench)
    first, second, third = (register(bench, name) for _ in range(3))
    bench.sagemaker.update_model_package(ModelPackageArn=second, ModelApprovalStatus="Approved")

    def listed(**filters: Any) -> list[str]:
        return [package["ModelPackageArn"] for package in everything(bench.sagemaker, "list_model_packages", **filters)]

    assert listed(ModelPackageGroupName=name) == [first, second, third]
    assert listed(ModelPackageGroupName=name, SortOrder="Descending") == [third, second, first]
    assert listed(ModelPackageGroupName=name, ModelApprovalStatus="Approved") == [second]
    arn = bench.sagemaker.describe_model_package_group(ModelPackageGroupName=name)["ModelPackageGroupArn"]
    assert listed(ModelPackageGroupName=arn) == [first, second, third]
    assert not {first, second, third} & set(listed(MaxResults=100))


def test_packages_are_found_by_group_and_approval(bench: Bench) -> None:
    name = group(bench)
    first, second, third = (register(bench, name, CustomerMetadataProperties={"run": f"r{n}"}) for n in range(3))
    for arn in (first, third):
        bench.sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")

    def found(*filters: tuple[str, str], **more: Any) -> list[str]:
        of_group = [("ModelPackageGroupName", name), *filters]
        expression = {"Filters": [{"Name": key, "Operator": "Equals", "Value": value} for key, value in of_group]}
        answer = bench.sagemaker.search(Resource="ModelPackage", SearchExpression=expression, **more)
        return [each["ModelPackage"]["ModelPackageArn"] for each in answer["Results"]]

    by_creation = {"SortBy": "CreationTime", "SortOrder": "Ascending"}
    assert found(**by_creation) == [first, second, third]
    assert found(("ModelApprovalStatus", "Approved"), **by_creation) == [first, third]
    assert found(("ModelApprovalStatus", "PendingManualApproval")) == [second]
    assert found(("CustomerMetadataProperties.run", "r2")) == [third]


def test_a_model_from_a_package_serves_it_once_it_is_approved(bench: Bench) -> None:
    arn = register(bench, group(bench))
    request: dict[str, Any] = {
        "ModelName": unique("model"),
        "ExecutionRoleArn": ROLE,
        "PrimaryContainer": {"ModelPackageName": arn, "Environment": {"MORE": "yes"}},
    }
    with pytest.raises(ClientError, match="its ModelApprovalStatus is PendingManualApproval"):
        bench.sagemaker.create_model(**request)
    bench.sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    bench.sagemaker.create_model(**request)
    name = bench.endpoint(bench.config(v=(request["ModelName"], 1.0)))
    assert bench.invoke(name) == "7.0"
    bench.sagemaker.delete_endpoint(EndpointName=name)


def test_a_group_is_deleted_only_when_it_is_empty(bench: Bench) -> None:
    name = group(bench)
    arn = register(bench, name)
    with pytest.raises(ClientError) as refused:
        bench.sagemaker.delete_model_package_group(ModelPackageGroupName=name)
    assert refused.value.response["Error"]["Code"] == "ConflictException"
    bench.sagemaker.delete_model_package(ModelPackageName=arn)
    bench.sagemaker.delete_model_package_group(ModelPackageGroupName=name)
    with pytest.raises(ClientError, match="does not exist"):
        bench.sagemaker.describe_model_package_group(ModelPackageGroupName=name)


def test_a_group_that_is_there_and_one_that_is_not(bench: Bench) -> None:
    name = group(bench)
    with pytest.raises(ClientError, match="Model Package Group already exists"):
        bench.sagemaker.create_model_package_group(ModelPackageGroupName=name)
    with pytest.raises(ClientError, match=r"ModelPackageGroup .*nope does not exist"):
        register(bench, "nope")
