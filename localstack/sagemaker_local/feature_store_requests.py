"""Reads requests of the Feature Store runtime: REST paths, queries and bodies, by the service model."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, unquote

from botocore.model import ListShape, OperationModel, StructureShape

from sagemaker_local import strict_json
from sagemaker_local.errors import RuntimeValidationError, ValidationException
from sagemaker_local.service_model import FEATURE_STORE_RUNTIME, input_shape, service_model
from sagemaker_local.validation import check


def read_request(actions: Iterable[str], method: str, path: str, query: str, body: bytes) -> tuple[str, dict[str, Any]]:
    """The action of a request and its checked members. `path` and `query` are still quoted.

    Raises:
        RuntimeValidationError: it is none of these actions, or breaks the service model.
    """
    operation, uri = _route(actions, method, path)
    shape = input_shape(operation.name, FEATURE_STORE_RUNTIME)
    request = _members(shape, uri, query, body)
    try:
        check(request, shape)
    except ValidationException as broken:
        raise RuntimeValidationError(broken.message) from None
    return operation.name, request


def _route(actions: Iterable[str], method: str, path: str) -> tuple[OperationModel, dict[str, str]]:
    model = service_model(FEATURE_STORE_RUNTIME)
    for name in actions:
        operation = model.operation_model(name)
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(operation.http["requestUri"]))
        match = re.fullmatch(pattern, path)
        if operation.http["method"] == method and match:
            return operation, {name: unquote(value) for name, value in match.groupdict().items()}
    raise RuntimeValidationError(f"{method} {path} is not an action of the Feature Store runtime.")


def _members(shape: StructureShape, uri: dict[str, str], query: str, body: bytes) -> dict[str, Any]:
    """The request's members, from path, query and body as in the service model."""
    request: dict[str, Any] = {**uri}
    in_query = parse_qs(query, keep_blank_values=True)
    for name, member in shape.members.items():
        place = member.serialization
        if place.get("location") == "querystring" and place["name"] in in_query:
            values = in_query[place["name"]]
            request[name] = values if isinstance(member, ListShape) else values[-1]
    try:
        members = strict_json.loads(body or b"{}")
    except strict_json.NotJson as error:
        raise RuntimeValidationError(f"Malformed Request: the body is not JSON: {error}.") from None
    if not isinstance(members, dict):
        raise RuntimeValidationError("Malformed Request: the body is not a JSON object.")
    return {**members, **request}
