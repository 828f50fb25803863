"""Captured requests and answers as scored rows, with the answers of a real model."""

import base64
import io
import json
from typing import Any

import pytest

from serving.answer import answer
from serving.media_types import ARROW_STREAM, CSV, JSON
from tasks.capture.decoding import Decoded, Decoder
from tasks.capture.files import chunks
from tasks.rows.scored_rows import schema
from tests.scripts.models import served_model
from tests.tasks.capture.captured import ACCEPTED, FEATURES, HOUR, SENT, body_of, case, line, one, row


def decoded(*lines: str, **changes: Any) -> Decoded:
    """The lines of one file, decoded."""
    [chunk] = chunks(io.BytesIO("\n".join(lines).encode()))
    found = Decoder(case(**changes)).decode(chunk.events)
    return Decoded(found.batches, found.counts, sorted([*chunk.problems, *found.problems]))


def rows_of(found: Decoded) -> list[dict[str, Any]]:
    return [each for batch in found.batches for each in batch.to_pylist()]


def predicted(numbers: list[int]) -> list[Any]:
    """What the model answers to these rows."""
    rows = [row(number) for number in numbers]
    return [
        each["prediction"]
        for each in json.loads(answer(served_model(), json.dumps(rows), JSON, "").body)["predictions"]
    ]


@pytest.mark.parametrize("accept", ACCEPTED)
@pytest.mark.parametrize("content_type", SENT)
def test_rows_of_every_format_are_read_as_the_model_read_them(content_type: str, accept: str) -> None:
    bodies = [body_of([row(number)], content_type) for number in range(5)]
    bodies.append(body_of([row(number) for number in range(5, 9)], content_type))
    found = decoded(*(line(body, content_type, accept, inference_id=f"i{n}") for n, body in enumerate(bodies)))
    assert found.problems == []
    rows = rows_of(found)
    assert [{name: each[name] for name in FEATURES} for each in rows] == [row(number) for number in range(9)]
    assert [each["row"] for each in rows] == [0, 0, 0, 0, 0, 0, 1, 2, 3]
    assert [each["inference_id"] for each in rows] == ["i0", "i1", "i2", "i3", "i4", *["i5"] * 4]
    assert [each["prediction"] for each in rows] == predicted(list(range(9)))
    assert {each["time"] for each in rows} == {HOUR}
    assert rows[0]["probability_no"] + rows[0]["probability_yes"] == pytest.approx(1)
    assert found.batches[0].schema == schema(case())


def test_requests_of_several_formats_in_one_file_keep_their_order() -> None:
    lines = [line(body_of([row(n)], SENT[n % 5]), SENT[n % 5]) for n in range(12)]
    found = decoded(*lines)
    assert [each["hours"] for each in rows_of(found)] == [row(n)["hours"] for n in range(12)]
    assert found.counts.requests == found.counts.rows == 12


@pytest.mark.parametrize("accept", [f"{kind}; on_error=row; reasons=1; intervals=false" for kind in ACCEPTED])
def test_a_row_that_the_model_refused_is_counted_and_the_others_are_scored(accept: str) -> None:
    bad = {**row(1), "age": 99}
    found = decoded(line(body_of([row(0), bad, row(2), {"age": 10}], JSON), JSON, accept))
    assert [each["row"] for each in rows_of(found)] == [0, 2]
    assert (found.counts.rows, found.counts.refused_rows, found.problems) == (2, 2, [])


def test_a_refused_request_and_a_failed_one_are_counted_apart() -> None:
    refused = json.loads(line(body_of([{"age": "old"}], JSON)))
    failed = json.loads(line(body_of([row(0)], JSON)))
    failed["captureData"]["endpointOutput"]["data"] = '{"error": "The model failed with KeyError.", "problems": []}'
    found = decoded(json.dumps(refused), json.dumps(failed), one(3))
    assert (found.counts.requests, found.counts.refused_rows, found.counts.failed, found.counts.rows) == (3, 1, 1, 1)


