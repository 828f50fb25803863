"""ingest: a source becomes typed Parquet in S3 under the digest of its content."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pandas as pd
from prefect import task

from config.errors import SourceError
from config.use_case import UseCase
from tabular.columns import Column, typed
from tasks import digests, locations, sources, storage
from tasks.contracts import STORED, columns
from tasks.progress import log
from tasks.references import DatasetVersion

UNREAD = "unread_cells"
"""A column of JSON objects: what a row's cells hold that could not be read as their type; empty where all could."""


@task
def ingest(use_case: UseCase, location: str | None = None) -> DatasetVersion:
    """Read the source, or the one at `location`, and publish its rows as a dataset version.

    The same rows are the same version, however often they come. A cell that can't be read as its column's type is kept
    as text for `validate` to judge. Raises SourceError when the source can't be read or lacks a column.
    """
    raw = sources.read_rows(use_case.source, location, use_case.name)
    source = sources.describe(use_case.source, location)
    frame = typed_frame(use_case, raw, source)
    schema = {name: column.model_dump() for name, column in use_case.columns.items()}
    digest = digests.of_json([digests.of_frame(frame), schema])
    folder = locations.dataset(use_case.name, digest)
    manifest = storage.publish(
        folder,
        {"data.parquet": storage.parquet(frame)},
        {
            "use_case": use_case.name,
            "digest": digest,
            "source": source,
            "rows": len(frame),
            "schema": schema,
            "columns_left_out": sorted(set(map(str, raw.columns)) - set(_headers(use_case).values())),
            "ingested_at": datetime.now(UTC),
        },
    )
    log.info("ingest    %s rows from %s, version %s", f"{len(frame):,}", source, digest)
    return DatasetVersion(
        use_case=use_case.name,
        digest=digest,
        source=manifest["source"],
        uri=f"{folder}/data.parquet",
        manifest_uri=f"{folder}/{locations.MANIFEST}",
        rows=len(frame),
    )


def typed_frame(use_case: UseCase, raw: pd.DataFrame, source: str) -> pd.DataFrame:
    """Return the schema's columns of `raw` (n rows) as their types, and what could not be read in the column UNREAD.

    Raises SourceError when a column is missing.
    """
    headers = _headers(use_case)
    if missing := [header for header in headers.values() if header not in raw]:
        raise SourceError(
            f"{source}: lacks {len(missing)} column(s): expected {', '.join(map(repr, missing))}; "
            f"found {', '.join(map(repr, map(str, raw.columns)))}. Add them, or mend `columns` of {use_case.name}"
        )
    return type_columns(columns(use_case), {name: raw[header] for name, header in headers.items()})


def type_columns(known: Mapping[str, Column], raw: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Type each of the (n,) columns in `raw`; the frame's last column, UNREAD, keeps what could not be read."""
    frame = pd.DataFrame(index=pd.RangeIndex(len(next(iter(raw.values())))))
    unread: list[dict[str, str]] = [{} for _ in frame.index]
    for name, values in raw.items():
        column = known[name]
        cells, bad = typed(values.reset_index(drop=True), column)
        frame[name] = cells.astype(STORED[column.type])
        for row in bad.to_numpy().nonzero()[0]:
            unread[row][name] = str(values.iloc[row])
    frame[UNREAD] = pd.Series([json.dumps(cells) if cells else "" for cells in unread], dtype="string")
    return frame


def _headers(use_case: UseCase) -> dict[str, str]:
    return {name: column.header or name for name, column in use_case.columns.items()}
