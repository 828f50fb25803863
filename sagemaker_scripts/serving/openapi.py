"""Describes the interface of a model as OpenAPI 3.1, from its contract.

`python -m serving.openapi FOLDER` prints the description of the model in a folder.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from serving.answer_schema import example_prediction, schemas
from serving.examples import example_row
from serving.media_types import ARROW_FILE, ARROW_STREAM, CSV, JSON, JSON_LINES, PARQUET
from serving.negotiation import PARAMETERS
from serving.readers.request_rows import MOST_BYTES, MOST_ROWS
from serving.row_schema import row_schema
from tabular.contract import FILE, Contract

REFUSALS = {
    400: "The body is not rows, a row does not fit the contract, or an option is invalid.",
    406: "The Accept header has no media type that can be produced.",
    413: "The body is too large.",
    415: "The content type or its charset is not supported.",
}
BUSY = {429: "Too many requests wait. Send it again later.", 503: "The server starts or stops. Send it again later."}
TIMEOUT = {504: "The model took too long."}
_TEXT_SCHEMA = {"type": "string"}
_BINARY_SCHEMA = {"type": "string", "format": "binary"}


def description(contract: Contract, version: str = "1") -> dict[str, Any]:
    """Return the description of a model with this contract. `version` is the one of the description's `info`."""
    return {
        "openapi": "3.1.0",
        "info": {"title": contract.use_case, "version": version, "description": _purpose(contract)},
        "paths": {
            "/invocations": {"post": _invocations(contract)},
            "/ping": {"get": _ping()},
            "/metrics": {"get": _get("metrics", "Returns metrics in Prometheus' text format.", "text/plain")},
            "/openapi.json": {"get": _get("openapi", "Returns this description.", JSON)},
        },
        "components": {"schemas": {"Row": row_schema(contract), **schemas(contract)}},
    }


def _purpose(contract: Contract) -> str:
    what = f"one of {', '.join(contract.classes)}" if contract.classes else "a number"
    return f"Predicts {contract.target}: {what}."


def _invocations(contract: Contract) -> dict[str, Any]:
    return {
        "operationId": "invocations",
        "summary": f"Predicts {contract.target} for rows.",
        "description": _options_text(),
        "requestBody": {"required": True, "content": _request_content(contract)},
        "responses": {
            "200": {"description": "A prediction for each row, in order.", "content": _answer_content(contract)},
            **_refusals(REFUSALS),
            **_refusals(BUSY, headers={"Retry-After": {"schema": {"type": "integer"}, "description": "In seconds."}}),
            **_refusals(TIMEOUT),
        },
    }


def _options_text() -> str:
    """Describe the options: OpenAPI has no place for parameters of the Accept header."""
    options = "\n".join(f"- `{name}`: {each.expected}" for name, each in PARAMETERS.items())
    return (
        "The Accept header chooses the format of the response. Its media type takes options as parameters, such as "
        f"`application/json; on_error=row; reasons=3; version=true; intervals=true`:\n{options}\n\n"
        f"A request has at most {MOST_ROWS:,} rows, and {MOST_BYTES:,} bytes after decoding."
    )


def _request_content(contract: Contract) -> dict[str, Any]:
    row = example_row(contract)
    rows = {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/Row"}}
    whole = {"type": "object", "required": ["instances"], "properties": {"instances": rows}}
    return {
        JSON: {"schema": {"oneOf": [whole, rows]}, "example": {"instances": [row]}},
        JSON_LINES: {"schema": _TEXT_SCHEMA, "example": json.dumps(row)},
        CSV: {"schema": _TEXT_SCHEMA, "example": _as_csv(row.keys(), row.values())},
        **{kind: {"schema": _BINARY_SCHEMA} for kind in (PARQUET, ARROW_STREAM, ARROW_FILE)},
    }


def _as_csv(*rows: Iterable[Any]) -> str:
    lines = io.StringIO()
    csv.writer(lines, lineterminator="\n").writerows(rows)
    return lines.getvalue()


def _answer_content(contract: Contract) -> dict[str, Any]:
    prediction = example_prediction(contract)
    values = [prediction["prediction"], *prediction.get("probabilities", {}).values()]
    reference = {"$ref": "#/components/schemas/Predictions"}
    return {
        JSON: {"schema": reference, "example": {"predictions": [prediction]}},
        JSON_LINES: {"schema": _TEXT_SCHEMA, "example": json.dumps(prediction)},
        CSV: {"schema": _TEXT_SCHEMA, "example": _as_csv(values)},
        ARROW_STREAM: {"schema": _BINARY_SCHEMA},
    }


def _refusals(reasons: Mapping[int, str], headers: Mapping[str, Any] | None = None) -> dict[str, Any]:
    content = {JSON: {"schema": {"$ref": "#/components/schemas/Refusal"}}}
    extra = {"headers": headers} if headers else {}
    return {str(status): {"description": why, "content": content, **extra} for status, why in reasons.items()}


def _ping() -> dict[str, Any]:
    responses = {"200": {"description": "The model is loaded."}, **_refusals({503: BUSY[503]})}
    return {"operationId": "ping", "summary": "Reports whether the server is ready.", "responses": responses}


def _get(name: str, summary: str, kind: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object"} if kind == JSON else _TEXT_SCHEMA
    found = {"description": summary, "content": {kind: {"schema": schema}}}
    return {"operationId": name, "summary": summary, "responses": {"200": found, **_refusals({503: BUSY[503]})}}


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the description of the model in a folder."""
    import argparse  # a model server imports this module, and needs no command line

    parser = argparse.ArgumentParser(prog="python -m serving.openapi", description="Describe a model as OpenAPI 3.1.")
    parser.add_argument("folder", type=Path, help=f"the model's folder, with its {FILE}")
    folder = parser.parse_args(arguments).folder
    if not (folder / FILE).is_file():
        parser.error(f"{folder}: expected the folder of a model, found no {FILE} in it")
    print(json.dumps(description(Contract.read(folder)), indent=2))


if __name__ == "__main__":
    main()
