"""Joins the rows of each shard with a model's answers, and separates those that the model refuses."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from config.use_case import UseCase
from tasks import storage
from tasks.batch import plan as plans
from tasks.batch.answers import Answers, read_answers
from tasks.batch.columns import ScoringColumns
from tasks.batch.intake import misfits, quarantined
from tasks.batch.plan import Plan
from tasks.batch.shards import Shard, read_shard
from tasks.batch.waiting import Waiting
from tasks.rows import stored_rows
from tasks.rows.answer_columns import PREDICTION, answer_types, probability
from tasks.rows.input_rows import INPUT_ROW

DOWNLOADS = 4
"""The shards that are downloaded at the same time."""


@dataclass(frozen=True)
class AnsweredRows:
    """The rows of a shard, in order."""

    scored: pa.RecordBatch
    """The scored rows, in the schema of a shard."""
    answers: Answers
    """Of the scored rows."""
    refused: pa.RecordBatch
    """The others, in the schema of the quarantine."""


def answered_rows(
    use_case: UseCase, columns: ScoringColumns, plan: Plan, answers: Mapping[str, str]
) -> Iterator[AnsweredRows]:
    """Yield the rows of every shard, in order. `answers` has the address of each shard's answers by its name.

    Raises JobFailed when answers do not fit their shard.
    """
    folder, classes = plans.shards(use_case.name), list(use_case.target.classes or ())

    def joined(shard: Shard) -> AnsweredRows:
        rows, uri = read_shard(storage.get(f"{folder}/{shard.name}")), answers[shard.name]
        return separated(columns, rows, read_answers(storage.get(uri), shard.rows, classes, uri))

    waiting = Waiting[AnsweredRows](DOWNLOADS)
    with ThreadPoolExecutor(DOWNLOADS, "answers") as pool:
        for shard in plan.shards:
            yield from waiting.add(pool.submit(copy_context().run, joined, shard))
        yield from waiting.rest()


def separated(columns: ScoringColumns, rows: pa.RecordBatch, answers: Answers) -> AnsweredRows:
    """Separate n rows by their n answers."""
    if not answers.refused.any():
        return AnsweredRows(rows, answers, pa.RecordBatch.from_pylist([], columns.quarantine))
    good, refused = pa.array(~answers.refused), rows.filter(pa.array(answers.refused))
    scored = Answers(
        answers.prediction.filter(good),
        {name: values.filter(good) for name, values in answers.probabilities.items()},
        np.zeros(len(rows) - len(refused), dtype=bool),
        [],
    )
    numbers, reasons = refused[INPUT_ROW].to_numpy(), _all_reasons(columns, refused, answers.reasons)
    return AnsweredRows(rows.filter(good), scored, quarantined(columns, refused, numbers, reasons))


def _all_reasons(columns: ScoringColumns, refused: pa.RecordBatch, given: list[dict[str, str]]) -> list[list[str]]:
    """Return the model's reasons, and those of the schema for other columns: a model may give only some of them."""
    found = zip(given, misfits(columns, refused), strict=True)
    return [list({**schema, **model}.values()) for model, schema in found]


def prediction_schema(use_case: UseCase, columns: ScoringColumns) -> pa.Schema:
    """Return the schema of scored rows: row number, the columns, prediction and probabilities."""
    return stored_rows.schema_of({INPUT_ROW: "int64", **columns.kinds, **answer_types(use_case)})


def predictions(rows: AnsweredRows, schema: pa.Schema) -> pa.RecordBatch:
    """Return scored rows with their answers, in `prediction_schema`."""
    answers = {PREDICTION: rows.answers.prediction}
    answers |= {probability(name): values for name, values in rows.answers.probabilities.items()}
    arrays = [answers[name] if name in answers else rows.scored[name] for name in schema.names]
    return pa.RecordBatch.from_arrays([pc.cast(a, f.type) for a, f in zip(arrays, schema, strict=True)], schema=schema)
