"""The interface of a source, and the reserved columns of its batches."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import pyarrow as pa

from config.errors import SourceError
from tabular.formats import USUAL, Format
from tabular.raw_batches import (
    FILE_COLUMN,
    LINE_COLUMN,
    REASON_COLUMN,
    RESERVED,
    TEXT_COLUMN,
    headers_of,
    with_reserved,
)

if TYPE_CHECKING:
    import pandas as pd

    from tabular.plain_columns import PlainColumns

__all__ = [
    "BATCH_ROWS", "FILE_COLUMN", "LINE_COLUMN", "REASON_COLUMN", "RESERVED", "TEXT_COLUMN", "FrameSource",
    "Incremental", "Position", "Source", "headers_of", "refuse_reserved", "with_reserved",
]  # fmt: skip
BATCH_ROWS = 50_000
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


def refuse_reserved(names: Sequence[str], address: str) -> None:
    """Raise SourceError when a column has the name of one of RESERVED."""
    if taken := [name for name in names if name in RESERVED.names]:
        raise SourceError(
            f"{address}: expected names of columns that VishwaOps does not use itself, found {taken[0]!r}. Rename it"
        )
