"""The fast parsers never give another result than the exact one, whatever the text."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from serving.answer import answer
from serving.media_types import JSON, JSON_LINES
from serving.readers import fast_json, json_lines, json_rows
from serving.readers.exact_json import parse
from serving.rejected import Rejected
from tests.scripts.models import FEATURES, ROW, served_model

CELLS = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 40), st.integers(), st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["red", "green", "yes", "no", "a:b", '"', "{", "\ud800", "15", "?"]), st.text(max_size=4),
    st.lists(st.integers(), max_size=2), st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
)  # fmt: skip
ROWS = st.lists(
    st.one_of(
        st.fixed_dictionaries(dict.fromkeys(ROW, CELLS)),
        st.just(ROW),
        st.dictionaries(st.sampled_from([*ROW, "more"]), CELLS),
        CELLS,
    ),
    max_size=4,
)
TEXTS = st.one_of(
    ROWS.map(lambda rows: json.dumps({"instances": rows})),
    ROWS.map(lambda rows: json.dumps(rows, ensure_ascii=False, separators=(",", ":"))),
    ROWS.map(lambda rows: json.dumps(rows).replace('"age"', '"hours"')),
)


def exact(body: bytes) -> Any:
    content = parse(body)
    return content["instances"] if isinstance(content, dict) else content


@pytest.fixture(params=["orjson", "json"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parser of an image with orjson, and of AWS's prebuilt image."""
    if request.param == "json":
        monkeypatch.setattr(fast_json, "orjson", None)


@settings(max_examples=60, deadline=None)
@given(text=TEXTS)
@example(text='[{"age":15,"age":16,"hours":1,"colour":null,"origin":"no"}]')
@example(text='[{"age":15,"a\\u003a":16,"hours":1,"hours":2}]')
@example(text='{"instances":[{"a":1}],"instances":[{"a":2}]}')
@example(text='[{"age":123456789012345678901234}]')
@example(text='[{"age":-12345678901234567890}]')
@example(text='[{"age":0.00012345678901234567}]')
@example(text='[{"age":1e400}]')
@example(text='[{"age":-0}]')
def test_rows_that_the_fast_parser_takes_are_those_of_the_exact_one(text: str) -> None:
    for body in (text.encode(errors="surrogatepass"), text.encode(errors="surrogatepass").replace(b":", b" : ")):
        rows = fast_json.fast_rows(body)
        if rows is not None:
            assert repr(rows) == repr(exact(body))


@settings(max_examples=40, deadline=None)
@given(text=TEXTS)
def test_a_model_answers_plain_rows_as_it_answers_checked_ones(text: str) -> None:
    model = served_model("xgboost")
    whole = answer(model, text.encode(errors="replace"), JSON, "application/json; on_error=row")
    assert whole.status in (200, 400)
    padded = answer(model, b"\xef\xbb\xbf" + text.encode(errors="replace"), JSON, "application/json; on_error=row")
    assert whole == padded  # the fast parsers refuse a byte order mark


@pytest.mark.usefixtures("parser")
def test_plain_rows_take_the_fast_parser() -> None:
    for body in (json.dumps([ROW]).encode(), json.dumps({"instances": [ROW, {**ROW, "hours": 0.00012}]}).encode()):
        assert fast_json.fast_rows(body) == exact(body)
    assert json_lines.fast_rows(json.dumps(ROW).encode() + b"\r\n\n" + json.dumps(ROW).encode()) == [ROW, ROW]


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    "body",
    [
        b'[{"a":1,"a":2}]', b'{"instances":[{"a":1}],"instances":[{"a":1}]}', b'[{"a":"x:y"}]', b'[{"a":{"b":1}}]',
        b"[NaN]", b'[{"a":Infinity}]', b'[{"a":12345678901234567890123}]', b'[{"a":"\xff"}]', b"\xef\xbb\xbf[]",
        b"[5]", b"[]", b"{}", b"", b"[" * 100_000, '[{"a":1}]'.encode("utf-16"), b'{"instances":{"a":1}}',
    ],
)  # fmt: skip
def test_what_is_not_plain_is_left_to_the_exact_parser(body: bytes) -> None:
    assert fast_json.fast_rows(body) is None


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1},{"a":2}\n{"b":[{}\n{}]}', b'{"a":"x}\n{","b":1}', b'{"a":1}{"a":2}', b'{"a":\n1}', b"{}\n[]",
        b'{"a":1},\n{"a":2}',
    ],
)  # fmt: skip
def test_lines_that_are_not_one_object_each_are_left_to_the_exact_parser(body: bytes) -> None:
    assert json_lines.fast_rows(body) is None
    assert answer(served_model(), body, JSON_LINES, "").status == 400


def test_a_row_with_a_repeated_key_is_refused_by_the_exact_parser() -> None:
    rows = json_rows.read(b'[{"age":15,"age":16}]', FEATURES, 5)
    assert [(problem.column, problem.found) for problem in rows.problems] == [("age", "it more than once")]
    with pytest.raises(Rejected, match="more than once"):
        json_rows.read(b'{"instances":[],"instances":[]}', FEATURES, 5)
