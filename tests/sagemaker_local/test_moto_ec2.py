"""EC2's endpoint services where a package is missing that moto imports for one of them."""

import subprocess
import sys

from tests.flows.conftest import PROJECT

ASKED = """
import sys
sys.modules["openapi_spec_validator"] = None  # as on a machine that has the packages of the locks only
from sagemaker_local.moto_services import MotoServices
services = MotoServices("000000000000")
headers = {
    "authorization": "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/ec2/aws4_request, SignedHeaders=host",
    "host": "ec2.us-east-1.amazonaws.com",
    "content-type": "application/x-www-form-urlencoded",
}
for service in ("cloudformation", "sqs", "ecr.api"):
    name = f"com.amazonaws.us-east-1.{service}"
    body = f"Action=DescribeVpcEndpointServices&Version=2016-11-15&ServiceName.1={name}".encode()
    status, _, content = services.answer("POST", "/", "", headers, body)
    print(status, name if f">{name}<" in content.decode() else content)
"""


def test_every_service_has_its_endpoint_where_a_package_of_one_is_missing() -> None:
    done = subprocess.run([sys.executable, "-c", ASKED], cwd=PROJECT, text=True, capture_output=True)
    names = ("cloudformation", "sqs", "ecr.api")
    assert done.stdout.splitlines() == [f"200 com.amazonaws.us-east-1.{name}" for name in names], done.stderr
