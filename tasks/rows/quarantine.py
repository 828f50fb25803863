"""Writes the quarantine: each bad row with its number, file, line, cells, unread texts and all its reasons."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tabular.columns import Column
from tasks.model_contract import FILE, LINE, MALFORMED, TEXT
from tasks.rows.duplicates import DUPLICATES
from tasks.rows.reasons import FIRST_ROW, places, reason_texts
from tasks.rows.row_database import FAILED, ROW, STORED, RowDatabase
from tasks.rows.rules import DUPLICATE, Rule
from tasks.rows.sql_rules import numbers

REASONS = "reasons"
SHOWN = 3
"""Examples of each reason."""


class Quarantine:
    """The bad rows of a dataset version: counts, examples, and a Parquet file of all of them."""

    def __init__(self, rules: Sequence[Rule], known: Mapping[str, Column], stored: pa.Schema) -> None:
        self._rules, self._known = {rule.number: rule for rule in rules}, known
        self._stored, self.schema = stored, quarantine_schema(stored)
        self.rows = 0
        self.by_column: Counter[str] = Counter()
        """The number of rows by the columns of their reasons."""
        self.by_rule: Counter[int] = Counter()
        """The number of rows by the number of a rule."""
        self.examples: dict[int, list[str]] = defaultdict(list)
        """The first reasons of each rule, each with its place in the source."""

    def write(self, database: RowDatabase, bad: str, rows: int, path: Path) -> None:
        """Write the rows that are marked as `bad` with their reasons, `rows` at a time, in the order of the dataset."""
        query = f"SELECT * FROM {STORED} WHERE {database.is_marked(bad)}"
        with pq.ParquetWriter(path, self.schema, compression="zstd") as writer:
            for batch in database.batches(query, rows):
                writer.write_batch(self._with_reasons(batch, database))

    def _with_reasons(self, batch: pa.RecordBatch, database: RowDatabase) -> pa.RecordBatch:
        """Return the rows in the quarantine's schema, and count them."""
        places, failed = self._failed(batch.column(ROW).to_numpy(), database)
        texts = np.empty(len(failed), dtype=object)
        at_fault: dict[str, list[np.ndarray]] = defaultdict(list)
        for number in np.unique(failed).tolist():
            of_rule, rule = failed == number, self._rules[number]
            texts[of_rule] = self._texts(
                rule, self._with_first_rows(rule, batch.take(pa.array(places[of_rule])), database)
            )
            at_fault[rule.label].append(places[of_rule])
        self.rows += len(batch)
        self.by_column.update({label: len(np.unique(np.concatenate(found))) for label, found in at_fault.items()})
        ends = np.searchsorted(places, np.arange(len(batch) + 1)).astype("int32")
        reasons = {REASONS: pa.ListArray.from_arrays(pa.array(ends), pa.array(texts, pa.string()))}
        arrays = [reasons[name] if name in reasons else batch.column(name) for name in self.schema.names]
        typed = [array.cast(field.type) for array, field in zip(arrays, self.schema, strict=True)]
        return pa.RecordBatch.from_arrays(typed, schema=self.schema)

    def _failed(self, rows: np.ndarray, database: RowDatabase) -> tuple[np.ndarray, np.ndarray]:
        """Return the failures of rows in ascending order: the place of the row among them, and the rule's number."""
        shown = numbers(rule.number for rule in self._rules.values() if rule.severity != "warn")
        within = f"{ROW} BETWEEN {rows[0]} AND {rows[-1]} AND rule IN ({shown})"
        query = f"SELECT {ROW}, rule FROM {FAILED} WHERE {within} ORDER BY {ROW}, rule"
        found = database.arrays(query)
        places = np.searchsorted(rows, found[ROW])
        ours = rows[places] == found[ROW]
        return places[ours], found["rule"][ours]

    def _with_first_rows(self, rule: Rule, rows: pa.RecordBatch, database: RowDatabase) -> pa.RecordBatch:
        """Return duplicates with the number of the earlier row that each equals; other rows as they are."""
        if rule.kind != DUPLICATE:
            return rows
        first, last = rows.column(ROW)[0].as_py(), rows.column(ROW)[-1].as_py()
        query = f"SELECT * FROM {DUPLICATES} WHERE {ROW} BETWEEN {first} AND {last} ORDER BY {ROW}"
        found = database.arrays(query)
        places = np.searchsorted(found[ROW], rows.column(ROW).to_numpy())
        return rows.append_column(FIRST_ROW, pa.array(found[FIRST_ROW][places]))

    def _texts(self, rule: Rule, rows: pa.RecordBatch) -> np.ndarray:
        texts = reason_texts(rule, self._known, rows)
        self.by_rule[rule.number] += len(rows)
        if (missing := SHOWN - len(self.examples[rule.number])) > 0:
            self.examples[rule.number] += examples(rows.slice(0, missing), texts.slice(0, missing).to_pylist())
        return np.asarray(texts.to_numpy(zero_copy_only=False))


def examples(rows: pa.RecordBatch, reasons: Sequence[str]) -> list[str]:
    """Return the reasons of rows, each with its place in the source."""
    return [f"{place}: {reason}" for place, reason in zip(places(rows, LINE, FILE), reasons, strict=True)]


def warnings(database: RowDatabase, rule: Rule, known: Mapping[str, Column]) -> list[str]:
    """Return the first rows that fail a rule of severity `warn`, as examples."""
    failed = f"SELECT {ROW} FROM {FAILED} WHERE rule = {rule.number} ORDER BY {ROW} LIMIT {SHOWN}"
    query = f"SELECT * FROM {STORED} WHERE {ROW} IN ({failed}) ORDER BY {ROW}"
    return [
        each
        for rows in database.batches(query, SHOWN)
        for each in examples(rows, reason_texts(rule, known, rows).to_pylist())
    ]


def quarantine_schema(stored: pa.Schema) -> pa.Schema:
    """Return the schema of quarantined rows: row number, the stored columns, reasons, and a malformed row's text."""
    kept = [_plain(field) for field in stored if field.name not in (MALFORMED, TEXT)]
    reasons = pa.field(REASONS, pa.list_(pa.string()))
    return pa.schema([pa.field(ROW, pa.int64()), *kept, reasons, stored.field(TEXT)], stored.metadata)


def _plain(field: pa.Field) -> pa.Field:
    """Return the field with the values of a dictionary as its type: DuckDB gives texts."""
    return field.with_type(field.type.value_type) if pa.types.is_dictionary(field.type) else field
