"""ingest: a source becomes typed Parquet in S3 under the digest of its content."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from config.errors import SourceError
from config.use_case import UseCase
from tabular.columns import Column, typed
from tabular.date_formats import TEMPORAL, described
from tabular.dates import suggest_formats
from tabular.layouts import headerless_hint
from tabular.marks import other_reading, suggest
from tabular.records import MalformedRow
from tabular.suggestions import listed
from tasks import digests, locations, sources, storage
from tasks.model_contract import LINE, STORED, UNREAD, columns, with_marks
from tasks.progress import log
from tasks.references import DatasetVersion
from tasks.sources import SourceRows
from tasks.steps import step

SHOWN_MALFORMED = 3


def fingerprint(use_case: UseCase, source: str | None) -> str | None:
    """What changes when the source's content may have changed; None where nobody can tell without reading it all."""
    return None


@step(cached=True, varies_with=fingerprint)
def ingest(use_case: UseCase, source: str | None = None) -> DatasetVersion:
    """Read the source, or the one at `source`, and publish its rows as a dataset version.

    The same rows are the same version. A cell that can't be read as its column's type, and a
    row that is not well formed, are kept as text for `validate` to judge. Raises SourceError when the source can't be
    read or lacks a column.
    """
    raw = sources.read_rows(use_case.source, source, use_case.name, list(use_case.headers.values()))
    described = sources.describe(use_case.source, source)
    frame = typed_frame(use_case, raw, described)
    malformed = malformed_frame(raw.malformed)
    schema = {name: column.described() for name, column in use_case.columns.items()}
    digest = dataset_digest(frame, malformed, schema)
    folder = locations.dataset(use_case.name, digest)
    manifest = storage.publish(
        folder,
        {"data.parquet": storage.parquet(frame), locations.MALFORMED: storage.parquet(malformed)},
        {
            "use_case": use_case.name,
            "digest": digest,
            "source": described,
            "rows": len(frame),
            "malformed": len(malformed),
            "schema": schema,
            "columns_left_out": _left_out(use_case, raw),
            "ingested_at": datetime.now(UTC),
        },
    )
    log.info("ingest    %s rows from %s, version %s", f"{len(frame):,}", described, digest)
    _log_malformed(raw.malformed)
    return DatasetVersion(
        use_case=use_case.name,
        digest=digest,
        source=manifest["source"],
        uri=f"{folder}/data.parquet",
        manifest_uri=f"{folder}/{locations.MANIFEST}",
        rows=len(frame),
        malformed=len(malformed),
    )


def dataset_digest(frame: pd.DataFrame, malformed: pd.DataFrame, schema: Mapping[str, Any]) -> str:
    """The digest of a dataset: its rows and its malformed rows, whatever lines they are on, and its schema."""
    rows, rest = frame.drop(columns=LINE), malformed.drop(columns="line")
    return digests.of_json([digests.of_frame(rows), digests.of_frame(rest), schema])


def malformed_frame(malformed: Sequence[MalformedRow]) -> pd.DataFrame:
    """The malformed rows as a frame: line, reason and text."""
    return pd.DataFrame(
        {
            "line": pd.array([row.line for row in malformed], dtype="int64"),
            "reason": pd.array([row.reason for row in malformed], dtype="string"),
            "text": pd.array([row.text for row in malformed], dtype="string"),
        }
    )


def _log_malformed(malformed: Sequence[MalformedRow]) -> None:
    if malformed:
        shown = "; ".join(f"line {row.line}: {row.reason}" for row in malformed[:SHOWN_MALFORMED])
        log.info("          %s rows are malformed: %s", f"{len(malformed):,}", shown)


def _left_out(use_case: UseCase, raw: SourceRows) -> list[str]:
    return sorted({*map(str, raw.frame.columns), *raw.unusable} - set(use_case.headers.values()))


def typed_frame(use_case: UseCase, raw: SourceRows, source: str) -> pd.DataFrame:
    """Return the schema's columns of `raw` (n rows) as their types, with the columns UNREAD and LINE.

    Raises SourceError when a column is missing, or when numbers or dates are written in another way than configured.
    """
    _refuse_missing(use_case, raw, source)
    known = with_marks(columns(use_case), raw.format)
    frame = type_columns(known, {name: raw.frame[header] for name, header in use_case.headers.items()})
    _refuse_other_readings(use_case, raw, frame, source)
    lines = [None] * len(frame) if raw.lines is None else raw.lines
    return frame.assign(**{LINE: pd.array(lines, dtype="Int64")})


