"""Requests to a tracking server by its ARN. AWS's MLflow plugin sends them to one host, with the ARN in a header."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sagemaker_local.errors import AwsError, ResourceNotFound, ValidationException

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine

ARN = "x-mlflow-sm-tracking-server-arn"
_TIMEOUT = 120.0
_OF_THE_CONNECTION = (
    "authorization",
    "connection",
    "host",
    "upgrade",
    "content-length",
    "transfer-encoding",
    "keep-alive",
)
Answer = tuple[int, dict[str, str], bytes]


def forward(engine: Engine, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
    """Passes a request on to the MLflow server whose ARN it names; `target` is its path with the query.

    Raises:
        AwsError: the server does not exist or is not active, or the request has characters that HTTP doesn't allow.
    """
    record = engine.find("MlflowTrackingServer", headers[ARN])
    if record is None:
        raise ResourceNotFound(f"Tracking server {headers[ARN]} does not exist.")
    if record.body["IsActive"] != "Active":
        raise ValidationException(f"Tracking server {record.arn} is not active: it is {record.status}.")
    passed_on = {name: value for name, value in headers.items() if name not in _OF_THE_CONNECTION}
    connection = http.client.HTTPConnection(urlsplit(record.body["TrackingServerUrl"]).netloc, timeout=_TIMEOUT)
    try:
        connection.request(method, target, body or None, passed_on)
        response = connection.getresponse()
        answered = {name: value for name, value in response.getheaders() if name.lower() not in _OF_THE_CONNECTION}
        return response.status, answered, response.read()
    except ValueError as error:
        raise ValidationException(f"The request can't be passed on to {record.arn}: {error}") from None
    except (OSError, http.client.HTTPException) as error:
        return 503, {"content-type": "application/json"}, json.dumps({"message": str(error)}).encode()
    finally:
        connection.close()


def refusal(error: AwsError) -> Answer:
    """An error in the form that MLflow's clients read."""
    body = {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": error.message}
    return error.status, {"content-type": "application/json"}, json.dumps(body).encode()
