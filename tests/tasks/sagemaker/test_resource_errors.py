"""What SageMaker's errors say: a resource is missing, exists already, or is being changed."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from offline_cloud import Cloud
from tasks.sagemaker.resource_errors import exists_already, is_busy, is_missing
from tests.sagemaker_local.conftest import make_bench
from tests.sagemaker_local.endpoint_support import config_of, variant
from tests.sagemaker_local.support import Bench, unique

JUDGES: dict[str, Callable[[ClientError], bool]] = {
    "missing": is_missing,
    "exists already": exists_already,
    "busy": is_busy,
}


@pytest.fixture(scope="module")
def bench(cloud: Cloud, bucket: str) -> Bench:
    return make_bench(cloud.environment)


@pytest.fixture(scope="module")
def model(bench: Bench) -> str:
    return bench.model()


@pytest.fixture(scope="module")
def creating(bench: Bench, model: str) -> Iterator[str]:
    """An endpoint that is being created, with a configuration of the same name."""
    name = unique("creating")
    bench.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant(model)])
    bench.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    yield name
    bench.settled(name)
    bench.sagemaker.delete_endpoint(EndpointName=name)


def verdicts(call: Callable[[], object]) -> list[str]:
    """What a call's error says."""
    with pytest.raises(ClientError) as refused:
        call()
    return [verdict for verdict, judge in JUDGES.items() if judge(refused.value)]


def test_a_missing_resource_is_recognized(bench: Bench) -> None:
    sagemaker = bench.sagemaker
    assert verdicts(lambda: sagemaker.describe_model(ModelName="none")) == ["missing"]
    assert verdicts(lambda: sagemaker.describe_endpoint_config(EndpointConfigName="none")) == ["missing"]
    assert verdicts(lambda: sagemaker.describe_endpoint(EndpointName="none")) == ["missing"]
    assert verdicts(lambda: sagemaker.describe_feature_group(FeatureGroupName="none")) == ["missing"]


def test_an_existing_feature_group_is_recognized(bench: Bench) -> None:
    group: Any = {
        "FeatureGroupName": unique("group"),
        "RecordIdentifierFeatureName": "id",
        "EventTimeFeatureName": "at",
        "FeatureDefinitions": [{"FeatureName": name, "FeatureType": "String"} for name in ("id", "at")],
        "OnlineStoreConfig": {"EnableOnlineStore": True},
    }
    bench.sagemaker.create_feature_group(**group)
    assert verdicts(lambda: bench.sagemaker.create_feature_group(**group)) == ["exists already"]


def test_an_existing_resource_and_one_that_is_being_changed_are_recognized(bench: Bench, creating: str) -> None:
    sagemaker, variants = bench.sagemaker, bench.sagemaker.describe_endpoint_config(EndpointConfigName=creating)
    same = {"EndpointConfigName": creating}
    assert verdicts(lambda: sagemaker.update_endpoint(EndpointName=creating, **same)) == ["busy"]
    assert verdicts(lambda: sagemaker.create_endpoint(EndpointName=creating, **same)) == ["exists already"]
    again = {**same, "ProductionVariants": variants["ProductionVariants"]}
    assert verdicts(lambda: sagemaker.create_endpoint_config(**again)) == ["exists already"]


def test_any_other_error_is_none_of_these(bench: Bench, model: str) -> None:
    assert verdicts(lambda: config_of(bench, variant(model), variant(model))) == []
    assert verdicts(lambda: bench.sagemaker.describe_model(ModelName="not a name")) == []
