"""The true values of predictions: each truth with the InferenceId and the row of its prediction."""
# ruff: noqa: S608  the names in queries are quoted

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

import pyarrow as pa

from config.use_case import UseCase
from tasks.ground_truth import batches, keys
from tasks.ground_truth.batches import BatchList
from tasks.ground_truth.columns import INFERENCE_ID, KEY, ROW, TARGET, TIME
from tasks.ground_truth.database import LATEST, TruthDatabase, truth_database
from tasks.ground_truth.keys import PREDICTED
from tasks.rows.sql_rules import columns, identifier

TRUTHS = "truths"
"""The table of the true values of predictions: `inference_id`, `row`, `target`, the groups and `received`."""
PREDICTIONS = "key_predictions"
MIDNIGHT = "TIME '00:00:00'"


@contextmanager
def resolved_truths(
    use_case: UseCase, known: BatchList | None = None, since: datetime | None = None
) -> Iterator[TruthDatabase]:
    """Open the ground truth with the table `truths`, which has one row for each prediction whose truth is known.

    A truth that names a key is that of the key's latest prediction that is not later than its time: of its column
    `time`, a date meaning the whole day, or else when it was received. Only predictions after `since` are looked for.
    If several truths are of one prediction, the one that was given last counts.
    """
    with truth_database(use_case.name, batches.load(use_case.name) if known is None else known) as database:
        has_keys = database.number(f"SELECT count(*) FROM {LATEST} WHERE {INFERENCE_ID} IS NULL")
        own = {f"{KEY}{name}" for name in use_case.key}
        by_key = bool(has_keys) and bool(own) and own <= set(database.key)
        if by_key:
            _store_predictions(database, use_case, since)
        _store_truths(database, use_case, by_key=by_key)
        yield database


def _store_predictions(database: TruthDatabase, use_case: UseCase, since: datetime | None) -> None:
    """Store the predictions of keys as a table. A key that was predicted twice at a time has the last of them.

    Keys of an earlier type that do not fit today's are left out.
    """
    kinds = _kinds(database, use_case)
    own = ", ".join(f"TRY_CAST({name} AS {kind}) AS {name}" for name, kind in kinds.items())
    database.connection.execute(f"CREATE TABLE {PREDICTIONS} AS SELECT {_empty(kinds)} WHERE false")
    for batch in keys.key_predictions(use_case, keys.names(use_case, since)):
        database.connection.register("batch", pa.Table.from_batches([batch]))
        last = f"arg_max({INFERENCE_ID}, {ROW}) AS {INFERENCE_ID}, max({ROW}) AS {identifier(ROW)}, {PREDICTED}"
        database.connection.execute(
            f"INSERT INTO {PREDICTIONS} SELECT {own}, {last} FROM batch WHERE {INFERENCE_ID} IS NOT NULL "
            f"GROUP BY {', '.join(kinds)}, {PREDICTED}"
        )
        database.connection.unregister("batch")


def _kinds(database: TruthDatabase, use_case: UseCase) -> dict[str, str]:
    """Return the type in SQL of each column of the key, by its quoted name."""
    names = [f"{KEY}{name}" for name in use_case.key]
    kinds = database.connection.sql(f"SELECT {columns(names)} FROM {LATEST}").types
    return {identifier(name): str(kind) for name, kind in zip(names, kinds, strict=True)}


def _empty(kinds: Mapping[str, str]) -> str:
    own = [f"CAST(NULL AS {kind}) AS {name}" for name, kind in kinds.items()]
    others = {INFERENCE_ID: "VARCHAR", ROW: "BIGINT", PREDICTED: "TIMESTAMP"}
    return ", ".join([*own, *(f"CAST(NULL AS {kind}) AS {identifier(name)}" for name, kind in others.items())])


def _store_truths(database: TruthDatabase, use_case: UseCase, *, by_key: bool) -> None:
    value = columns((TARGET, *database.groups, "received", "place"))
    named = f"SELECT {INFERENCE_ID}, {identifier(ROW)}, {value} FROM {LATEST} WHERE {INFERENCE_ID} IS NOT NULL"
    if by_key:
        day = f"CASE WHEN CAST({TIME} AS TIME) = {MIDNIGHT} THEN {TIME} + INTERVAL 1 DAY ELSE {TIME} END"
        asked = f"SELECT *, coalesce({day}, received) AS until FROM {LATEST} WHERE {INFERENCE_ID} IS NULL"
        of_key = " AND ".join(f"t.{name} = p.{name}" for name in (identifier(f"{KEY}{name}") for name in use_case.key))
        others = ", ".join(f"t.{identifier(name)}" for name in (TARGET, *database.groups, "received", "place"))
        named += (
            f" UNION ALL SELECT p.{INFERENCE_ID}, p.{identifier(ROW)}, {others} FROM ({asked}) t "
            f"ASOF JOIN {PREDICTIONS} p ON {of_key} AND t.until >= p.{PREDICTED}"
        )
    last = ", ".join(f"arg_max({identifier(name)}, place) AS {identifier(name)}" for name in (TARGET, *database.groups))
    database.connection.execute(
        f"CREATE TABLE {TRUTHS} AS SELECT {INFERENCE_ID}, {identifier(ROW)}, {last}, max(received) AS received "
        f"FROM ({named}) GROUP BY {INFERENCE_ID}, {identifier(ROW)}"
    )


def truths(use_case: UseCase) -> pa.Table:
    """Return the true values of predictions: `inference_id`, `row`, `target`, `group_<column>` and `received`."""
    with resolved_truths(use_case) as database:
        return database.table(f"SELECT * FROM {TRUTHS} ORDER BY {INFERENCE_ID}, {identifier(ROW)}")
