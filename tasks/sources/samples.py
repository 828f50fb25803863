"""Reads a bounded sample of a source: all rows of a small one; the first rows and random blocks of a large file."""

import io
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from tabular.file_kinds import refuse_other_kinds
from tabular.formats import Format, FormatError
from tasks.sources import delimited_files
from tasks.sources.source import LINE_COLUMN, RESERVED, Source

FIRST_ROWS = 50_000
"""The most rows of a sample that is only the beginning of a source."""
LARGE_BYTES, HEAD_BYTES, BLOCK_BYTES, BLOCKS = 1 << 24, 1 << 22, 1 << 19, 8
"""A larger local file of delimited text is sampled: its head, and blocks at random places."""
SEED = 7
BYTEWISE = ("utf-8", "latin-1", "cp1252", "iso8859-1", "ascii")
"""The encodings in which the byte of a line end is always a line end."""


@dataclass(frozen=True)
class Sample:
    """Some rows of a source."""

    batches: tuple[pa.RecordBatch, ...]
    """Rows with the reserved columns, in the order of the source. Rows of random blocks have no line."""
    described: str
    """What was read, as text: `all 395 rows`."""
    whole: bool
    """Whether the sample has every row."""

    @property
    def rows(self) -> int:
        """The number of rows, including malformed ones."""
        return sum(map(len, self.batches))


def sample(source: Source, location: str | None = None) -> Sample:
    """Read a sample of a source; `location` is its path if it is a file. Equal files give equal samples.

    Raises SourceError when the source can't be read.
    """
    path = Path(location) if location else None
    if path and path.is_file() and path.stat().st_size > LARGE_BYTES and _is_text(path, source.format):
        return _of_large(path, source.format)
    batches, rows = [], 0
    for batch in source.batches():
        if rows + len(batch) > FIRST_ROWS:
            batches.append(batch.slice(0, FIRST_ROWS - rows))
            return Sample(tuple(batches), f"the first {FIRST_ROWS:,} rows", whole=False)
        batches.append(batch)
        rows += len(batch)
    return Sample(tuple(batches), f"all {rows:,} rows", whole=True)


def _is_text(path: Path, format: Format) -> bool:
    if format.encoding.lower() not in BYTEWISE:
        return False
    with path.open("rb") as file:
        try:
            refuse_other_kinds(file.read(512), format.encoding)
        except FormatError:
            return False
    return True


def _of_large(path: Path, format: Format) -> Sample:
    head, blocks = _pieces(path)
    lines = head.count(b"\n")
    content = io.BytesIO(b"".join([head, *blocks]))
    read = delimited_files.read_batches(content, str(path), format)
    batches = tuple(_without_lines_after(batch, lines) for batch in read)
    rows = sum(map(len, batches))
    about = path.stat().st_size * rows // max(1, len(head) + sum(map(len, blocks)))
    return Sample(batches, f"{rows:,} of about {about:,} rows: the first ones and {BLOCKS} random blocks", whole=False)


def _pieces(path: Path) -> tuple[bytes, list[bytes]]:
    """Return the head of a file and random blocks, in order, each of whole lines."""
    size, chance = path.stat().st_size, random.Random(SEED)  # noqa: S311  a sample, no secret
    places = sorted(chance.randrange(HEAD_BYTES, size - BLOCK_BYTES) for _ in range(BLOCKS))
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        return head[: head.rfind(b"\n") + 1], list(_blocks(file, places))


def _blocks(file: io.BufferedReader, places: list[int]) -> Iterator[bytes]:
    end = 0
    for place in places:
        file.seek(max(place, end))
        file.readline()
        block = file.read(BLOCK_BYTES) + file.readline()
        end = file.tell()
        yield block if block.endswith(b"\n") else block + b"\n"


def _without_lines_after(batch: pa.RecordBatch, last: int) -> pa.RecordBatch:
    lines = batch[LINE_COLUMN]
    known = pc.if_else(pc.less_equal(lines, last), lines, pa.scalar(None, lines.type))
    return batch.set_column(batch.schema.get_field_index(LINE_COLUMN), RESERVED.field(LINE_COLUMN), known)
