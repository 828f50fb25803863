"""Endpoints that do not exist, fail, or refuse a request."""

from uuid import uuid4

import pytest

from config.errors import InvalidRows, JobFailed
from config.profile import active_profile
from offline_cloud import Cloud
from tasks import clients
from tasks.platform import platform
from tasks.sagemaker import endpoints
from tests.endpoints import serving
from tests.scripts.models import small_model


def test_an_endpoint_that_does_not_exist_is_none(bucket: str) -> None:
    assert endpoints.find_endpoint("no-such-endpoint") is None


def test_a_request_that_the_model_refuses_is_its_sender_s_error_and_any_other_the_endpoints(
    cloud: Cloud, bucket: str
) -> None:
    with serving(cloud, small_model()) as name:
        answer = endpoints.invoke(name, b"age,hours,colour,origin\n15,39,red,yes\n", "text/csv", "text/csv")
        assert answer.startswith(b"yes")
        with pytest.raises(InvalidRows, match="age"):
            endpoints.invoke(name, b"age,hours,colour,origin\n99,39,red,yes\n", "text/csv", "text/csv")
    with pytest.raises(JobFailed, match=f"endpoint {name}: "):
        endpoints.invoke(name, b"", "text/csv", "text/csv")


def test_an_endpoint_that_does_not_come_up_is_named_with_its_reason_and_created_again_afterwards(bucket: str) -> None:
    name, sagemaker = f"broken-{uuid4().hex[:8]}", clients.sagemaker()
    sagemaker.create_model(
        ModelName=name,
        ExecutionRoleArn="arn:aws:iam::000000000000:role/tester",
        PrimaryContainer={
            "Image": platform().image(active_profile().image),
            "ModelDataUrl": f"s3://{bucket}/no/model.tar.gz",
        },
    )
    variant = {"VariantName": "v", "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])  # type: ignore[list-item]
    try:
        for _ in range(2):
            with pytest.raises(JobFailed, match=f"endpoint {name}: expected InService, found Failed: .*model.tar.gz"):
                endpoints.put_endpoint(name, name, [], {})
    finally:
        sagemaker.delete_endpoint(EndpointName=name)
