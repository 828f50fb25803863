"""The interface of a source, and the reserved columns of its batches."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import pyarrow as pa

from config.errors import SourceError
from tabular.formats import USUAL, Format

if TYPE_CHECKING:
    import pandas as pd

    from tabular.plain_columns import PlainColumns

BATCH_ROWS = 50_000
FILE_COLUMN, LINE_COLUMN, REASON_COLUMN, TEXT_COLUMN = "__file__", "__line__", "__malformed__", "__text__"
"""The names of the last four columns of every batch. A file cannot have columns with these names. See RESERVED."""
RESERVED = pa.schema(
    [
        pa.field(FILE_COLUMN, pa.large_string()),
        pa.field(LINE_COLUMN, pa.int64()),
        pa.field(REASON_COLUMN, pa.large_string()),
        pa.field(TEXT_COLUMN, pa.large_string()),
    ]
)
"""The file of a row, without secrets, null for a source of one file or none; the line of the file on which the row
begins, from 1, null for a source without lines; why a row is malformed, null for other rows; and the text of a
malformed row, whose cells are all null."""
Position = Mapping[str, Any]
"""Where an incremental source was read up to, as JSON, such as the last offset of each partition."""


class Source(Protocol):
    """The rows of a source, untyped."""

    @property
    def format(self) -> Format:
        """The format of texts in the cells."""

    def describe(self) -> str:
        """Describe the source, without secrets of its address."""

    def fingerprint(self) -> str | None:
        """Return a token that changes when the rows may have changed; None when only reading the rows shows that."""

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows in order, at most BATCH_ROWS in a batch, with RESERVED as the last columns.

        The other columns have their names in the source, stripped, the same in each batch. Cells of delimited files are
        texts; other cells have the types of the source. Raises SourceError, also after some batches, when the source
        has no rows or can't be read.
        """


@runtime_checkable
class Converting(Source, Protocol):
    """A source that may convert plain cells of a delimited file itself, faster than with texts in between."""

    def converted(self, plain: "PlainColumns | None") -> Iterator[pa.RecordBatch]:
        """Yield the batches of `batches`, with columns of `plain` converted and marked by `tabular.plain_columns`."""


@runtime_checkable
class Incremental(Source, Protocol):
    """A source that is read from where the latest version of the dataset ends. Its rows are added to that version.

    The position is stored in the commit of the rows, so that each row lands exactly once.
    """

    def after(self, position: Position | None) -> "Incremental":
        """Return the source of the rows after a position; of all rows for None. Its batches may be empty."""

    def position(self) -> Position:
        """Return the position after the last row of `batches`, which must be exhausted."""


@dataclass(frozen=True)
class FrameSource:
    """A source whose rows fit in memory."""

    name: str
    token: str
    """The fingerprint."""
    load: "Callable[[], pd.DataFrame]"
    """Returns the rows. Raises SourceError."""
    format: Format = USUAL

    def describe(self) -> str:
        """The name."""
        return self.name

    def fingerprint(self) -> str:
        """The token."""
        return self.token

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the frame's rows. Raises the errors of `load`."""
        table = pa.Table.from_pandas(self.load(), preserve_index=False).replace_schema_metadata()
        return map(with_reserved, table.to_batches(max_chunksize=BATCH_ROWS))


def with_reserved(
    batch: pa.RecordBatch,
    lines: pa.Array | None = None,
    reasons: pa.Array | None = None,
    texts: pa.Array | None = None,
    files: pa.Array | None = None,
) -> pa.RecordBatch:
    """Return the (n, columns) batch with the reserved columns, null unless given."""
    given = zip(RESERVED, (files, lines, reasons, texts), strict=True)
    columns = [pa.nulls(len(batch), field.type) if values is None else values for field, values in given]
    schema = pa.schema([*batch.schema, *RESERVED])
    return pa.RecordBatch.from_arrays([*batch.columns, *columns], schema=schema)


def refuse_reserved(names: Sequence[str], address: str) -> None:
    """Raise SourceError when a column has the name of one of RESERVED."""
    if taken := [name for name in names if name in RESERVED.names]:
        raise SourceError(
            f"{address}: expected names of columns that VishwaOps does not use itself, found {taken[0]!r}. Rename it"
        )


def headers_of(schema: pa.Schema) -> list[str]:
    """Return the names of a batch's columns in the source."""
    return [name for name in schema.names if name not in RESERVED.names]
