"""One line of data capture as an event."""

import base64
from datetime import UTC, datetime
from typing import Any

import pytest

from tasks.capture.events import LONGEST_ID, Part, Unreadable, event_of
from tests.tasks.capture.events_of_lines import ANSWER, captured_line, event


def test_a_line_has_the_request_the_answer_and_the_callers_id() -> None:
    found = event_of(captured_line('[{"age": 3}]', inferenceId="mine").encode(), 7)
    assert (found.line, found.id, found.inference_id) == (7, "e1", "mine")
    assert found.time == datetime(2026, 11, 27, 9, 15, tzinfo=UTC)
    assert found.request == Part("application/json", b'[{"age": 3}]')
    assert found.answer == Part("application/json", ANSWER.encode())


def test_a_request_without_an_inference_id_has_none() -> None:
    assert event().inference_id is None


def test_bodies_in_base64_are_decoded_and_those_as_text_stay() -> None:
    body = b"\x00\xff{}"
    assert event(base64.b64encode(body).decode(), encoding="BASE64").request.body == body
    assert event("YWJj", encoding="CSV").request.body == b"YWJj"


@pytest.mark.parametrize("text", ["2026-11-27T10:15:00+02:00", "2026-11-27T08:15:00Z", "2026-11-27T08:15:00"])
def test_each_time_is_in_utc(text: str) -> None:
    found = event(inferenceTime=text).time
    assert (found.isoformat(), found.tzinfo) == ("2026-11-27T08:15:00+00:00", UTC)


@pytest.mark.parametrize(("key", "size"), [("eventId", 0), ("eventId", LONGEST_ID + 1), ("inferenceId", 1_000)])
def test_an_id_of_another_length_makes_a_line_unreadable(key: str, size: int) -> None:
    with pytest.raises(Unreadable, match=f"{key}: expected 1 to 256 characters, found {size:,}"):
        event(**{key: "x" * size})
    assert event(eventId="x" * LONGEST_ID).id == "x" * LONGEST_ID


@pytest.mark.parametrize(
    "changes",
    [{"eventId": ["Ada"]}, {"inferenceTime": "Ada"}, {"encoding": "Ada"}, {"body": "Ada", "encoding": "BASE64"}],
)
def test_no_reason_has_a_value_of_the_line(changes: dict[str, Any]) -> None:
    with pytest.raises(Unreadable) as raised:
        event(**changes)
    assert "expected" in str(raised.value)
    assert "Ada" not in str(raised.value)
