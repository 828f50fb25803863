"""Reads the rows of a job's channel: all Parquet files of a folder, and of them only the columns that a model needs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tabular import contract_frames
from tabular.contract import Contract

ENCODED = pa.dictionary(pa.int32(), pa.string())
ROWS_AT_ONCE = 10_000


@dataclass(frozen=True)
class StoredRows:
    """The n rows of channels: the features and the target, read in batches, in the order of `read_channels`."""

    places: tuple[Path, ...]
    """Folders of Parquet files, or Parquet files."""
    contract: Contract

    def __len__(self) -> int:
        return self._count

    @cached_property
    def _count(self) -> int:
        return sum(pq.read_metadata(file).num_rows for place in self.places for file in _files(place))

    def frame(self) -> pd.DataFrame:
        """Return all rows, as `read_channels` does."""
        return read_channels(self.places, self.contract)

    def frames(self, size: int = ROWS_AT_ONCE) -> Iterator[pd.DataFrame]:
        """Yield frames of at most `size` rows."""
        for table in self.tables(size=size):
            yield table.to_pandas()

    def tables(self, names: Sequence[str] | None = None, size: int = ROWS_AT_ONCE) -> Iterator[pa.Table]:
        """Yield tables of at most `size` rows, with the columns `names`; by default the features and the target.

        Categories, and a target of classes, are dictionaries of texts.
        """
        wanted, encoded = _wanted(self.contract)
        names = wanted if names is None else names
        encoded = [name for name in encoded if name in names]
        for file in (file for place in self.places for file in _files(place)):
            with pq.ParquetFile(file, read_dictionary=encoded) as rows:
                for batch in rows.iter_batches(size, columns=list(names)):
                    yield _plain(pa.Table.from_batches([batch]), encoded).select(list(names))

    @cached_property
    def truth(self) -> np.ndarray:
        """The (n,) target: class numbers, or floats for a regression."""
        frames = (table.to_pandas() for table in self.tables([self.contract.target]))
        return np.concatenate([contract_frames.outputs(self.contract, frame) for frame in frames])


def read_channel(place: Path, contract: Contract) -> pd.DataFrame:
    """Return the features and the target of the n rows in the folder, or the Parquet file, `place`.

    Files are read in the order of their names. Categories, and a target of classes, are pandas Categoricals: one text
    for each distinct value, and a few bytes per row. Raises FileNotFoundError when the folder has no Parquet file.
    """
    return read_channels([place], contract)


def read_channels(places: Sequence[Path], contract: Contract) -> pd.DataFrame:
    """Return the rows of several places, one after the other, as `read_channel` returns those of one."""
    files = [file for place in places for file in _files(place)]
    names, encoded = _wanted(contract)
    tables = [pq.read_table(file, columns=names, read_dictionary=encoded) for file in files]
    found = pa.concat_tables(_plain(table, encoded) for table in tables).unify_dictionaries()
    return found.to_pandas(self_destruct=True)


def read_columns(place: Path, names: Sequence[str] | None = None) -> dict[str, pa.Array]:
    """Return the (n,) values of the columns `names` of the rows in `place`, in the order of `read_channel`.

    The default is every stored column.
    Raises FileNotFoundError when the folder has no Parquet file.
    """
    table = pa.concat_tables(pq.read_table(file, columns=names).replace_schema_metadata(None) for file in _files(place))
    return {name: table[name].combine_chunks() for name in table.column_names}


def _wanted(contract: Contract) -> tuple[list[str], list[str]]:
    """Return the columns that a model needs, and those of them that are read as dictionaries of texts."""
    categories = [column.name for column in contract.features if column.type == "category"]
    encoded = [*categories, contract.target] if contract.classes else categories
    return list(dict.fromkeys([*(column.name for column in contract.features), contract.target])), encoded


def _files(place: Path) -> list[Path]:
    files = sorted(place.glob("*.parquet")) if place.is_dir() else [place]
    if not files:
        raise FileNotFoundError(f"{place}: expected Parquet files, found none")
    return files


def _plain(table: pa.Table, encoded: Sequence[str]) -> pa.Table:
    """Return the table with dictionaries of texts as the columns `encoded`, and without pandas' own types."""
    for name in encoded:
        column, place = table[name], table.schema.get_field_index(name)
        if column.type != ENCODED:  # the file's own dictionary, or its texts in large strings
            texts = column.cast(pa.string()).dictionary_encode()
            table = table.set_column(place, pa.field(name, texts.type), texts)
    return table.replace_schema_metadata(None)