def _refuse_missing(use_case: UseCase, raw: SourceRows, source: str) -> None:
    headers, found = list(use_case.headers.values()), list(map(str, raw.frame.columns))
    if unusable := [header for header in headers if header in raw.unusable]:
        kinds = ", ".join(f"{header!r} of {raw.unusable[header]}" for header in unusable)
        raise SourceError(f"{source}: expected columns of single values, found {kinds}. Write them as numbers or texts")
    if missing := [header for header in headers if header not in raw.frame]:
        raise SourceError(
            f"{source}: lacks {len(missing)} column(s): expected {listed(missing)}; "
            f"found {listed(found)}. Add them, or correct `columns` of {use_case.name}" + headerless_hint(found)
        )


def _refuse_other_readings(use_case: UseCase, raw: SourceRows, frame: pd.DataFrame, source: str) -> None:
    """Raise SourceError when another reading fits so many unread cells that the quality gate could not pass.

    So too when it fits all of a column's numbers, and those that were read mean others by it.
    """
    for name, texts in _unread(frame).items():
        expected, count, remedy = _other_reading(use_case, name, texts)
        if not remedy or count <= use_case.quality.maximum_quarantined_share * len(frame):
            remedy = _contradicted(use_case, name, texts, _read(raw, name, use_case, frame))
        if remedy:
            raise SourceError(
                f"{source}: {name}: expected {expected}, found {count:,} of {len(frame):,} written in another way. "
                f"Write {remedy} of {use_case.name}"
            )


def _other_reading(use_case: UseCase, name: str, texts: list[str]) -> tuple[str, int, str]:
    """What a column's cells are expected to be, how many of the texts another reading fits, and where to state it."""
    column = use_case.columns[name]
    if column.type in TEMPORAL:
        count, keys = suggest_formats(texts)
        return described(column.format, column.type), count, keys and f"{keys} in columns.{name}"
    marked = [text for text in texts if suggest([text])]
    marks = suggest(marked)
    return "numbers with a decimal point", len(marked), marks and f"{marks} in the source"


def _contradicted(use_case: UseCase, name: str, texts: list[str], read: list[str]) -> str:
    if use_case.columns[name].type not in ("integer", "number"):
        return ""
    marks = other_reading(read, [text for text in texts if suggest([text])])
    return marks and f"{marks} in the source"


def _unread(frame: pd.DataFrame) -> dict[str, list[str]]:
    """The texts that could not be read, by column."""
    unread: dict[str, list[str]] = {}
    for cells in frame[UNREAD][frame[UNREAD] != ""]:
        for name, text in json.loads(cells).items():
            unread.setdefault(name, []).append(text)
    return unread


def _read(raw: SourceRows, name: str, use_case: UseCase, frame: pd.DataFrame) -> list[str]:
    """The distinct texts of a column that were read; none where its cells are no texts."""
    cells = raw.frame[use_case.headers[name]]
    if not pd.api.types.is_string_dtype(cells.dtype):
        return []
    return [str(text) for text in cells[frame[name].notna().to_numpy()].unique()]


def type_columns(known: Mapping[str, Column], raw: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Type each of the (n,) columns in `raw`; the frame's last column, UNREAD, keeps what could not be read."""
    frame = pd.DataFrame(index=pd.RangeIndex(len(next(iter(raw.values())))))
    unread: dict[int, dict[str, str]] = {}
    for name, values in raw.items():
        column = known[name]
        cells, bad = typed(values.reset_index(drop=True), column)
        frame[name] = cells.astype(STORED[column.type])
        for row in map(int, np.flatnonzero(bad.to_numpy())):
            unread.setdefault(row, {})[name] = str(values.iloc[row])
    texts = np.full(len(frame), "", dtype=object)
    for row, found in unread.items():
        texts[row] = json.dumps(found)
    frame[UNREAD] = pd.array(texts, dtype="string")
    return frame
