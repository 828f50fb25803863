"""Answers with prediction intervals or sets, in every format."""

import copy
import csv
import io
import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from jsonschema import Draft202012Validator

from serving import openapi
from serving.answer import answer
from serving.invocation import Answer, Invocation
from serving.media_types import ARROW_STREAM, CSV, JSON, JSON_LINES
from serving.together import answer_together
from tabular import contract_frames
from tabular.calibration.conformal import fit
from tabular.calibration.file import Calibration
from tabular.compiled.model import CompiledModel
from tests.scripts.models import ROW, rows, served_model, small_model

ROWS = [{**ROW, "hours": hours} for hours in (1.0, 18.0, 19.5, 20.5, 21.0, 40.0)]
OPTION = "intervals=true"


def calibrated(algorithm: str, coverage: float = 0.9, count: int = 1_000) -> CompiledModel:
    """The small model with quantiles of `count` other rows."""
    model, artefact = copy.copy(served_model(algorithm)), small_model(algorithm)
    frame = rows(artefact.contract, count, seed=8)
    conformal = fit(
        artefact.contract, contract_frames.outputs(artefact.contract, frame), artefact.output(frame), coverage
    )
    model.calibration = Calibration(rows=count, conformal=conformal)
    return model


def ask(model: CompiledModel, accept: str, body: Any = ROWS) -> Answer:
    return answer(model, json.dumps(body), JSON, accept)


def predictions(found: Answer) -> list[dict[str, Any]]:
    assert found.status == 200, found.body
    return list(json.loads(found.body)["predictions"])


def test_a_number_has_an_interval_around_it() -> None:
    model = calibrated("ridge")
    half = model.calibration.conformal["half_width"]  # type: ignore[union-attr, index]
    for each in predictions(ask(model, f"{JSON}; {OPTION}")):
        assert each["interval"]["low"] == pytest.approx(each["prediction"] - half)
        assert each["interval"]["high"] == pytest.approx(each["prediction"] + half)
        assert each["interval"]["coverage"] == 0.9


def test_a_class_has_a_set_with_it_and_a_row_at_the_border_has_both() -> None:
    found = predictions(ask(calibrated("logistic_regression", 0.99), f"{JSON}; {OPTION}"))
    assert all(each["prediction"] in each["set"]["classes"] and each["set"]["coverage"] == 0.99 for each in found)
    assert [each["set"]["classes"] for each in (found[0], found[3], found[-1])] == [["no"], ["no", "yes"], ["yes"]]


def test_the_class_by_the_threshold_is_in_its_set() -> None:
    model = calibrated("logistic_regression", 0.5)
    conformal = model.calibration.conformal if model.calibration else None
    model.calibration = Calibration(rows=200, threshold=1e-9, conformal=conformal)
    found = predictions(ask(model, f"{JSON}; {OPTION}"))
    assert {each["prediction"] for each in found} == {"yes"}
    assert all("yes" in each["set"]["classes"] for each in found)


@pytest.mark.parametrize("algorithm", ["logistic_regression", "ridge"])
@pytest.mark.parametrize("many", [1, 30])
def test_every_format_has_the_same_intervals(algorithm: str, many: int) -> None:
    model, body = calibrated(algorithm, 0.97), ROWS * many
    expected = predictions(ask(model, f"{JSON}; {OPTION}", body))
    lines = ask(model, f"{JSON_LINES}; {OPTION}", body).body.decode().split("\n")
    assert [json.loads(line) for line in lines] == expected
    cells = list(csv.reader(io.StringIO(ask(model, f"{CSV}; {OPTION}", body).body.decode())))
    arrow = pa.ipc.open_stream(ask(model, f"{ARROW_STREAM}; {OPTION}", body).body).read_all().to_pylist()
    for row, columns, each in zip(cells, arrow, expected, strict=True):
        if algorithm == "ridge":
            ends = [each["interval"]["low"], each["interval"]["high"]]
            assert [float(cell) for cell in row[1:]] == [columns["interval_low"], columns["interval_high"]] == ends
        else:
            members = [name in each["set"]["classes"] for name in ("no", "yes")]
            assert [cell == "1" for cell in row[3:]] == [columns["in_set_no"], columns["in_set_yes"]] == members


