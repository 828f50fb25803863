"""Valid, almost valid and hostile requests, each with its right response: strategies of hypothesis."""

import csv
import io
import json
import math
import re
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tabular.columns import Column
from tabular.missing_markers import MISSING
from tests.scripts.models import FEATURES

JSON, CSV = "application/json", "text/csv"
NAMES = [column.name for column in FEATURES]
NOT_ACCEPTABLE = ("text/html", ",,;=q")
"""Accept headers without a media type that can be produced."""
BROKEN, REFUSED = object(), object()
"""Markers: a token that makes the body invalid JSON, and a value that its column refuses."""


@dataclass(frozen=True)
class Case:
    """One request and its right answer."""

    kind: str
    body: bytes
    content_type: str
    rows: list[dict[str, Any]] | None
    """The values that the model has to be given, None where the request is refused."""
    alone: tuple[bytes, ...] = ()
    """Each row as a request of its own."""
    accept: str = JSON


def right(value: Any, column: Column) -> Any:
    """Return the value of a cell by the table of `tabular.columns`: a second implementation, cell by cell."""
    if isinstance(value, str):
        value = value.strip()
        if value == "" or value.lower() in column.missing or (column.type != "category" and value.lower() in MISSING):
            value = None
    if value is None:
        return None if column.nullable else REFUSED
    if isinstance(value, list | dict):
        return REFUSED
    return {"integer": _integer, "number": _number, "category": _category}[column.type](value, column)


