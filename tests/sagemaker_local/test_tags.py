"""Tags, by ARN, on every resource."""

import pytest
from botocore.exceptions import ClientError

from tests.sagemaker_local.support import ROLE, TRAIN, Bench, unique


def listed(bench: Bench, arn: str) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in bench.sagemaker.list_tags(ResourceArn=arn)["Tags"]}


def test_tags_come_with_creation_and_are_added_replaced_and_deleted(bench: Bench) -> None:
    arn = bench.sagemaker.create_model_package_group(
        ModelPackageGroupName=unique("group"), Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    )["ModelPackageGroupArn"]
    assert listed(bench, arn) == {"a": "1", "b": "2"}
    answer = bench.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "b", "Value": "3"}, {"Key": "c", "Value": "4"}])
    assert answer["Tags"] == [{"Key": k, "Value": v} for k, v in (("a", "1"), ("b", "3"), ("c", "4"))]
    bench.sagemaker.delete_tags(ResourceArn=arn, TagKeys=["a", "not-there"])
    assert listed(bench, arn) == {"b": "3", "c": "4"}


def test_every_kind_takes_tags_and_none_shows_them_in_describe(bench: Bench) -> None:
    tags = [{"Key": "team", "Value": "ml"}]
    job = bench.train(TRAIN, Tags=tags)
    model = bench.sagemaker.describe_model(ModelName=bench.model())
    assert listed(bench, job["TrainingJobArn"]) == {"team": "ml"}
    assert "Tags" not in job
    assert listed(bench, model["ModelArn"]) == {}
    bench.sagemaker.add_tags(ResourceArn=model["ModelArn"], Tags=tags)
    assert listed(bench, model["ModelArn"]) == {"team": "ml"}
    bench.sagemaker.delete_model(ModelName=model["ModelName"])
    bench.sagemaker.create_model(
        ModelName=model["ModelName"], ExecutionRoleArn=ROLE, PrimaryContainer=model["PrimaryContainer"]
    )
    assert listed(bench, model["ModelArn"]) == {}


def test_more_than_50_tags_are_refused(bench: Bench) -> None:
    group = bench.sagemaker.create_model_package_group(ModelPackageGroupName=unique("group"))
    arn = group["ModelPackageGroupArn"]
    bench.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": str(n), "Value": ""} for n in range(50)])
    with pytest.raises(ClientError, match="over the limit of 50"):
        bench.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "one more", "Value": ""}])


def test_tags_of_what_is_not_there_are_refused(bench: Bench) -> None:
    with pytest.raises(ClientError, match="Could not find the resource"):
        bench.sagemaker.list_tags(ResourceArn="arn:aws:sagemaker:us-east-1:000000000000:model/not-there")