@pytest.mark.parametrize("algorithm", ["logistic_regression", "ridge"])
def test_rows_with_problems_have_none_and_the_other_options_are_beside_them(algorithm: str) -> None:
    model, body = calibrated(algorithm), [ROWS[0], {**ROW, "age": 99}, ROWS[1]]
    options = f"{OPTION}; on_error=row; reasons=2; version=true"
    first, bad, last = predictions(ask(model, f"{JSON}; {options}", body))
    assert list(bad) == ["error"]
    name = "interval" if algorithm == "ridge" else "set"
    assert all(name in each and len(each["reasons"]) == 2 for each in (first, last))
    widths = {len(row) for row in csv.reader(io.StringIO(ask(model, f"{CSV}; {options}", body).body.decode()))}
    assert len(widths) == 1
    table = pa.ipc.open_stream(ask(model, f"{ARROW_STREAM}; {options}", body).body).read_all()
    column = table["interval_low" if algorithm == "ridge" else "in_set_yes"]
    assert [value is None for value in column.to_pylist()] == [False, True, False]


def test_without_the_option_an_answer_is_the_same_as_before() -> None:
    for algorithm in ("logistic_regression", "ridge"):
        for accept in (JSON, JSON_LINES, CSV, ARROW_STREAM, f"{JSON}; intervals=false"):
            assert ask(calibrated(algorithm), accept) == ask(served_model(algorithm), accept)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (
            served_model("ridge"),
            "expected a model with prediction intervals or sets; found one without. Train it again",
        ),
        (calibrated("ridge", count=5), "validation rows enough for a coverage of 0.9; found one with too few"),
    ],
)
def test_a_model_without_quantiles_refuses_the_option(model: CompiledModel, words: str) -> None:
    found = ask(model, f"{JSON}; {OPTION}")
    assert found.status == 400
    assert words in json.loads(found.body)["error"]


def test_requests_that_are_answered_together_have_their_own_intervals() -> None:
    model = calibrated("ridge")
    requests = [
        Invocation(json.dumps([row]).encode(), JSON, f"{JSON}; {OPTION}" if number % 2 else JSON)
        for number, row in enumerate(ROWS)
    ]
    assert answer_together(model, requests) == [answer(model, *request) for request in requests]


@pytest.mark.parametrize("algorithm", ["logistic_regression", "ridge"])
def test_the_description_has_what_the_answer_has(algorithm: str) -> None:
    model = calibrated(algorithm)
    found = openapi.description(model.contract)
    operation = found["paths"]["/invocations"]["post"]
    assert "- `intervals`: true or false" in operation["description"]
    schema = found["components"]["schemas"]["Prediction"]
    name = "interval" if algorithm == "ridge" else "set"
    validator = Draft202012Validator({**schema["properties"][name], "components": found["components"]})
    for each in predictions(ask(model, f"{JSON}; {OPTION}")):
        validator.validate(each[name])
    assert not validator.is_valid({"coverage": 0.9})


def test_sets_of_many_rows_are_written_for_each_row() -> None:
    model = calibrated("logistic_regression", 0.99)
    hours = np.random.default_rng(1).random(500) * 40
    found = predictions(ask(model, f"{JSON}; {OPTION}", [{**ROW, "hours": value} for value in hours]))
    assert {len(each["set"]["classes"]) for each in found} == {1, 2}
    least = model.calibration.conformal["thresholds"]  # type: ignore[union-attr, index]
    for each in found:
        likely = [name for name, low in zip(("no", "yes"), least, strict=True) if each["probabilities"][name] >= low]
        assert set(likely) | {each["prediction"]} == set(each["set"]["classes"])