def changed(part: str, **members: Any) -> str:
    """A line with other members of its input, output, metadata or whole."""
    content = json.loads(one(0))
    where = {"whole": content, "metadata": content["eventMetadata"]}.get(part) or content["captureData"].get(part)
    where |= members
    return json.dumps(content)


def answers(*each: Any) -> str:
    return json.dumps({"predictions": each})


def cut(content_type: str) -> str:
    """A line whose answer lacks its last bytes."""
    content = json.loads(line(body_of([row(0)], JSON), accept=content_type))
    output = content["captureData"]["endpointOutput"]
    output["data"] = base64.b64encode(base64.b64decode(output["data"])[:-24]).decode()
    return json.dumps(content)


CORRUPT = {
    "cut": (one(0)[:200], "expected JSON, found something else, or a line that is cut"),
    "no object": ("[1]", "expected a JSON object, found a list"),
    "another version": (changed("whole", eventVersion="1"), "expected eventVersion '0', found another text"),
    "no answer": (changed("whole", captureData={}), "endpointInput: expected an object, found nothing"),
    "no time": (changed("metadata", inferenceTime="noon"), "inferenceTime: expected a time in ISO 8601"),
    "no id": (changed("metadata", eventId=7), "eventId: expected a text, found a number"),
    "another encoding": (changed("endpointInput", encoding="GZIP"), "endpointInput.encoding: expected BASE64, CSV"),
    "no base64": (changed("endpointInput", encoding="BASE64", data="§"), "endpointInput.data: expected base64"),
    "another type": (changed("endpointInput", observedContentType="a/b"), "request: Content type: expected one of"),
    "no rows": (changed("endpointInput", data="[]"), "request: Rows: expected at least one"),
    "another class": (changed("endpointOutput", data=answers({"prediction": "maybe"})), "answer: expected a class"),
    "no predictions": (changed("endpointOutput", data="7"), "answer: expected the predictions of a model"),
    "no list": (changed("endpointOutput", data='{"predictions": 7}'), "answer: expected the predictions of a model"),
    "a list of numbers": (changed("endpointOutput", data=answers(7)), "answer: expected the predictions of a model"),
    "nothing": (changed("endpointOutput", data=answers(None)), "answer: expected the predictions of a model"),
    "cut Arrow": (cut(ARROW_STREAM), "answer: expected the predictions of a model"),
    "more answers": (changed("endpointOutput", data=answers()), "answer: expected as many predictions as rows"),
    "no number": (changed("endpointOutput", data=answers({"prediction": "no", "probabilities": {"no": "1", "yes": 0}})),
                  "answer: expected numbers"),
    "another schema": (changed("endpointInput", data=json.dumps([{**row(0), "age": 99}])),
                       "request: age: expected a whole number from 10 to 30"),
    "a column less": (changed("endpointInput", data='[{"age": 10}]'), "request: expected each answered row to be"),
}  # fmt: skip


@pytest.mark.parametrize("kind", CORRUPT)
def test_a_line_that_cannot_be_read_is_counted_with_its_reason_and_the_others_are_scored(kind: str) -> None:
    text, reason = CORRUPT[kind]
    found = decoded(one(1), one(2), text, one(3))
    assert [each["hours"] for each in rows_of(found)] == [1.5, 2.5, 3.5]
    [(number, shown)] = found.problems
    assert (number, shown.startswith(reason)) == (3, True), shown
    assert "99" not in shown


def test_csv_bodies_with_quotes_or_empty_lines_are_read_alone() -> None:
    header = ",".join(FEATURES)
    quoted, spaced = f'{header}\n"10","1.5",red,no'.encode(), f"{header}\r\n11,2.5,red,no\r\n\r\n".encode()
    plain = f"{header}\n12,3.5,red,no\n".encode()
    lines = f'{header}\n"13",4.5,"red","no"\n\n14,5.5,red,no\n'.encode()
    found = decoded(*(line(body, CSV) for body in (quoted, plain, spaced, lines, plain)))
    assert [each["age"] for each in rows_of(found)] == [10, 12, 11, 13, 14, 12]
    assert found.problems == []
