"""Reads JSON Lines, one object per line, as record batches of texts.

A line that is no object is a malformed row. A key that a line lacks is a null cell. Numbers become texts with all their
digits and with the decimal mark of the format, booleans `true` and `false`, so that `tabular.columns` reads them as it
reads JSON.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import IO

import pyarrow as pa

from config.errors import SourceError
from tabular.formats import USUAL, Format
from tabular.records import MAX_RECORD
from tasks.sources.columns import without
from tasks.sources.json_objects import Objects, kind_of, parsed
from tasks.sources.source import BATCH_ROWS, refuse_reserved, with_reserved

CHUNK_BYTES = 1 << 20
BATCH_BYTES = 1 << 26
"""The bytes of lines after which a batch ends."""
SAMPLE_ROWS = 1_000
"""The rows whose keys are the columns. Columns of the use case are looked for in all rows."""
MARK = b"\xef\xbb\xbf"

Line = tuple[int, bytes]


def read_batches(
    file: IO[bytes], address: str, format: Format = USUAL, headers: Sequence[str] = ()
) -> Iterator[pa.RecordBatch]:
    """Read a file from its beginning, in at least one batch. Every cell is a large_string, or nested.

    Raises SourceError when the file has no object, or a key twice after stripping.
    """
    columns = _columns(file, address, headers)
    refuse_reserved(columns.names, address)
    file.seek(0)
    lines = _lines(file, address)
    while some := _some(lines):
        yield _batch(some, columns, format, headers)


def _columns(file: IO[bytes], address: str, headers: Sequence[str]) -> Objects:
    sample = list(islice(_lines(file, address), SAMPLE_ROWS))
    objects = Objects([parsed(line) for _, line in sample], address)
    if not objects.names:
        raise SourceError(f"{address}: {_no_object(sample)}")
    file.seek(0)
    objects.add_late(headers, (line for _, line in _lines(file, address)))
    return objects


def _no_object(sample: Sequence[Line]) -> str:
    expected = "expected one JSON object in each line (JSON Lines), found "
    if not sample:
        return expected + "an empty file"
    if sample[0][1].lstrip().startswith(b"["):
        return expected + "a JSON array. Write each of its objects in a line: jq -c '.[]' FILE"
    return f"{expected}none in the first {len(sample):,}; line {sample[0][0]}: {parsed(sample[0][1])}"


def _lines(file: IO[bytes], address: str) -> Iterator[Line]:
    """Yield the lines that are not blank, with their numbers from 1."""
    number, rest = 0, file.read(CHUNK_BYTES).removeprefix(MARK)
    while rest:
        chunk = file.read(CHUNK_BYTES)
        pieces = (rest + chunk).split(b"\n")
        rest = pieces.pop() if chunk else b""
        if len(rest) > MAX_RECORD:
            raise SourceError(f"{address}: expected lines of at most {MAX_RECORD:,} characters, found a longer one")
        for piece in pieces:
            number += 1
            if piece.strip():
                yield number, piece.rstrip(b"\r")


def _some(lines: Iterator[Line]) -> list[Line]:
    found, size = list[Line](), 0
    for line in lines:
        found.append(line)
        size += len(line[1])
        if len(found) >= BATCH_ROWS or size > BATCH_BYTES:
            break
    return found


def _batch(lines: Sequence[Line], columns: Objects, format: Format, headers: Sequence[str]) -> pa.RecordBatch:
    rows = [parsed(line, format.decimal) for _, line in lines]
    reasons = {at: row for at, row in enumerate(rows) if isinstance(row, str)}
    objects = [{} if isinstance(row, str) else row for row in rows]
    cells, nested = columns.columns(objects)
    for at, name, value in nested:
        if name in headers:
            reasons.setdefault(at, f"expected a single value, found {kind_of(value)} in {name[:60]!r}")
            objects[at] = {}
    if nested:
        cells, _ = columns.columns(objects)
    named = pa.RecordBatch.from_arrays([without(cell, format.missing) for cell in cells], names=columns.names)
    texts = [lines[at][1].decode("utf-8", "replace") if at in reasons else None for at in range(len(rows))]
    return with_reserved(
        named,
        pa.array([number for number, _ in lines], pa.int64()),
        pa.array(map(reasons.get, range(len(rows))), pa.large_string()),
        pa.array(texts, pa.large_string()),
    )
