"""Reads the rows of a request: JSON, or CSV with a header. Invalid requests raise only Rejected."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from itertools import islice
from typing import Any

import pandas as pd

from tabular import delimited
from tabular.checks import NO_ROW, Problem
from tabular.columns import Absent, Column
from tabular.formats import Format, FormatError
from tabular.records import MalformedRow

JSON, CSV = "application/json", "text/csv"
SHOWN = 20
"""The number of problems in a response."""
EXACT_DIGITS = 18
"""A whole number with more digits is read as text, which is exact and has no limit of digits in Python."""
UTF_8 = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
REPLACED = "\N{REPLACEMENT CHARACTER}"
"""The replacement of bytes that are not UTF-8: AWS's image decodes a body with `replace`."""


class Rejected(Exception):
    """An invalid request, with an HTTP status, one sentence, and the problems for the response."""

    def __init__(self, status: HTTPStatus, error: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(error)
        self.status, self.error, self.problems = status, error, tuple(problems)


@dataclass(frozen=True)
class RequestRows:
    """The rows of a request."""

    count: int
    cells: pd.DataFrame
    """(n, features) untyped cells of the well-formed rows. The index is the row number, from 0."""
    problems: tuple[Problem, ...] = ()
    """The problems of the malformed rows, at most SHOWN + 1."""


def read_rows(body: str | bytes, content_type: str, columns: Sequence[Column]) -> RequestRows:
    """Read the rows of a body. Values are not checked here.

    Raises Rejected: 415 for another content type, 400 for a body that can't be read as rows with these columns.
    """
    kind, charset = _media_type(content_type)
    readers: dict[str, Callable[[str, Sequence[Column]], RequestRows]] = {JSON: _json_rows, CSV: _csv_rows}
    if kind not in readers:
        message = f"Content type: expected {JSON} or {CSV}, found {content_type[:100]!r}"
        raise Rejected(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, message)
    if charset not in UTF_8:
        message = f"Content type: expected the charset utf-8, found {charset[:100]!r}"
        raise Rejected(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, message)
    rows = readers[kind](_text(body), columns)
    if not rows.count:
        raise _bad("Rows: expected at least one, found none")
    return rows


def _bad(error: str, problems: Sequence[Problem] = ()) -> Rejected:
    return Rejected(HTTPStatus.BAD_REQUEST, error, problems)


def _media_type(content_type: str) -> tuple[str, str]:
    header = Message()
    header["content-type"] = " ".join(content_type.split())
    return header.get_content_type(), str(header.get_param("charset", "utf-8")).strip().lower()


def _text(body: str | bytes) -> str:
    """Return the body as text, without a byte order mark. Raises Rejected when it is not UTF-8."""
    if isinstance(body, str):
        if REPLACED in body:
            raise _bad(f"Body: expected text in UTF-8, found another byte at character {body.index(REPLACED)}")
        return body.removeprefix("\ufeff")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found = f"the byte 0x{error.object[error.start]:02x} at {error.start}"
        raise _bad(f"Body: expected text in UTF-8, found {found}") from error


class _Repeated(dict[str, Any]):
    """A JSON object with a repeated key."""

    name: str


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    repeated, seen = _Repeated(found), set[str]()
    repeated.name = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
    return repeated


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= EXACT_DIGITS else digits


def _no_number(token: str) -> Any:
    raise ValueError(f"Body: expected JSON, found {token}, which is not a number in JSON")


def _json_rows(text: str, columns: Sequence[Column]) -> RequestRows:
    rows = _instances(_parsed(text))
    features = {column.name: column for column in columns}
    problems = list(islice(_row_problems(rows, features), SHOWN + 1))
    sound = [number for number, row in enumerate(rows) if _is_sound(row, features)] if problems else range(len(rows))
    cells = {name: pd.Series([rows[number][name] for number in sound], sound, dtype=object) for name in features}
    return RequestRows(len(rows), pd.DataFrame(cells, index=list(sound)), tuple(problems))


def _parsed(text: str) -> Any:
    if not text.strip():
        raise _bad("Body: expected rows as JSON, found nothing")
    try:
        return json.loads(text, object_pairs_hook=_object, parse_int=_whole, parse_constant=_no_number)
    except RecursionError:
        raise _bad("Body: expected rows of single values, found JSON with too many levels") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _bad(f"Body: expected JSON, found something else at {where}") from error
    except ValueError as error:
        raise _bad(str(error)) from error


def _instances(content: Any) -> list[Any]:
    if isinstance(content, _Repeated):
        raise _bad(f"Body: expected each key once, found {content.name[:100]!r} more than once")
    rows = content.get("instances") if isinstance(content, dict) else content
    if not isinstance(rows, list):
        raise _bad('Body: expected {"instances": [{"feature": value, ...}, ...]} or the list alone, found neither')
    return rows


def _is_sound(row: Any, features: Mapping[str, Column]) -> bool:
    return isinstance(row, dict) and not isinstance(row, _Repeated) and row.keys() >= features.keys()


def _row_problems(rows: list[Any], features: Mapping[str, Column]) -> Iterator[Problem]:
    for number, row in enumerate(rows):
        if isinstance(row, _Repeated):
            yield Problem(number, row.name[:100], "each key once", "it more than once")
        elif not isinstance(row, dict):
            yield Problem(number, "", 'an object {"feature": value, ...}', _kind(row))
        elif not row.keys() >= features.keys():
            others = row.keys() - features.keys()
            yield from _absent(number, [column for name, column in features.items() if name not in row], others)


def _absent(number: int, columns: Sequence[Column], others: set[str]) -> Iterator[Problem]:
    for column in columns:
        yield Problem(number, column.name, column.expected, Absent(column.name, others).shown())


def _kind(value: Any) -> str:
    kinds = {list: "a list", bool: "true or false", type(None): "null", str: "a text"}
    return kinds.get(type(value), "a number")


def _csv_rows(text: str, columns: Sequence[Column]) -> RequestRows:
    try:
        batch = delimited.read(text.encode(), Format(delimiter=","))
    except FormatError as error:
        raise _bad(f"Body: {str(error).partition('. Write ')[0]}") from error  # the remedy concerns the use case's YAML
    _require_columns(set(batch.columns), columns)
    numbers = {line: row for row, line in enumerate(sorted([*batch.lines, *(bad.line for bad in batch.malformed)]))}
    sound = [numbers[line] for line in batch.lines]
    cells = {column.name: pd.Series(batch.columns[column.name], sound, dtype=object) for column in columns}
    problems = [Problem(numbers[bad.line], "", *_expected_and_found(bad)) for bad in batch.malformed[: SHOWN + 1]]
    return RequestRows(len(numbers), pd.DataFrame(cells, index=sound), tuple(problems))


def _require_columns(there: set[str], columns: Sequence[Column]) -> None:
    lacking = [column for column in columns if column.name not in there]
    if lacking:
        problems = list(_absent(NO_ROW, lacking, there - {column.name for column in columns}))
        raise _bad(f"Header: expected a column for each feature, found none for {len(lacking)}", problems[:SHOWN])


def _expected_and_found(bad: MalformedRow) -> tuple[str, str]:
    expected, _, found = bad.reason.removeprefix("expected ").partition(", found ")
    return expected, f"{found or bad.reason} (line {bad.line})"
