"""What every kind of source has, and the reserved columns of the batches that it gives."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

from config.errors import SourceError
from tabular.formats import USUAL, Format

if TYPE_CHECKING:
    import pandas as pd

BATCH_ROWS = 50_000
LINE_COLUMN, REASON_COLUMN, TEXT_COLUMN = "__line__", "__malformed__", "__text__"
"""The last three columns of every batch, which no file may have itself. See RESERVED."""
RESERVED = pa.schema(
    [
        pa.field(LINE_COLUMN, pa.int64()),
        pa.field(REASON_COLUMN, pa.large_string()),
        pa.field(TEXT_COLUMN, pa.large_string()),
    ]
)
"""The line of the file on which a row begins, counted from 1, null where the source has no lines; why a row can't be
read, null for all others; and the text of such a row, whose cells are all null."""


class Source(Protocol):
    """Rows as they are, untyped."""

    @property
    def format(self) -> Format:
        """How texts in the cells are written."""

    def describe(self) -> str:
        """Name the source, without any secret of its address."""

    def fingerprint(self) -> str | None:
        """A cheap token that changes whenever the rows may have changed; None: only reading them tells."""

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows in their order, at most BATCH_ROWS in a batch, with RESERVED as the last columns.

        The other columns are called as in the source, without blanks around their names, the same in each batch. Cells
        of delimited files are texts, others have the types of the source. Raises SourceError when there is nothing to
        read or it can't be read, which may be found only after some batches.
        """


@dataclass(frozen=True)
class FrameSource:
    """A source whose rows fit in memory."""

    name: str
    token: str
    """The fingerprint."""
    load: "Callable[[], pd.DataFrame]"
    """Makes the rows; raises SourceError."""
    format: Format = USUAL

    def describe(self) -> str:
        """The name."""
        return self.name

    def fingerprint(self) -> str:
        """The token."""
        return self.token

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The frame's rows. Raises what `load` does."""
        table = pa.Table.from_pandas(self.load(), preserve_index=False).replace_schema_metadata()
        return map(with_reserved, table.to_batches(max_chunksize=BATCH_ROWS))


def with_reserved(
    batch: pa.RecordBatch,
    lines: pa.Array | None = None,
    reasons: pa.Array | None = None,
    texts: pa.Array | None = None,
) -> pa.RecordBatch:
    """The (n, columns) batch with the reserved columns, each null where it is not given."""
    given = zip(RESERVED, (lines, reasons, texts), strict=True)
    columns = [pa.nulls(len(batch), field.type) if values is None else values for field, values in given]
    schema = pa.schema([*batch.schema, *RESERVED])
    return pa.RecordBatch.from_arrays([*batch.columns, *columns], schema=schema)


def refuse_reserved(names: Sequence[str], address: str) -> None:
    """Raise SourceError when a column is called like one of RESERVED."""
    if taken := [name for name in names if name in RESERVED.names]:
        raise SourceError(
            f"{address}: expected names of columns that VishwaOps does not use itself, found {taken[0]!r}. Rename it"
        )


def headers_of(schema: pa.Schema) -> list[str]:
    """The names of a batch's columns in the source."""
    return [name for name in schema.names if name not in RESERVED.names]
