"""Requests that schemathesis makes of a model server's own description, ones that fit it and ones that do not."""

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
SECONDS = 20


def operations(port: int) -> Iterator[tuple[str, st.SearchStrategy[Any]]]:
    """Each operation of the server's /openapi.json and each mode, as a name and a strategy of cases."""
    schema = schemathesis.openapi.from_url(f"http://127.0.0.1:{port}/openapi.json")
    for result in schema.get_all_operations():
        assert isinstance(result, Ok), result
        operation = result.ok()
        for mode in MODES if operation.body or operation.query or operation.headers else MODES[:1]:
            yield f"{operation.label}, {mode.value}", operation.as_strategy(generation_mode=mode)


def checked(port: int, name: str) -> Callable[[Any], tuple[str, str]]:
    """Returns a test that sends a case and checks the response by the description."""

    def test(case: Any) -> tuple[str, str]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            response = case.call(base_url=f"http://127.0.0.1:{port}", timeout=SECONDS)
            case.validate_response(response, checks=CHECKS)
        return f"openapi: {name}", "answered" if response.status_code == 200 else "refused"

    return test
