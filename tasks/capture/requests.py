"""The rows of captured requests, read by the readers of the serving code: exactly as the model read them.

The requests of a group are read together where that gives the same rows: rows of JSON and JSON Lines as one list of
objects, and CSV bodies with one header as one body. Others are read one by one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa

from serving.media_types import CSV, media_type
from serving.readers import Reader, json_rows, reader_of
from serving.readers.request_rows import RequestRows
from serving.rejected import Rejected
from tabular.cells import Cells
from tabular.checked import CheckedColumns, Problem, check_columns
from tabular.columns import Column
from tasks.capture.events import Event, Unreadable

PLAIN_CSV = (b'"', b"\r", b"\n\n")
"""What a body of CSV lacks that can be joined with another one."""
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, eq=False)
class Rows:
    """The well-formed rows of some events."""

    counts: np.ndarray
    """(events,) the number of rows of each request, with the malformed ones."""
    event: np.ndarray
    """(n,) the place of each row's event."""
    row: np.ndarray
    """(n,) the row's number in its request, from 0."""
    checked: CheckedColumns
    """The (n,) values of each column, and the mask of those that do not fit."""


@dataclass(frozen=True, eq=False)
class _Block:
    """The rows of some events, before their values are checked."""

    events: np.ndarray
    counts: np.ndarray
    event: np.ndarray
    row: np.ndarray
    cells: Mapping[str, Cells]


def read(events: Sequence[Event], columns: Sequence[Column]) -> Rows:
    """Return the rows of the events' requests. Raises Unreadable when one of them can't be read."""
    try:
        blocks = [_joined(group) for group in _by_types(list(_blocks(events, columns)))]
    except Rejected as rejected:
        raise Unreadable(f"request: {_reason(rejected)}") from None
    counts = np.zeros(len(events), dtype="int64")
    for block in blocks:
        counts[block.events] = block.counts
    checked = [check_columns(block.cells, columns, len(block.row)) for block in blocks]
    event = np.concatenate([block.event for block in blocks])
    row = np.concatenate([block.row for block in blocks])
    return Rows(counts, event, row, checked[0] if len(checked) == 1 else _concatenated(checked))


def _reason(rejected: Rejected) -> str:
    """What is wrong, without a value of the request."""
    if not rejected.problems:
        return rejected.error.partition(", found")[0].partition(", could")[0]
    return expected(rejected.problems[0])


def expected(problem: Problem) -> str:
    """What was expected, without what was found: that is a value of a row."""
    return f"{problem.column or 'row'}: expected {problem.expected}, found something else"


def _blocks(events: Sequence[Event], columns: Sequence[Column]) -> Iterator[_Block]:
    """Yield the events' rows, those that can be read together as one block."""
    objects: list[dict[str, Any]] = []
    places: list[int] = []
    counts: list[int] = []
    tables: dict[bytes, list[int]] = {}
    others: list[int] = []
    for place, event in enumerate(events):
        reader = reader_of(event.request.content_type)
        if (found := _fast(reader, event.request.body)) is not None:
            objects += found
            places.append(place)
            counts.append(len(found))
        elif header := _plain_header(event):
            tables.setdefault(header, []).append(place)
        else:
            others.append(place)
    if objects:
        yield _of_rows(json_rows.rows_of(objects, columns, 0), np.array(places), np.array(counts))
    for header, found_places in tables.items():
        yield from _of_tables(events, header, found_places, columns)
    yield from (_alone(events, place, columns) for place in others)


def _fast(reader: Reader, body: bytes) -> list[dict[str, Any]] | None:
    return reader.fast_rows(body) if reader.fast_rows else None


def _of_rows(rows: RequestRows, places: np.ndarray, counts: np.ndarray) -> _Block:
    """The rows of several requests, which follow each other."""
    begins = np.cumsum(counts) - counts
    numbers = rows.well_formed
    event = np.repeat(places, counts)[numbers]
    row = numbers - np.repeat(begins, counts)[numbers]
    return _Block(places, counts, event, row, rows.cells)


def _alone(events: Sequence[Event], place: int, columns: Sequence[Column]) -> _Block:
    request = events[place].request
    rows = reader_of(request.content_type).read(request.body, columns, 0)
    return _of_rows(rows, np.array([place]), np.array([rows.count]))


def _plain_header(event: Event) -> bytes:
    """The header of a body of CSV that can be joined with others of this header; empty for another body."""
    body = event.request.body
    found = media_type(event.request.content_type)
    if not found or found.standard_name != CSV or body.startswith(BYTE_ORDER_MARK):
        return b""
    header, _, rest = body.partition(b"\n")
    if not rest or any(each in body for each in PLAIN_CSV) or b" \n" in body or body.startswith(b"\n"):
        return b""
    return header


def _of_tables(
    events: Sequence[Event], header: bytes, places: Sequence[int], columns: Sequence[Column]
) -> Iterator[_Block]:
    """Read bodies with one header as one body; one by one when it has not one well-formed row for each line."""
    rows = [events[place].request.body[len(header) + 1 :].removesuffix(b"\n") for place in places]
    counts = np.array([each.count(b"\n") + 1 for each in rows])
    reader = reader_of(events[places[0]].request.content_type)
    try:
        found = reader.read(header + b"\n" + b"\n".join(rows) + b"\n", columns, 0) if len(places) > 1 else None
    except Rejected:
        found = None
    if found is None or found.numbers is not None or found.count != counts.sum():
        yield from (_alone(events, place, columns) for place in places)
    else:
        yield _of_rows(found, np.array(places), counts)


def _by_types(blocks: list[_Block]) -> Iterator[list[_Block]]:
    """Group the blocks whose cells have the same types."""
    key = lambda block: tuple((name, _type(cells)) for name, cells in sorted(block.cells.items()))  # noqa: E731
    yield from (list(group) for _, group in groupby(sorted(blocks, key=key), key))


def _type(cells: Cells) -> str:
    return f"arrow {cells.type}" if isinstance(cells, pa.Array) else f"numpy {cells.dtype}"


def _joined(blocks: list[_Block]) -> _Block:
    if len(blocks) == 1:
        return blocks[0]
    cells = {name: _appended([block.cells[name] for block in blocks]) for name in blocks[0].cells}
    return _Block(
        np.concatenate([block.events for block in blocks]),
        np.concatenate([block.counts for block in blocks]),
        np.concatenate([block.event for block in blocks]),
        np.concatenate([block.row for block in blocks]),
        cells,
    )


def _appended(cells: Sequence[Cells]) -> Cells:
    if isinstance(cells[0], pa.Array):
        chunks = pa.chunked_array(list(cells))
        return chunks.unify_dictionaries().combine_chunks()
    return np.concatenate(cells)


def _concatenated(parts: Sequence[CheckedColumns]) -> CheckedColumns:
    values = {
        name: pa.chunked_array([part.values[name] for part in parts]).unify_dictionaries().combine_chunks()
        for name in parts[0].values
    }
    bad = np.concatenate([part.bad for part in parts])
    return CheckedColumns(len(bad), parts[0].columns, values, bad, {}, np.arange(len(bad)))
