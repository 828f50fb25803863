"""The endpoint's responses: each test goes from the body's bytes to status and response."""

import json
from typing import Any

import pytest

from serving.answer import answer
from serving.invocation import Answer
from tests.scripts.models import ALGORITHMS, ROW, served_model

JSON, CSV = "application/json", "text/csv"
HEADER = "age,hours,colour,origin\n"
GOOD = HEADER + "15,30.5,red,yes\n"


def ask(body: Any, kind: str = JSON, accept: str = "") -> Answer:
    """Return the response to a body. Text and bytes are sent unchanged, other values as JSON."""
    text = body if isinstance(body, (str, bytes)) else json.dumps(body)
    return answer(served_model(), text, kind, accept)


def refused(body: Any, kind: str = JSON) -> dict[str, Any]:
    """Return the content of a 400 response: one line of JSON without a traceback or a sensitive value."""
    found = ask(body, kind)
    assert (found.status, found.content_type) == (400, JSON), found.body
    assert b"\n" not in found.body
    assert b"Traceback" not in found.body
    return dict(json.loads(found.body))


def problems(body: Any, kind: str = JSON) -> list[tuple[int | None, str, str]]:
    return [(problem["row"], problem["column"], problem["found"]) for problem in refused(body, kind)["problems"]]


def test_rows_are_scored_in_json_and_csv_and_the_list_alone_is_fine() -> None:
    scores = json.loads(ask({"instances": [ROW, {**ROW, "hours": 1}]}).body)["predictions"]
    assert [score["prediction"] for score in scores] == ["yes", "no"]
    assert sum(scores[0]["probabilities"].values()) == pytest.approx(1)
    assert json.loads(ask([ROW]).body)["predictions"] == scores[:1]
    assert json.loads(ask(GOOD, CSV).body)["predictions"] == scores[:1]
    assert json.loads(ask("\ufeff" + GOOD, CSV).body)["predictions"] == scores[:1]
    assert json.loads(ask(b"\xef\xbb\xbf" + GOOD.encode(), "Text/CSV; charset=UTF-8").body)["predictions"] == scores[:1]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_row_is_answered_alike_alone_and_in_company_by_every_algorithm(algorithm: str) -> None:
    rows = [{**ROW, "hours": hours} for hours in (1, 7.5, None, "12", 40)]
    together = json.loads(answer(served_model(algorithm), json.dumps(rows), JSON, JSON).body)["predictions"]
    alone = [json.loads(answer(served_model(algorithm), json.dumps([row]), JSON, JSON).body) for row in rows]
    assert [one["predictions"][0] for one in alone] == together


@pytest.mark.parametrize(
    ("value", "same"),
    [(15.0, 15), ("15", 15), (" 15 ", 15), ("+15", 15), ("015", 15)],
)
def test_a_whole_number_in_other_forms_is_the_same(value: Any, same: int) -> None:
    assert ask([{**ROW, "age": value}]) == ask([{**ROW, "age": same}])


@pytest.mark.parametrize("value", [True, "true", "TRUE", 1, "1", 1.0])
def test_a_boolean_is_the_matching_one_of_two_categories(value: Any) -> None:
    assert ask([{**ROW, "origin": value}]) == ask([ROW])
    assert ask(f"{HEADER}15,30.5,red,{value}\n", CSV) == ask(GOOD, CSV)


@pytest.mark.parametrize("value", [None, "", "NA", "?"])
def test_null_and_markers_are_missing_where_the_column_is_nullable(value: Any) -> None:
    assert ask([{**ROW, "hours": value}]) == ask([{**ROW, "hours": None}])
    assert problems([{**ROW, "age": None}]) == [(0, "age", "nothing")]


