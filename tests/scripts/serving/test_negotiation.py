"""The format and the options of a response, by the Accept header."""

import pytest

from serving.media_types import ARROW_STREAM, CSV, JSON, JSON_LINES
from serving.negotiation import Options, options_of
from serving.rejected import Rejected


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", JSON), (" ", JSON), ("*/*", JSON), ("application/*", JSON), ("text/*", CSV), ("TEXT/csv", CSV),
        ("text/csv, application/json", CSV), ("application/json, text/csv", JSON), ("text/csv, */*", CSV),
        ("text/csv;q=0.9, */*", JSON), ("text/csv;q=0.9, */*;q=0.8", CSV), ("application/json;q=0, */*", CSV),
        ("application/x-ndjson", JSON_LINES), ("image/png, application/vnd.apache.arrow.stream", ARROW_STREAM),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif;x=1,*/*;q=0.8", JSON),
        ('image/png; a="text/csv, application/json", text/csv', CSV), ("application/*;q=0.2, text/*;q=0.3", CSV),
    ],
)  # fmt: skip
def test_the_media_type_of_the_highest_quality_is_chosen(accept: str, kind: str) -> None:
    assert options_of(accept).kind == kind


@pytest.mark.parametrize("accept", ["image/png", "é\0", "json", "*/*;q=0", "text/html, image/*", "text/csv;q=0"])
def test_without_an_acceptable_media_type_the_response_lists_those_that_there_are(accept: str) -> None:
    with pytest.raises(Rejected, match="Accept: expected one of application/json, text/csv, ") as rejected:
        options_of(accept)
    assert rejected.value.status == 406


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("application/json; on_error=row; reasons=3; version=true", Options(JSON, True, 3, True)),
        ('text/csv;ON_ERROR="row";charset=utf-8;q=1', Options(CSV, True)),
        ("*/*; reasons=1", Options(JSON, reasons=1)),
        ("text/csv; q=0.5; reasons=2, application/json; version=true", Options(JSON, version=True)),
        ("application/json; on_error=request; version=false", Options()),
        ("text/csv; intervals=TRUE", Options(CSV, intervals=True)),
        ("application/json; intervals=false", Options()),
        ("image/png; unknown=1, text/csv", Options(CSV)),
    ],
)
def test_the_options_are_the_parameters_of_the_chosen_media_type(accept: str, expected: Options) -> None:
    assert options_of(accept) == expected


@pytest.mark.parametrize(
    ("parameter", "words"),
    [
        ("on_eror=row", "expected the parameters on_error=row or request; reasons=a whole number from 1 to 1,000; "),
        ("on_error=rows", "on_error: expected row or request, found 'rows'"),
        ("reasons=0", "reasons: expected a whole number from 1 to 1,000, found '0'"),
        ("reasons=1e3", "reasons: expected a whole number"),
        ("reasons=٣", "reasons: expected a whole number"),
        ("version=yes", "version: expected true or false"),
        ("intervals=0.9", "intervals: expected true or false, found '0.9'"),
        ("charset=latin-1", "charset: expected utf-8"),
        ("q=2", "q: expected a number from 0 to 1, found '2'"),
        ("q=x", "q: expected a number from 0 to 1"),
    ],
)
def test_an_unknown_or_invalid_parameter_is_refused(parameter: str, words: str) -> None:
    with pytest.raises(Rejected) as rejected:
        options_of(f"application/json; {parameter}")
    assert rejected.value.status == 400
    assert words in rejected.value.error