def _integer(value: Any, column: Column) -> Any:
    pointed = isinstance(value, float)
    if isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]+(\.0*)?", value):
        pointed, value = "." in value, int(value.split(".")[0]) if len(value) < 30 else 2**64
    if isinstance(value, bool | str) or (pointed and (value != value // 1 or abs(value) >= 2**53)):
        return REFUSED
    fits = -(2**63) <= value < 2**63 and (column.minimum or 0) <= value <= (column.maximum or 2**63)
    return int(value) if fits else REFUSED


def _number(value: Any, column: Column) -> Any:
    text = isinstance(value, str)
    if isinstance(value, bool) or (
        text and not re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", value)
    ):
        return REFUSED
    try:
        value = float(value)
    except OverflowError:
        return REFUSED
    return value if math.isfinite(value) and abs(value) < 1e38 else REFUSED


def _category(value: Any, column: Column) -> Any:
    text = str(value).lower() if isinstance(value, bool) else str(value) if abs_below(value, 10**400) else "huge"
    text = text.removesuffix(".0") if isinstance(value, float) else text
    categories = column.categories or ()
    if set(categories) == {"no", "yes"} and text not in categories:
        text = {"true": "yes", "1": "yes", "1.0": "yes", "false": "no", "0": "no", "0.0": "no"}.get(text.lower(), text)
    return text if text in categories else REFUSED


def abs_below(value: Any, limit: int) -> bool:
    return isinstance(value, str) or abs(value) < limit


GOOD: dict[str, st.SearchStrategy[Any]] = {
    "age": st.integers(10, 30).flatmap(
        lambda n: st.sampled_from([n, float(n), f"{n}", f" {n} ", f"+{n}", f"0{n}", f"{n}.0"])
    ),
    "hours": st.one_of(
        st.floats(-1e6, 1e6), st.integers(-(10**6), 10**6), st.sampled_from([None, "?", "NA", "", "1e1", "-.5", "7."])
    ),
    "colour": st.sampled_from(["green", "red", None, "", " red "]),
    "origin": st.sampled_from(["no", "yes", True, False, "TRUE", "false", 0, 1, "1", 1.0]),
}
HOSTILE: list[Any] = [
    [], [1], {}, {"a": [None]}, True, False, "true", "", None, "nan", "inf", "-Infinity", "1e999", "1_0",
    "0x1f", "１５",
    "1e1", "15.5", 15.5, -0.0, 0, -1, 2**53, 2**63, -(2**63) - 1, 2**64, 10**309, 10**400, 1e300, -1.7e308, 5e-324,
    "7" * 400, "7" * 5000, "x" * 10_000, "\x00", "\ud800", "\U0001f600", "=1+1", "'; --", "<b>", "red\n",
    "2018-01-30",
]  # fmt: skip
TOKENS: list[tuple[str, Any]] = [
    ("7" * 310, 10**310), ("-" + "7" * 4300, -(10**4300)), ("7" * 4301, 10**4301), ("1e999", math.inf),
    ("-1E+400", -math.inf),
    ("15.0000", 15.0), ("1.5e1", 15.0), ("NaN", BROKEN), ("Infinity", BROKEN), ("-Infinity", BROKEN),
    ("015", BROKEN),
    ("'x'", BROKEN), ("+1", BROKEN), (".5", BROKEN), ("tru", BROKEN), ("", BROKEN), ('"\t"', BROKEN),
    ("[" * 1500, BROKEN),
    ("[" * 2000 + "]" * 2000, BROKEN), ('{"a":' * 1200 + "1" + "}" * 1200, BROKEN),
    ("[" * 500 + "]" * 500, []), ("1 2", BROKEN),
]  # fmt: skip
"""JSON that no encoder writes, and what it means."""


def _token(value: Any) -> tuple[str, Any]:
    return json.dumps(value), value


def cell(name: str, hostile: bool) -> st.SearchStrategy[tuple[str, Any]]:
    """The JSON of a cell, and its value."""
    good = GOOD[name].map(_token)
    if not hostile:
        return good
    strange = st.one_of(st.text(max_size=8), st.integers(), st.floats(allow_nan=False, allow_infinity=False))
    return st.one_of(good, good, st.sampled_from(HOSTILE).map(_token), strange.map(_token), st.sampled_from(TOKENS))


@st.composite
def json_rows(draw: st.DrawFn) -> Case:
    """Rows as JSON: cells of any kind, and absent, misspelled, repeated or additional fields."""
    hostile = draw(st.booleans())
    texts, rows = [], list[dict[str, Any] | None]()
    for _ in range(draw(st.integers(1, 4))):
        text, row = draw(_json_row(hostile))
        texts.append(text)
        rows.append(row)
    body = ", ".join(texts)
    body = f'{{"instances": [{body}]}}' if draw(st.booleans()) else f"[{body}]"
    fits = None if None in rows else [row for row in rows if row is not None]
    encoded = draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + body.encode()
    accept = draw(st.sampled_from([JSON, JSON, "*/*", "", "application/json;q=0.1", "text/html", ",,;=q"]))
    fits = None if accept in NOT_ACCEPTABLE else fits
    return Case("rows as JSON", encoded, draw(_json_type), fits, tuple(f"[{text}]".encode() for text in texts), accept)


_json_type = st.sampled_from([JSON, JSON, "application/json; charset=utf-8", "Application/JSON", "application/json;"])
_csv_type = st.sampled_from([CSV, CSV, "text/csv; charset=UTF-8", "text/csv; header=present"])


@st.composite
def _json_row(draw: st.DrawFn, hostile: bool) -> tuple[str, dict[str, Any] | None]:
    if hostile and draw(st.integers(0, 12)) == 0:
        return draw(st.sampled_from(["5", "null", "[]", '"x"', "{}", "true", "[{}]", "-"])), None
    cells = [(name, *draw(cell(name, hostile))) for name in draw(st.permutations(NAMES))]
    row = {name: right(value, FEATURES[NAMES.index(name)]) for name, _, value in cells if value is not BROKEN}
    fits = len(row) == len(NAMES) and REFUSED not in list(map(_key, row.values()))
    pairs = [f"{json.dumps(name)}: {text}" for name, text, _ in cells]
    change = draw(
        st.sampled_from(["none", "none", "more", "absent", "misspelt", "repeated"] if hostile else ["none", "more"])
    )
    if change == "more":
        pairs.insert(draw(st.integers(0, len(pairs))), '"note": {"deep": [1, [2]]}')
    if change in ("absent", "misspelt"):
        lost = pairs.pop(draw(st.integers(0, len(pairs) - 1)))
        pairs += [lost.replace('":', 's":', 1)] if change == "misspelt" else []
    if change == "repeated":
        pairs.append(draw(st.sampled_from(pairs)))
    return "{" + ", ".join(pairs) + "}", row if fits and change in ("none", "more") else None


def _key(value: Any) -> Any:
    return value if value is REFUSED else None


@st.composite
def csv_rows(draw: st.DrawFn) -> Case:
    """Rows as CSV: cells of any kind, and malformed rows and headers."""
    hostile = draw(st.booleans())
    names = draw(st.permutations([*NAMES, "note"] if draw(st.booleans()) else NAMES))
    table = [[_csv_text(draw(_csv_cell(name, hostile))) for name in names] for _ in range(draw(st.integers(1, 4)))]
    rows = [
        {
            name: right(text, FEATURES[NAMES.index(name)])
            for name, text in zip(names, line, strict=True)
            if name in NAMES
        }
        for line in table
    ]
    fits = not any(REFUSED in list(map(_key, row.values())) for row in rows)
    lines = [_line(line, draw(st.booleans())) for line in [list(names), *table]]
    change = draw(st.sampled_from(sorted(CSV_FAULTS))) if hostile and draw(st.booleans()) else "none"
    end = draw(st.sampled_from(["\n", "\r\n"]))
    body = (
        draw(st.sampled_from(["", "\ufeff"])) + end.join(CSV_FAULTS[change](lines)) + draw(st.sampled_from(["", end]))
    )
    alone = tuple(f"{lines[0]}\n{line}\n".encode(errors="replace") for line in lines[1:])
    return Case(
        f"rows as CSV, fault: {change}",
        body.encode(errors="surrogatepass"),
        draw(_csv_type),
        rows if fits and change == "none" else None,
        alone,
    )


def _csv_cell(name: str, hostile: bool) -> st.SearchStrategy[Any]:
    if name == "note":
        return st.sampled_from(["a", "", 'a "quoted" word', "1;2", "a, b"])
    return st.one_of(GOOD[name], GOOD[name], st.sampled_from(HOSTILE[6:])) if hostile else GOOD[name]


def _csv_text(value: Any) -> str:
    huge = isinstance(value, int) and abs(value) > 10**400
    text = "" if value is None else "9" * 401 if huge else str(value)
    return text.replace("\x00", "\x01")


def _line(cells: list[str], quoted: bool) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="", quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL).writerow(cells)
    return buffer.getvalue()


CSV_FAULTS: dict[str, Any] = {
    "none": lambda lines: lines,
    "long row": lambda lines: [*lines[:-1], lines[-1] + ",x"],
    "short row": lambda lines: [*lines, lines[-1].rsplit(",", 1)[0] if '"' not in lines[-1] else "x"],
    "absent column": lambda lines: [lines[0].replace("hours", "Hours"), *lines[1:]],
    "repeated column": lambda lines: [f"{lines[0]},age", *(f"{line},15" for line in lines[1:])],
    "text after a quote": lambda lines: [*lines, '"15"x,1,red,no'],
    "open quote": lambda lines: [*lines, '"15,1,red,no'],
    "NUL": lambda lines: [*lines, "15\x00,1,red,no"],
    "carriage return": lambda lines: [*lines, "1\r5,1,red,no"],
    "semicolons": lambda lines: [line.replace(",", ";") for line in lines],
    "no rows": lambda lines: lines[:1],
    "no header": lambda lines: lines[1:],
}


@st.composite
def spoilt(draw: st.DrawFn) -> Case:
    """A valid request that is truncated, not UTF-8, of another content type, or followed by other bytes."""
    text = json.dumps([{"age": 15, "hours": 1.5, "colour": "red", "origin": "no"}] * draw(st.integers(1, 3))).encode()
    how = draw(
        st.sampled_from(["cut off", "not UTF-8", "another type", "another charset", "more after it", "deep", "empty"])
    )
    at = draw(st.integers(0, len(text) - 1))
    wrong = draw(st.sampled_from([b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\xc0\x80"]))
    deep = draw(st.sampled_from([b"[", b'{"a":', b'[{"age":', b'{"instances":['])) * draw(st.integers(1001, 50_000))
    bodies = {
        "cut off": text[:at], "not UTF-8": text[:at] + wrong + text[at:],
        "another type": text, "another charset": text,
        "more after it": text + draw(st.sampled_from([b"]", b"{}", b",", b"\x00", b"x"])), "deep": deep,
        "empty": draw(st.sampled_from([b"", b" ", b"\n", b"[]", b"{}", b"null", b"0",
        b'{"instances": []}', b'""', b"\xef\xbb\xbf"])),
    }  # fmt: skip
    types = {
        "another type": st.sampled_from(["image/png", "text/plain", "application/x-npy",
        "application/jsonlines", "a", "/", "text/csv/"]),
        "another charset": st.sampled_from([f"{JSON}; charset=latin-1", f"{JSON};charset=utf-16", f"{CSV}; charset=x"]),
    }  # fmt: skip
    kind = draw(types.get(how, _json_type))
    return Case(f"spoilt: {how}", bodies[how], kind, None)


@st.composite
def noise(draw: st.DrawFn) -> Case:
    """Random bytes."""
    return Case(
        "noise", draw(st.binary(max_size=200)), draw(st.sampled_from([JSON, CSV, f"{CSV}; charset=utf-8"])), None
    )


requests = st.one_of(json_rows(), json_rows(), csv_rows(), csv_rows(), spoilt(), noise())
