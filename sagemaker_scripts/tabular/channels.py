"""Reads the rows of a job's channel: all Parquet files of a folder, and of them only the columns that a model needs."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tabular.contract import Contract

ENCODED = pa.dictionary(pa.int32(), pa.string())


def read_channel(place: Path, contract: Contract) -> pd.DataFrame:
    """Return the features and the target of the n rows in the folder, or the Parquet file, `place`.

    Files are read in the order of their names. Categories, and a target of classes, are pandas Categoricals: one text
    for each distinct value, and a few bytes per row. Raises FileNotFoundError when the folder has no Parquet file.
    """
    return read_channels([place], contract)


def read_channels(places: Sequence[Path], contract: Contract) -> pd.DataFrame:
    """Return the rows of several places, one after the other, as `read_channel` returns those of one."""
    files = [file for place in places for file in _files(place)]
    categories = [column.name for column in contract.features if column.type == "category"]
    encoded = [*categories, contract.target] if contract.classes else categories
    names = list(dict.fromkeys([*(column.name for column in contract.features), contract.target]))
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
