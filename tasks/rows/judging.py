"""Checks rows against the schema, batch by batch: good rows, rows without a target, and bad rows with their reasons."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from config.use_case import UseCase
from tabular.columns import Column
from tasks.model_contract import MALFORMED, TEXT, UNREAD, columns
from tasks.rows.stored_rows import frame_of
from tasks.rows.suites import Expectation, Failures, Suite, Validator, columns_of, forbids_repeats, is_about_all_rows

if TYPE_CHECKING:
    from tasks.landing.reading import Rows

MALFORMED_ROW = "malformed row"
"""The first words of a malformed row's reason. Other reasons begin with the name of a column."""
NOT_NULL = "expect_column_values_to_not_be_null"


@dataclass(frozen=True)
class Judged:
    """The results for the n rows of a batch."""

    kept: np.ndarray
    """(n,) mask of the good rows."""
    without_target: np.ndarray
    """(n,) mask of the rows that only lack a target."""
    reasons: dict[int, list[str]]
    """`column: expected ..., found ...` for each bad row, by position from 0, in order."""


class Judge:
    """Checks the batches of one dataset in order."""

    def __init__(self, use_case: UseCase, suite: Suite, among_all: Failures) -> None:
        self._known = columns(use_case)
        self._own = list(use_case.columns)
        expectations = [each for each in suite["expectations"] if not is_about_all_rows(each)]
        self._validator = Validator(suite["name"], expectations)
        self._failed_among_all = among_all
        self._excused = _excused(use_case, self._known)
        self._row = 0
        """The number of the next row in the dataset."""

    def judge(self, batch: pa.RecordBatch) -> Judged:
        """Check the next n rows of the dataset."""
        frame = frame_of(batch)
        malformed = frame[MALFORMED].notna().to_numpy(bool)
        unread = _unread(frame[UNREAD])
        failed = [*self._row_wise(frame, malformed), *self._among_all(len(frame))]
        failed = [(each, _unless_unread(each, rows, unread)) for each, rows in failed]
        self._row += len(frame)
        lacking, other = np.zeros(len(frame), dtype=bool), malformed.copy()
        other[list(unread)] = True
        for expectation, rows in failed:
            (lacking if self._excuses(expectation) else other)[rows] = True
        without_target = lacking & ~other
        bad = (lacking | other) & ~without_target
        return Judged(~bad & ~without_target, without_target, self._reasons(frame, bad, unread, failed))

    def _row_wise(self, frame: pd.DataFrame, malformed: np.ndarray) -> Failures:
        places = np.flatnonzero(~malformed)
        found = self._validator.failures(frame.loc[~malformed, self._own] if malformed.any() else frame[self._own])
        return [(expectation, places[rows]) for expectation, rows in found]

    def _among_all(self, count: int) -> Failures:
        within = [
            (each, rows[(rows >= self._row) & (rows < self._row + count)]) for each, rows in self._failed_among_all
        ]
        return [(each, rows - self._row) for each, rows in within]

    def _excuses(self, expectation: Expectation) -> bool:
        return expectation["type"] == NOT_NULL and expectation["kwargs"]["column"] in self._excused

    def _reasons(
        self, frame: pd.DataFrame, bad: np.ndarray, unread: Mapping[int, Mapping[str, str]], failed: Failures
    ) -> dict[int, list[str]]:
        reasons: dict[int, list[str]] = defaultdict(list)
        for row in np.flatnonzero(frame[MALFORMED].notna()).tolist():
            reasons[row].append(f"{MALFORMED_ROW}: {frame[MALFORMED].iloc[row]}")
        for row, cells in unread.items():
            reasons[row] += [_reason(self._known[name], text) for name, text in cells.items()]
        for expectation, rows in failed:
            for row in rows[bad[rows]].tolist():
                reasons[row].append(self._broken(expectation, frame, row))
        return dict(sorted(reasons.items()))

    def _broken(self, expectation: Expectation, frame: pd.DataFrame, row: int) -> str:
        names = columns_of(expectation)
        if forbids_repeats(expectation):
            return f"{', '.join(names)}: expected unique values, found another row with the same"
        return _reason(self._known[names[0]], frame[names[0]].iloc[row])


def _excused(use_case: UseCase, known: Mapping[str, Column]) -> set[str]:
    """Return the columns whose missing value means only that the row has no target.

    Nullable columns of a rule are not among them: the rule handles their missing values.
    """
    return {name for name in use_case.target_sources if not known[name].nullable}


def _unread(cells: pd.Series) -> dict[int, dict[str, str]]:
    """Return the texts that do not fit their column's type, by position and column."""
    return {int(row): json.loads(cells.iloc[row]) for row in np.flatnonzero((cells != "").to_numpy(bool))}


def _unless_unread(expectation: Expectation, rows: np.ndarray, unread: Mapping[int, Mapping[str, str]]) -> np.ndarray:
    """Leave out rows whose cell is missing because its text does not fit the type: they have a reason already."""
    names = columns_of(expectation)
    if len(names) > 1 or not unread:
        return rows
    return rows[~np.isin(rows, [row for row, cells in unread.items() if names[0] in cells])]


def _reason(column: Column, value: Any) -> str:
    return f"{column.name}: expected {column.expected}, found {column.shown(value)}"


def among_all_rows(suite: Suite, file: "Rows") -> Failures:
    """Return the failures that depend on several rows, such as repeated keys. Reads only the columns needed."""
    expectations = [each for each in suite["expectations"] if is_about_all_rows(each)]
    if not expectations:
        return []
    names = sorted({name for each in expectations for name in columns_of(each)})
    if any("row_condition" in each["kwargs"] for each in expectations):
        names = [name for name in file.schema.names if name != MALFORMED]
    frame = file.read([*names, MALFORMED]).to_pandas()
    sound = np.flatnonzero(frame[MALFORMED].isna().to_numpy(bool))
    found = Validator(suite["name"], expectations).failures(frame.iloc[sound][names])
    return [(expectation, sound[rows]) for expectation, rows in found]


def quarantine_schema(stored: pa.Schema, row: str, reasons: str) -> pa.Schema:
    """Return the schema of quarantined rows: row number, the stored columns, reasons, and a malformed row's text."""
    kept = [field for field in stored if field.name not in (MALFORMED, TEXT)]
    fields = [pa.field(row, pa.int64()), *kept, pa.field(reasons, pa.list_(pa.string())), stored.field(TEXT)]
    return pa.schema(fields, stored.metadata)


def quarantined(
    batch: pa.RecordBatch, first: int, reasons: Mapping[int, Sequence[str]], schema: pa.Schema
) -> pa.RecordBatch:
    """Return a batch's rows that have reasons, in `quarantine_schema`. `first` is the number of the first row."""
    places = pa.array(list(reasons), pa.int64())
    rows = batch.take(places)
    kept = [rows.column(name) for name in schema.names if name in rows.schema.names and name != TEXT]
    numbers = pa.array(np.asarray(places) + first, pa.int64())
    why = pa.array(list(reasons.values()), pa.list_(pa.string()))
    return pa.RecordBatch.from_arrays([numbers, *kept, why, rows.column(TEXT)], schema=schema)
