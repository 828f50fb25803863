import json
from http import HTTPStatus

import pytest

from serving.media_types import CSV, JSON
from serving.readers import reader_of
from serving.readers.request_rows import RequestRows
from serving.rejected import SHOWN, Rejected
from tabular.checked import NO_ROW
from tests.scripts.models import FEATURES, ROW

HEADER = "age,hours,colour,origin\n"


def read_rows(body: str, content_type: str, most: int | None = None) -> RequestRows:
    return reader_of(content_type).read(body, FEATURES, most)


def test_rows_are_counted_and_their_cells_are_as_they_were_sent() -> None:
    rows = read_rows(json.dumps([ROW, {**ROW, "age": " 7 ", "more": 1}]), JSON)
    assert (rows.count, rows.problems) == (2, ())
    assert list(rows.cells) == [column.name for column in FEATURES]
    assert list(rows.cells["age"]) == [15, " 7 "]


def test_a_malformed_row_does_not_change_the_numbers_of_other_rows() -> None:
    rows = read_rows(json.dumps([ROW, 5, ROW]), JSON)
    assert (rows.count, rows.well_formed.tolist()) == (3, [0, 2])
    assert [(problem.row, problem.found) for problem in rows.problems] == [(1, "a number")]
    rows = read_rows(f"{HEADER}15,1,red,no\n15,1\n15,2,red,no\n", CSV)
    assert (rows.count, rows.well_formed.tolist()) == (3, [0, 2])
    assert [(problem.row, problem.found) for problem in rows.problems] == [(1, "2 (line 3)")]


def test_no_more_problems_are_collected_than_an_answer_needs() -> None:
    assert len(read_rows(json.dumps([5] * 1000), JSON, SHOWN + 1).problems) == SHOWN + 1
    assert len(read_rows(HEADER + "1\n" * 1000, CSV, SHOWN + 1).problems) == SHOWN + 1


def test_a_header_without_a_feature_is_a_problem_of_all_rows() -> None:
    with pytest.raises(Rejected) as rejected:
        read_rows("age,hours,color,origin\n15,1,red,no\n", CSV)
    assert rejected.value.status == HTTPStatus.BAD_REQUEST
    [problem] = rejected.value.problems
    assert (problem.row, problem.column) == (NO_ROW, "colour")
    assert problem.found == "nothing: it is absent, but there is 'color'"


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json; charset=utf-8", None),
        ("TEXT/CSV", 400),
        ("text/plain", 415),
        ("application/json; charset=x", 415),
    ],
)
def test_the_content_type_decides_how_a_body_is_read(content_type: str, status: int | None) -> None:
    body = json.dumps([ROW])
    if status is None:
        assert read_rows(body, content_type).count == 1
    else:
        with pytest.raises(Rejected) as rejected:
            read_rows(body, content_type)
        assert rejected.value.status == status


def test_a_number_of_many_digits_keeps_them() -> None:
    body = json.dumps([{**ROW, "hours": "#"}]).replace('"#"', "12345678901234567890123")
    assert list(read_rows(body, JSON).cells["hours"]) == ["12345678901234567890123"]
