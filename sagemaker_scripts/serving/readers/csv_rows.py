"""Reads rows of CSV with a header."""

import io
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from serving.readers.request_rows import (
    RequestRows,
    require_columns,
    require_row_count,
)
from serving.readers.text import decoded
from serving.rejected import bad_request
from tabular import delimited
from tabular.checked import Problem
from tabular.columns import Column
from tabular.formats import Format, FormatError
from tabular.records import MalformedRow

FORMAT = Format(delimiter=",")
MOST_LINES = 1_000_000
"""The most lines of a body. Empty ones are no rows, but take time."""
FEWEST_BYTES = 2_000
"""The least size of a body for which Arrow's reader is faster."""


def read(body: bytes | str, columns: Sequence[Column], most: int | None) -> RequestRows:
    """Read the rows of a body. `most` is the number of problems to collect, or None for all.

    Raises Rejected if the body is not CSV, or lacks a column.
    """
    content = decoded(body).encode(errors="surrogatepass")
    _require_lines(content)
    try:
        cells = _plain_cells(content) if len(content) >= FEWEST_BYTES else None
        if cells is not None:
            return _plain_rows(cells, columns)
        return _rows(delimited.read(content, FORMAT), columns, most)
    except FormatError as error:
        raise bad_request(f"Body: {_without_remedy(str(error))}") from error


def _require_lines(content: bytes) -> None:
    lines = max(content.count(b"\n"), content.count(b"\r"))
    if lines > MOST_LINES:
        raise bad_request(f"Body: expected at most {MOST_LINES:,} lines, found {lines:,}. Send several requests")


def _without_remedy(message: str) -> str:
    """Return a message without its remedy, which concerns the use case's YAML."""
    return message.partition(". Write ")[0]


def _plain_cells(content: bytes) -> Mapping[str, pa.Array] | None:
    """Return the columns of a body that Arrow's reader can cut, by name; None for another one."""
    from tabular.plain_blocks import PlainBlocks  # imports Arrow's reader of CSV

    file = delimited.OpenFile(io.BytesIO(content), FORMAT)
    header, _, rows = "".join(file.blocks).partition(file.end)
    if FORMAT.quote and FORMAT.quote in header:
        return None
    found = PlainBlocks(file.layout, FORMAT, file.end).cut(rows)
    if found is None or found.misfits:
        return None
    return {name: cells for name, cells in zip(file.layout.names, found.columns, strict=True) if name}


def _plain_rows(cells: Mapping[str, pa.Array], columns: Sequence[Column]) -> RequestRows:
    require_columns(cells.keys(), columns, "Header")
    count = len(next(iter(cells.values())))
    require_row_count(count)
    return RequestRows(count, {column.name: cells[column.name] for column in columns})


def _rows(batch: delimited.Rows, columns: Sequence[Column], most: int | None) -> RequestRows:
    require_columns(batch.columns.keys(), columns, "Header")
    count = len(batch.lines) + len(batch.malformed)
    require_row_count(count)
    cells = {column.name: pa.array(batch.columns[column.name], pa.large_string()) for column in columns}
    if not batch.malformed:
        return RequestRows(count, cells)
    numbers = {line: row for row, line in enumerate(sorted([*batch.lines, *(bad.line for bad in batch.malformed)]))}
    sound = np.array([numbers[line] for line in batch.lines], dtype="int64")
    problems = [Problem(numbers[bad.line], "", *_expected_and_found(bad)) for bad in batch.malformed[:most]]
    return RequestRows(count, cells, sound, tuple(problems))


def _expected_and_found(bad: MalformedRow) -> tuple[str, str]:
    expected, _, found = bad.reason.removeprefix("expected ").partition(", found ")
    return expected, f"{found or bad.reason} (line {bad.line})"
