"""Endpoint configs: their members, their lists, and that an endpoint outlives its config."""

import pytest
from botocore.exceptions import ClientError

from tests.sagemaker_local.support import Bench, unique


def test_a_config_describes_its_variants_with_what_aws_adds(bench: Bench) -> None:
    model = bench.model()
    name = bench.config(a=(model, 1.0), b=(model, 3.0))
    config = bench.sagemaker.describe_endpoint_config(EndpointConfigName=name)
    assert config["EndpointConfigArn"].endswith(f":endpoint-config/{name}")
    assert [(each["VariantName"], each["InitialVariantWeight"]) for each in config["ProductionVariants"]] == [
        ("a", 1.0),
        ("b", 3.0),
    ]


def test_configs_are_listed_newest_first(bench: Bench) -> None:
    model = bench.model()
    names = [bench.config(v=(model, 1.0)) for _ in range(3)]
    listed = bench.sagemaker.list_endpoint_configs(MaxResults=3)["EndpointConfigs"]
    assert [each["EndpointConfigName"] for each in listed] == names[::-1]


def test_a_deleted_config_is_gone_and_its_endpoint_answers_on(bench: Bench) -> None:
    name = bench.config(v=(bench.model(slope=3.0), 1.0))
    endpoint = bench.endpoint(name)
    bench.sagemaker.delete_endpoint_config(EndpointConfigName=name)
    with pytest.raises(ClientError, match="Could not find endpoint configuration"):
        bench.sagemaker.describe_endpoint_config(EndpointConfigName=name)
    with pytest.raises(ClientError, match="Could not find endpoint configuration"):
        bench.sagemaker.create_endpoint(EndpointName=unique("endpoint"), EndpointConfigName=name)
    assert bench.invoke(endpoint) == "3.0"
    bench.sagemaker.delete_endpoint(EndpointName=endpoint)