@pytest.mark.parametrize(
    ("column", "value", "found"),
    [
        ("age", [1], "a list"), ("hours", {"a": 1}, "an object"), ("colour", [], "a list"),
        ("age", True, "true"), ("hours", False, "false"), ("hours", "1e999", "'1e999'"), ("age", "1e1", "'1e1'"),
        ("age", 15.5, "15.5"), ("age", 9, "9"), ("colour", "blue", "'blue'"), ("colour", "\ud800", "'\\ud800'"),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_named_by_row_and_column(column: str, value: Any, found: str) -> None:
    [(row, name, shown)] = problems([ROW, {**ROW, column: value}])
    assert (row, name) == (1, column)
    assert shown.startswith(found)


@pytest.mark.parametrize("digits", [310, 4300, 4301, 100_000])
def test_an_integer_of_many_digits_is_named_by_row_and_column(digits: int) -> None:
    for column in ("age", "hours"):
        body = json.dumps([ROW, {**ROW, column: "#"}]).replace('"#"', "7" * digits)
        [(row, name, shown)] = problems(body)
        assert (row, name) == (1, column)
        assert f"({digits + 2:,} characters)" in shown
        assert problems(f"{GOOD}{'7' * digits},1,red,yes\n", CSV)[0][:2] == (1, "age")


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"age":'])
def test_nesting_beyond_all_bounds_is_refused(opening: str) -> None:
    assert "too many levels" in refused(opening * 100_000)["error"]


def test_a_value_nested_beyond_1000_is_refused() -> None:  # Python 3.12 reads it, 3.11 does not
    nested = "[" * 1_001 + "]" * 1_001
    refused(f'{{"instances": [{{"age": {nested}, "colour": "red"}}]}}')
    assert ask([ROW]).status == 200


@pytest.mark.parametrize("content_type", [JSON, CSV])
@pytest.mark.parametrize("body", [b"\xff\xfe", b'[{"age": "\xe9"}]', b"\xc3", "\ufffd", '["\ufffd"]'])
def test_a_body_that_is_not_utf_8_is_refused_as_bytes_and_as_text_with_replacements(
    body: str | bytes, content_type: str
) -> None:
    assert "expected text in UTF-8" in refused(body, content_type)["error"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", "found nothing"), (" \n", "found nothing"), ("{", "line 1, column 2"), ("nope", "line 1, column 1"),
        ("[] []", "line 1, column 4"), ("null", "found neither"), ("5", "found neither"), ("{}", "found neither"),
        ('{"instances": {}}', "found neither"), ("[]", "at least one"), ('{"instances": []}', "at least one"),
        ("[NaN]", "found NaN"), ('[{"age": -Infinity}]', "found -Infinity"),
        ('{"instances": [], "instances": [1]}', "found 'instances' more than once"),
    ],
)  # fmt: skip
def test_a_body_that_is_no_list_of_rows_is_refused(body: str, words: str) -> None:
    assert words in refused(body)["error"]


def test_rows_that_are_no_objects_and_repeated_keys_are_named() -> None:
    body = '[{"age":15,"age":16,"hours":1,"colour":null,"origin":"no"}, 5, null, [], "x", true]'
    assert [row for row, _, _ in problems(body)] == [0, 1, 2, 3, 4, 5]
    assert problems(body)[0] == (0, "age", "it more than once")
    assert [found for _, _, found in problems(body)[1:]] == ["a number", "null", "a list", "a text", "true or false"]


@pytest.mark.parametrize("wrong", ["Hours", "hours ", "HOURS", "hour"])
def test_an_absent_feature_is_an_error_even_if_nullable_and_a_misspelt_one_is_suggested(wrong: str) -> None:
    absent = {name: value for name, value in ROW.items() if name != "hours"}
    assert problems([ROW, absent]) == [(1, "hours", "nothing: it is absent")]
    assert problems([{**absent, wrong: 1, "more": 2}]) == [
        (0, "hours", f"nothing: it is absent, but there is {wrong!r}")
    ]
    assert problems(GOOD.replace("hours", wrong.strip() + "x"), CSV)[0][:2] == (None, "hours")
    assert ask([{**ROW, "more": {"deep": [1]}}]) == ask([ROW])


@pytest.mark.parametrize(
    ("rows", "named"),
    [("15,30.5,red\n", 1), ("15,30.5,red,yes,9\n", 1), ('15,30.5,"red"x,yes\n', 1), ("15,30.5,r\0d,yes\n", 1)],
)
def test_a_csv_row_that_is_short_long_or_unsound_is_named(rows: str, named: int) -> None:
    found = problems(GOOD + rows + "15,1,red,no\n", CSV)
    assert [(row, column) for row, column, _ in found] == [(named, "")]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("age,age,hours,colour,origin\n15,16,1,red,no\n", "'age' more than once"),
        ("age, age,hours,colour,origin\n15,16,1,red,no\n", "'age' more than once"),
        ("age;hours;colour;origin\n15;1;red;no\n", "';'"), (HEADER, "at least one"), ("", "empty"),
    ],
)  # fmt: skip
def test_a_csv_body_that_can_not_be_read_is_refused(body: str, words: str) -> None:
    error = refused(body, CSV)["error"]
    assert words in error
    assert "Write" not in error


@pytest.mark.parametrize("kind", ["image/png", "", "text/csv; charset=utf-16", "application/json;charset=latin-1", "x"])
def test_another_content_type_or_charset_is_a_415(kind: str) -> None:
    found = ask(GOOD, kind)
    assert found.status == 415
    assert json.loads(found.body)["error"].startswith("Content type: expected")


def test_every_bad_row_counts_and_the_first_twenty_problems_are_listed() -> None:
    content = refused([{**ROW, "age": 99}] * 50 + [5, {}] + [ROW])
    assert content["error"].startswith("52 of 53 rows do not fit")
    assert content["error"].endswith("; the first 20 problems are listed")
    assert [problem["row"] for problem in content["problems"]] == list(range(20))
    assert "listed" not in refused([{**ROW, "age": 99}] * 20)["error"]


def test_a_sensitive_value_is_hidden() -> None:
    for body, kind in (([{**ROW, "origin": "secret"}], JSON), (GOOD.replace("yes", "secret"), CSV)):
        assert b"secret" not in ask(body, kind).body
        assert problems(body, kind) == [(0, "origin", "(hidden: sensitive)")]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("value", [1e300, -1.7e308])
def test_a_number_that_the_model_can_not_compute_with_is_named(algorithm: str, value: float) -> None:
    found = answer(served_model(algorithm), json.dumps([ROW, {**ROW, "hours": value}]), JSON, JSON)
    assert found.status == 400
    assert [(p["row"], p["column"]) for p in json.loads(found.body)["problems"]] == [(1, "hours")]


@pytest.mark.parametrize(
    ("accept", "kind"),
    [("text/csv", CSV), ("application/json, text/csv", JSON), ("*/*", JSON), ("", JSON)],
)  # fmt: skip
def test_the_response_is_csv_if_the_caller_accepts_csv(accept: str, kind: str) -> None:
    assert ask([ROW], accept=accept).content_type == kind
