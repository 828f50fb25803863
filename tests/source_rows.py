"""Collects the rows of sources for tests."""

from collections.abc import Sequence

import pandas as pd
import pyarrow as pa

from config.sources import Source as ConfiguredSource
from config.use_case import UseCase
from tabular.formats import USUAL, Format
from tabular.records import MalformedRow
from tabular.source_cells import cells
from tasks.rows.stored_rows import frame_of
from tasks.rows.typed_rows import TypedRows
from tasks.sources import open_source
from tasks.sources.location import open_address
from tasks.sources.source import LINE_COLUMN, REASON_COLUMN, RESERVED, TEXT_COLUMN, Source, with_reserved


def gathered(source: Source) -> pa.Table:
    """All batches of a source."""
    return pa.Table.from_batches(list(source.batches()))


def sound_cells(source: Source) -> dict[str, list[object]]:
    """The cells of the well-formed rows, by column."""
    table = gathered(source)
    found: dict[str, list[object]] = (
        table.filter(table[REASON_COLUMN].is_null()).drop_columns(RESERVED.names).to_pydict()
    )
    return found


def malformed_rows(source: Source) -> list[MalformedRow]:
    """The malformed rows."""
    table = gathered(source)
    bad = table.filter(table[REASON_COLUMN].is_valid()).to_pylist()
    return [MalformedRow(row[LINE_COLUMN], row[REASON_COLUMN], row[TEXT_COLUMN]) for row in bad]


def at(address: str, format: Format = USUAL, headers: Sequence[str] = ()) -> dict[str, list[object]]:
    """The cells of the well-formed rows of the file at an address."""
    return sound_cells(open_address(address, format, headers))


def of(source: ConfiguredSource, location: str | None = None, headers: Sequence[str] = ()) -> dict[str, list[object]]:
    """The cells of the well-formed rows of a configured source."""
    return sound_cells(open_source(source, location, "case", headers))


def series_at(address: str, name: str) -> pd.Series:
    """The typed cells of one column of the file at an address."""
    return cells(gathered(open_address(address))[name].combine_chunks())


def typed_frame(case: UseCase, source: Source | pd.DataFrame, name: str = "test") -> pd.DataFrame:
    """The typed rows of a source, or of a frame of its cells, as pandas reads them from a dataset version."""
    if isinstance(source, pd.DataFrame):
        table = pa.Table.from_pandas(source, preserve_index=False).replace_schema_metadata()
        batches, format = [with_reserved(table.combine_chunks().to_batches()[0])], USUAL
    else:
        batches, format = list(source.batches()), source.format
    typing = TypedRows(case, name, format)
    frames = [frame_of(typing.typed(batch)) for batch in batches]
    frame = pd.concat(frames, ignore_index=True)
    typing.readings.refuse(int(frame["malformed"].isna().sum()))
    return frame
