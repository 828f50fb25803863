"""Writes a version's rows to a file of this machine: Parquet, or CSV that the use case can read again."""

import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from config.errors import ConfigError
from config.use_case import UseCase
from tasks.landing import reading
from tasks.model_contract import MALFORMED, UNREAD
from tasks.references import DatasetVersion
from tasks.rows.stored_rows import frame_of

ENDINGS = (".parquet", ".csv")


def check_path(path: Path) -> None:
    """Raise ConfigError for a file of another format, or in no folder."""
    if path.suffix not in ENDINGS:
        raise ConfigError(f"{path}: expected a file that ends in {' or '.join(ENDINGS)}; found {path.suffix or 'none'}")
    if not path.parent.is_dir():
        raise ConfigError(f"{path}: expected a file in a folder that exists; found no {path.parent}")


def export(use_case: UseCase, dataset: DatasetVersion, path: Path) -> int:
    """Write a version's rows, and return their number. The file appears when it is complete.

    Parquet has every stored column. CSV has the use case's columns with their headers in the source and their texts,
    without malformed rows. Raises the errors of `check_path`, and MissingInput for a deleted version.
    """
    check_path(path)
    part = path.with_suffix(".part")
    try:
        with reading.opened(dataset) as rows:
            written = _parquet(rows, part) if path.suffix == ".parquet" else _csv(use_case, rows, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return written


def _parquet(rows: reading.Rows, path: Path) -> int:
    with pq.ParquetWriter(path, rows.schema, compression="zstd") as writer:
        for batch in rows.iter_batches():
            writer.write_batch(batch)
    return rows.rows


def _csv(use_case: UseCase, rows: reading.Rows, path: Path) -> int:
    own = [name for name in rows.schema.names if name in use_case.columns]
    headers, written = use_case.headers, 0
    with path.open("w", encoding="utf-8", newline="") as file:
        pd.DataFrame(columns=[headers[name] for name in own]).to_csv(file, index=False)
        for batch in rows.iter_batches(columns=[*own, UNREAD, MALFORMED]):
            frame = _texts(use_case, batch.filter(pc.is_null(batch[MALFORMED])))
            frame[own].to_csv(file, index=False, header=False)
            written += len(frame)
    return written


def _texts(use_case: UseCase, batch: pa.RecordBatch) -> pd.DataFrame:
    """Return the rows with dates in their column's format, and the texts of cells that do not fit their type."""
    frame = frame_of(batch)
    for name, column in use_case.columns.items():
        if name in frame and column.format:
            frame[name] = frame[name].dt.strftime(column.format)
    for row in frame.index[frame[UNREAD].fillna("") != ""]:
        for name, text in json.loads(frame.at[row, UNREAD]).items():
            if name in frame:
                frame[name] = frame[name].astype(object)
                frame.at[row, name] = text
    return frame
