"""The rows of captured requests."""

import pyarrow as pa
import pytest

from serving.media_types import CSV
from tabular.checked import Problem
from tabular.columns import Column
from tasks.capture import requests
from tasks.capture.events import Event, Unreadable
from tests.tasks.capture.events_of_lines import event

COLUMNS = (Column("age", "integer", minimum=10, maximum=30), Column("colour", "category", nullable=True))


def csv(text: str) -> Event:
    return event(text, content_type=CSV, encoding="CSV")


def places(found: requests.Rows) -> dict[tuple[int, int], tuple[object, ...]]:
    """The values of each row, by its event and its number."""
    values = zip(*(found.checked.values[column.name].to_pylist() for column in COLUMNS), strict=True)
    return dict(zip(zip(found.event.tolist(), found.row.tolist(), strict=True), values, strict=True))


def test_rows_of_several_formats_have_the_places_of_their_requests() -> None:
    events = [
        event('[{"age": 10, "colour": "red"}, {"age": 11, "colour": null}]'),
        csv("age,colour\n12,green\n"),
        event('{"instances": [{"age": 13, "colour": "blue"}]}'),
        csv("age,colour\n14,\n15,red"),
    ]
    found = requests.read(events, COLUMNS)
    assert found.counts.tolist() == [2, 1, 1, 2]
    assert places(found) == {
        (0, 0): (10, "red"), (0, 1): (11, None), (1, 0): (12, "green"), (2, 0): (13, "blue"), (3, 0): (14, None),
        (3, 1): (15, "red"),
    }  # fmt: skip


def test_a_malformed_row_is_counted_and_the_next_keeps_its_number() -> None:
    found = requests.read([event('[{"age": 10}, {"age": 12, "colour": "red"}]')], COLUMNS)
    assert found.counts.tolist() == [2]
    assert places(found) == {(0, 1): (12, "red")}


def test_a_value_that_does_not_fit_is_marked() -> None:
    found = requests.read([csv("age,colour\n99,red\n20,red\n"), event('[{"age": 8, "colour": "red"}]')], COLUMNS)
    bad = zip(found.event.tolist(), found.row.tolist(), found.checked.bad.tolist(), strict=True)
    assert sorted(bad) == [(0, 0, [True, False]), (0, 1, [False, False]), (1, 0, [True, False])]


@pytest.mark.parametrize(
    "text", ['age,colour\n12,"red"\n', "age,colour\r\n12,red\r\n", "colour,age\nred,12\n", "\ufeffage,colour\n12,red"]
)
def test_a_body_of_csv_that_cannot_be_joined_with_others_is_read_alone(text: str) -> None:
    plain = csv("age,colour\n10,green\n11,green\n")
    found = requests.read([plain, csv(text), plain], COLUMNS)
    assert found.counts.tolist() == [2, 1, 2]
    assert places(found)[1, 0] == (12, "red")
    assert places(found)[2, 1] == (11, "green")


def test_a_request_that_cannot_be_read_is_named_without_its_values() -> None:
    with pytest.raises(Unreadable) as raised:
        requests.read([event("[7]", content_type="secret/type")], COLUMNS)
    assert str(raised.value).startswith("request: Content type: expected one of")
    assert "secret" not in str(raised.value)
    assert requests.expected(Problem(0, "", "an object", "Ada")) == "row: expected an object, found something else"


def test_dictionaries_of_several_requests_are_one() -> None:
    found = requests.read([csv("age,colour\n10,red\n"), event('[{"age": 11, "colour": "green"}]')], COLUMNS)
    assert isinstance(found.checked.values["colour"], pa.Array)
    assert set(places(found).values()) == {(10, "red"), (11, "green")}
