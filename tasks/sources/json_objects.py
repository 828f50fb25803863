"""Objects of JSON as rows: their keys are the columns, and their values the cells as texts."""

import json
from collections.abc import Iterable, Sequence
from functools import cache
from math import isfinite
from typing import Any

import pyarrow as pa

from tabular.cells import number_text
from tasks.sources.columns import refuse_repeated

Row = dict[str, Any]
"""An object whose numbers are texts."""
TEXT = pa.large_string()
TOO_DEEP = "expected a JSON object, found one that is nested too deeply"
HALF = "expected text, found half of a surrogate pair"


def parsed(line: bytes, decimal: str = ".") -> Row | str:
    """Return the object of a line, or the reason why it is none."""
    try:
        found = _decoder(decimal).decode(line.decode())
    except UnicodeDecodeError as error:
        return f"expected text in utf-8, found the byte {line[error.start]:#04x}"
    except json.JSONDecodeError as error:
        return f"expected a JSON object, found text that is not JSON: {error.msg} at character {error.pos + 1}"
    except RecursionError:
        return TOO_DEEP
    except ValueError as error:
        return str(error)
    if not isinstance(found, dict):
        return f"expected a JSON object, found {kind_of(found)}"
    return HALF if b"\\u" in line and _has_half_pairs(found) else found


@cache
def _decoder(decimal: str) -> json.JSONDecoder:
    def number(digits: str) -> str:
        value = float(digits)
        if not isfinite(value):  # beyond the range of a float
            return digits
        text = number_text(value) if value.is_integer() else repr(value)  # as in `number_text`, in a third of the time
        return text if decimal == "." else text.replace(".", decimal)

    return json.JSONDecoder(
        object_pairs_hook=_object, parse_int=str, parse_float=number, parse_constant=_no_number, strict=True
    )


def _object(pairs: list[tuple[str, Any]]) -> Row:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"expected each key once, found {twice[:60]!r} more than once")
    return found


def _no_number(token: str) -> Any:
    raise ValueError(f"expected a JSON object, found {token}, which is not a number in JSON")


def _has_half_pairs(row: Row) -> bool:
    try:
        json.dumps(row, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def kind_of(value: Any) -> str:
    """Return what a value is, for messages."""
    match value:
        case list():
            return "a list"
        case dict():
            return "an object"
        case None:
            return "null"
        case bool():
            return "a boolean"
        case _:
            return "a single value"


class Objects:
    """The columns of objects: the keys of a sample, in order, and later keys that are needed."""

    def __init__(self, sample: Sequence[Row | str], address: str) -> None:
        self._address = address
        self._types = dict[str, pa.DataType]()
        """The type of each column: nested if every value of the sample is, or else text."""
        for row in sample:
            for name, value in (row if isinstance(row, dict) else {}).items():
                if value is not None or name not in self._types:
                    self._add(name, value)
        self._require_unique()

    def _add(self, name: str, value: Any) -> None:
        found = pa.null() if value is None else type_of(value)
        known = self._types.get(name, pa.null())
        self._types[name] = found if known in (pa.null(), found) else TEXT

    def _require_unique(self) -> None:
        refuse_repeated(list(self._types), self._address)

    @property
    def keys(self) -> list[str]:
        """The keys of the columns."""
        return [key for key in self._types if key.strip()]

    @property
    def names(self) -> list[str]:
        """The names of the columns: their keys, stripped."""
        return [key.strip() for key in self.keys]

    def add_late(self, headers: Iterable[str], lines: Iterable[bytes]) -> None:
        """Look in all lines for the headers that no object of the sample has. Add those that are found."""
        missing = set(headers) - {*self.names}
        for line in lines if missing else ():
            if isinstance(row := parsed(line), dict):
                for key in row.keys() - self._types.keys():
                    if key.strip() in missing:
                        self._types[key] = TEXT
                        missing.discard(key.strip())
            if not missing:
                break
        self._require_unique()

    def columns(self, rows: Sequence[Row]) -> tuple[list[pa.Array], list[tuple[int, str, Any]]]:
        """Return the (n,) cells of each column, and each nested value in a column of texts, with its row and name.

        Nested values are null.
        """
        columns, nested = list[pa.Array](), list[tuple[int, str, Any]]()
        for key in self.keys:
            if pa.types.is_nested(self._types[key]):
                columns.append(pa.nulls(len(rows), self._types[key]))
                continue
            values = [row.get(key) for row in rows]
            try:
                columns.append(pa.array(values, TEXT))
            except (pa.ArrowException, TypeError):
                columns.append(pa.array([_text(value) for value in values], TEXT))
                nested += [(at, key.strip(), value) for at, value in enumerate(values) if is_nested(value)]
        return columns, nested


def type_of(value: Any) -> pa.DataType:
    """Return the Arrow type of the column of a value. `tabular.source_cells` refuses nested ones."""
    return pa.list_(pa.null()) if isinstance(value, list) else pa.struct([]) if isinstance(value, dict) else TEXT


def is_nested(value: Any) -> bool:
    """Whether a value is a list or an object."""
    return isinstance(value, list | dict)


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else None
