"""EC2's endpoint services where moto loses them."""

from typing import Any

import pytest
from moto.ec2.models.vpcs import DEFAULT_VPC_ENDPOINT_SERVICES

from sagemaker_local.moto_ec2 import complete_only

REGION = "xx-test-1"


def test_a_collection_of_endpoint_services_that_fails_is_made_again() -> None:
    failures = [ImportError("a module that another thread loads")]

    def collect(account: str, region: str) -> list[dict[str, Any]]:
        if region in DEFAULT_VPC_ENDPOINT_SERVICES:
            return DEFAULT_VPC_ENDPOINT_SERVICES[region]
        found = DEFAULT_VPC_ENDPOINT_SERVICES[region] = []
        if failures:
            raise failures.pop()
        found.append({"ServiceName": f"com.amazonaws.{region}.s3"})
        return found

    collected = complete_only(collect)
    try:
        with pytest.raises(ImportError):
            collected("000000000000", REGION)
        assert [each["ServiceName"] for each in collected("000000000000", REGION)] == [f"com.amazonaws.{REGION}.s3"]
    finally:
        DEFAULT_VPC_ENDPOINT_SERVICES.pop(REGION, None)
