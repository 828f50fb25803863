"""The description of a model's interface: it is valid, and its examples are requests that the model answers."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from config.settings import PROJECT
from config.use_case import load_use_case
from serving import openapi
from serving.answer import answer
from serving.examples import example_row, example_value
from serving.media_types import CSV, JSON
from serving.model import Model
from serving.row_schema import column_schema, row_schema
from tabular.checked import check_columns
from tabular.columns import Column
from tabular.contract import Contract
from tasks.model_contract import contract
from tests.scripts.models import ALGORITHMS, FEATURES, ROW, served_model

CASES = sorted(path.stem for path in (PROJECT / "config" / "use_cases").glob("*.yaml"))
"""The use cases of the project."""


def accepts(columns: tuple[Column, ...], row: dict[str, Any]) -> bool:
    cells = {name: np.array([value], dtype=object) for name, value in row.items()}
    return not check_columns(cells, columns, 1).bad_rows.any()


@pytest.mark.parametrize("name", CASES)
def test_the_description_of_a_use_case_is_valid_and_its_example_fits_contract_and_schema(name: str) -> None:
    import schemathesis  # here, so that only the worker that runs it imports it

    terms = contract(load_use_case(name))
    found = openapi.description(terms)
    validate(found)
    schemathesis.openapi.from_dict(found).validate()
    row = found["paths"]["/invocations"]["post"]["requestBody"]["content"][JSON]["example"]["instances"][0]
    assert accepts(terms.features, row)
    Draft202012Validator(row_schema(terms), format_checker=Draft202012Validator.FORMAT_CHECKER).validate(row)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_examples_are_requests_that_the_model_answers_as_described(algorithm: str) -> None:
    model: Model = served_model(algorithm)
    found = openapi.description(model.contract)
    operation = found["paths"]["/invocations"]["post"]
    answered = operation["responses"]["200"]["content"][JSON]["schema"]
    validator = Draft202012Validator({**answered, "components": found["components"]})
    for kind, content in operation["requestBody"]["content"].items():
        if "example" in content:
            body = content["example"] if isinstance(content["example"], str) else json.dumps(content["example"])
            response = answer(model, body, kind, "application/json; on_error=row; version=true")
            assert response.status == 200, response.body
            validator.validate(json.loads(response.body))
            assert b"error" not in response.body
    validator.validate(operation["responses"]["200"]["content"][JSON]["example"])
    bad = answer(model, json.dumps([{**ROW, "age": 99}]), JSON, "application/json; on_error=row").body
    validator.validate(json.loads(bad))


@pytest.mark.parametrize("column", FEATURES, ids=lambda column: column.name)
def test_the_schema_of_a_column_accepts_what_the_contract_accepts(column: Column) -> None:
    validator = Draft202012Validator(column_schema(column))
    values: list[Any] = [9, 10, 30, 31, 15.5, None, "red", "green", "blue", "yes", "no", -1e300, []]
    plain = [value for value in values if not isinstance(value, str) or column.type == "category"]
    assert [value for value in plain if validator.is_valid(value)] == [
        value for value in plain if accepts((column,), {column.name: value})
    ]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (Column("a", "integer", minimum=0, maximum=1, missing=("0",)), 1),
        (Column("a", "integer", maximum=-5), -5),
        (Column("a", "number", minimum=0.001, maximum=0.002), 0.0015),
        (Column("a", "category", categories=("?", "b"), missing=("?",)), "b"),
        (Column("a", "text", max_length=3), "som"),
        (Column("a", "date", format="%d/%m/%Y"), "15/01/2024"),
        (Column("a", "date", minimum=datetime(2024, 1, 1, 12), maximum=datetime(2024, 1, 2)), "2024-01-02"),
        (
            Column("a", "datetime", maximum=datetime(2024, 1, 2), missing=("2024-01-02T00:00:00",)),
            "2024-01-01T00:00:00",
        ),
        (Column("a", "integer", minimum=5, maximum=5, missing=("5",), nullable=True), None),
    ],
)
def test_an_example_is_within_the_bounds_and_not_a_marker_of_a_missing_value(column: Column, expected: Any) -> None:
    assert example_value(column) == expected


def test_a_column_without_a_valid_value_has_no_example() -> None:
    with pytest.raises(ValueError, match="column 'a': expected a value that fits, found none"):
        example_value(Column("a", "integer", minimum=5, maximum=5, missing=("5",)))


def test_the_description_of_a_model_s_folder_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    terms = served_model().contract
    (tmp_path / "contract.json").write_text(terms.json())
    openapi.main([str(tmp_path)])
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(openapi.description(terms)))
    with pytest.raises(SystemExit):
        openapi.main([str(tmp_path / "absent")])
    assert "found no contract.json in it" in capsys.readouterr().err


def test_an_example_has_each_feature_and_csv_is_described(tmp_path: Path) -> None:
    terms: Contract = served_model().contract
    assert list(example_row(terms)) == [column.name for column in FEATURES]
    example = openapi.description(terms)["paths"]["/invocations"]["post"]["requestBody"]["content"][CSV]["example"]
    assert example.splitlines()[0] == "age,hours,colour,origin"
