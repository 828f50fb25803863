"""The answers of a model in each format, and as columns."""

import io
import json
from typing import Any

import pyarrow as pa
import pytest

from serving.media_types import ARROW_STREAM, CSV, JSON, JSON_LINES
from tasks.capture.answers import Refusal, columns_of, read
from tasks.capture.events import Part, Unreadable

CLASSES = ("no", "yes")
SCORED = {"prediction": "no", "probabilities": {"no": 0.75, "yes": 0.25}}
REFUSED = {"error": ["age: expected a whole number"]}


def in_arrow(rows: list[dict[str, Any]]) -> bytes:
    table, sink = pa.Table.from_pylist(rows), io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


BODIES = {
    JSON: json.dumps({"predictions": [SCORED, REFUSED]}).encode(),
    JSON_LINES: f"{json.dumps(SCORED)}\n{json.dumps(REFUSED)}\n\n".encode(),
    CSV: b'no,0.75,0.25,\n,,,"[""age: expected a whole number""]"\n',
    ARROW_STREAM: in_arrow(
        [
            {"prediction": "no", "probability_no": 0.75, "probability_yes": 0.25, "error": None},
            {"prediction": None, "probability_no": None, "probability_yes": None, **REFUSED},
        ]
    ),
}


@pytest.mark.parametrize("kind", BODIES)
def test_each_format_has_the_same_answers(kind: str) -> None:
    assert read(Part(f"{kind}; charset=utf-8", BODIES[kind]), CLASSES) == [SCORED, REFUSED]


def test_a_predicted_number_has_no_probabilities() -> None:
    numbers = [{"prediction": 3.5}, {"prediction": 4.0}]
    assert read(Part(CSV, b"3.5\n4\n"), ()) == numbers
    assert read(Part(ARROW_STREAM, in_arrow([{"prediction": 3.5}, {"prediction": 4.0}])), ()) == numbers


@pytest.mark.parametrize(("error", "failed"), [("The model failed with KeyError.", True), ("Rows: none found", False)])
def test_a_refused_request_and_a_failed_one_differ(error: str, failed: bool) -> None:
    with pytest.raises(Refusal) as raised:
        read(Part(JSON, json.dumps({"error": error, "problems": []}).encode()), CLASSES)
    assert raised.value.failed == failed


@pytest.mark.parametrize(
    ("kind", "body"),
    [(JSON, b"7"), (JSON, b"{}"), (JSON_LINES, b"{"), (CSV, b"no,many,0.25"), (CSV, b"no,0.75"), (ARROW_STREAM, b"x")],
)
def test_a_body_without_answers_is_unreadable(kind: str, body: bytes) -> None:
    with pytest.raises(Unreadable, match="expected the predictions of a model of this use case"):
        read(Part(kind, body), CLASSES)


@pytest.mark.parametrize("kind", ["image/png", "no type"])
def test_another_content_type_is_unreadable(kind: str) -> None:
    with pytest.raises(Unreadable, match=r"expected one of application/json, .*, found another content type"):
        read(Part(kind, b""), CLASSES)


def test_answers_become_columns_in_the_order_of_the_classes() -> None:
    found = columns_of([SCORED, {"prediction": "yes", "probabilities": {"yes": 1, "no": 0}}], CLASSES)
    assert {name: column.to_pylist() for name, column in found.items()} == {
        "prediction": ["no", "yes"], "probability_no": [0.75, 0.0], "probability_yes": [0.25, 1.0],
    }  # fmt: skip
    assert [column.type for column in found.values()] == [pa.string(), pa.float64(), pa.float64()]
    assert columns_of([{"prediction": 2}], ())["prediction"].equals(pa.array([2.0]))


@pytest.mark.parametrize(
    ("answer", "classes", "reason"),
    [
        ({**SCORED, "prediction": "maybe"}, CLASSES, "expected a class of the use case"),
        ({**SCORED, "probabilities": {"no": 1.0}}, CLASSES, "expected a prediction for each row"),
        ({"prediction": "no"}, CLASSES, "expected a prediction for each row"),
        ({**SCORED, "probabilities": {"no": True, "yes": 0}}, CLASSES, "expected numbers"),
        ({"prediction": "3"}, (), "expected numbers"),
        ({"prediction": float("inf")}, (), "expected finite numbers"),
    ],
)
def test_an_answer_that_is_not_of_the_use_case_is_unreadable(
    answer: dict[str, Any], classes: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(Unreadable, match=reason):
        columns_of([answer], classes)
