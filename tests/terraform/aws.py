"""Clients of one cloud among several."""

from collections.abc import Mapping
from typing import Any

import boto3


def client(service: str, environment: Mapping[str, str]) -> Any:
    """A client of the cloud that these variables name; this process's own variables are ignored."""

    def at(url: str) -> Any:
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, region_name="us-east-1", endpoint_url=url, **keys)  # type: ignore[call-overload]

    made = at(environment["AWS_ENDPOINT_URL"])
    own = environment.get("AWS_ENDPOINT_URL_" + made.meta.service_model.service_id.upper().replace(" ", "_"))
    return at(own) if own else made
