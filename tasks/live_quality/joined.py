"""Joins scored rows with the true values of their predictions."""
# ruff: noqa: S608  the names in queries are quoted

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import pyarrow as pa

from config.use_case import UseCase
from tasks import digests
from tasks.ground_truth.columns import TARGET
from tasks.ground_truth.database import TruthDatabase
from tasks.ground_truth.resolved import TRUTHS
from tasks.rows.answer_columns import answer_types
from tasks.rows.scored_rows import EVENT, INFERENCE, ROW, TIME
from tasks.rows.sql_rules import identifier

IDENTITY = (EVENT, INFERENCE, ROW, TIME)
SCORED = "scored"


@dataclass(frozen=True)
class JoinedRows:
    """The scored rows whose true values are known."""

    rows: pa.Table
    """(n, columns): answers, `target`, the wanted columns of requests, and `group_<column>` of the ground truth."""
    scored: int
    """The number of scored rows, with or without a true value."""
    digest: str
    """Of the rows and of what identifies them."""


def columns_to_read(use_case: UseCase, groups: Collection[str]) -> list[str]:
    """Return the columns of scored rows that a join needs: the identity, the answers, and those of groups."""
    own = [name for name in use_case.request_columns if name in groups]
    return [*IDENTITY, *own, *answer_types(use_case)]


def join(database: TruthDatabase, scored: Iterator[pa.RecordBatch], schema: pa.Schema) -> JoinedRows:
    """Join batches of scored rows, with columns of `columns_to_read`, with the table of the resolved truths.

    If an InferenceId was used for several requests, the latest one's row is joined: a truth counts once.
    """
    counted = _Counted(scored)
    database.connection.register(SCORED, pa.RecordBatchReader.from_batches(schema, counted))
    own = [name for name in schema.names if name not in IDENTITY]
    given = [TARGET, *database.groups]
    latest = (
        f"row_number() OVER (PARTITION BY s.{INFERENCE}, s.{identifier(ROW)} ORDER BY s.{TIME} DESC, s.{EVENT} DESC)"
    )
    wanted = ", ".join([*(f"s.{identifier(name)}" for name in own), *(f"t.{identifier(name)}" for name in given)])
    try:
        found = database.table(
            f"SELECT s.{INFERENCE}, s.{identifier(ROW)}, {wanted} FROM {SCORED} s JOIN {TRUTHS} t "
            f"ON s.{INFERENCE} = t.{INFERENCE} AND s.{identifier(ROW)} = t.{identifier(ROW)} "
            f"QUALIFY {latest} = 1 ORDER BY s.{INFERENCE}, s.{identifier(ROW)}"
        )
    finally:
        database.connection.unregister(SCORED)
    return JoinedRows(found.drop_columns([INFERENCE, ROW]), counted.rows, _digest(found))


class _Counted:
    """Batches, whose rows are counted as they are read."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self._batches, self.rows = batches, 0

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for batch in self._batches:
            self.rows += len(batch)
            yield batch


def _digest(rows: pa.Table) -> str:
    digest = digests.RowDigest(rows.schema)
    for batch in rows.to_batches():
        digest.update(batch)
    return digest.hexdigest()
