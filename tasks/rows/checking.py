"""Runs all checks of a dataset version in DuckDB. The rows that fail are in the table `failed_rules`."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from config.thresholds import Severity
from config.use_case import UseCase
from tabular.expressions import Expression, parse
from tasks.model_contract import UNREAD, columns
from tasks.rows import sql_rules
from tasks.rows.duplicates import DUPLICATES, count_duplicates, find_duplicates
from tasks.rows.row_database import FAILED, NUMBERED, ROW, SOUND, STORED, RowDatabase
from tasks.rows.rules import (
    DUPLICATE,
    MALFORMED_ROW,
    REFERENCE,
    ROW_RULE,
    UNREAD_CELL,
    Rule,
    Rules,
    described,
    severity_of,
)
from tasks.rows.suites import Expectation, Suite, columns_of, forbids_repeats

EXPRESSION_ROWS = 100_000
"""Rows in a batch of which expressions are evaluated."""


@dataclass(frozen=True)
class BatchCheck:
    """The verdict of a check on all rows together."""

    title: str
    severity: Severity
    passed: bool
    found: str


@dataclass
class Checked:
    """The rules that were checked on rows, the verdicts on the batch, and the duplicates."""

    rules: list[Rule]
    batch: list[BatchCheck] = field(default_factory=list)
    duplicates: int = 0
    """The number of rows that equal an earlier row."""
    failures: dict[int, int] = field(default_factory=dict)
    """The number of rows that fail a rule, by its number."""

    @property
    def blocking(self) -> list[int]:
        """The numbers of the rules whose rows are bad."""
        return [rule.number for rule in self.rules if rule.blocks]

    @property
    def excused(self) -> list[int]:
        """The numbers of the rules whose rows only lack a target."""
        return [rule.number for rule in self.rules if rule.excused and rule.severity != "warn"]


class Checks:
    """The checks of one dataset version."""

    def __init__(self, database: RowDatabase, use_case: UseCase, suite: Suite) -> None:
        self._database, self._use_case, self._suite = database, use_case, suite
        self._known = columns(use_case)
        self._rules = Rules(use_case, self._known)
        self._checked = Checked(self._rules.all)

    def run(self, references: Mapping[int, pa.Table]) -> Checked:
        """Run every check. `references` has the values of each reference of `quality`, by its place."""
        self._unreadable_rows()
        among_rows = [each for each in self._suite["expectations"] if forbids_repeats(each) or not columns_of(each)]
        others = [each for each in self._suite["expectations"] if each not in among_rows]
        if self._use_case.quality.duplicates.action == "keep":
            with ThreadPoolExecutor(1, "duplicates") as thread:  # Great Expectations uses one processor
                settings = self._use_case.quality.duplicates
                counting = thread.submit(count_duplicates, self._database, self._own, settings)
                self._expectations([*others, *among_rows])
                self._rules_of_quality(references)
                self._checked.duplicates = counting.result()
        else:
            self._expectations(others)
            self._rules_of_quality(references)
            self._leave_out_duplicates()
            self._expectations(among_rows)
        self._checked.failures = self._failures()
        return self._checked

    @property
    def _own(self) -> list[str]:
        return list(self._known)

    def _unreadable_rows(self) -> None:
        malformed = self._rules.add(MALFORMED_ROW, (), "")
        predicates = {malformed.number: sql_rules.is_malformed()}
        if self._database.number(f"SELECT count(*) FROM {STORED} WHERE {UNREAD} <> ''"):
            for name, column in self._known.items():
                rule = self._rules.add(UNREAD_CELL, (name,), column.expected)
                predicates[rule.number] = sql_rules.is_unread(name)
        self._store(predicates, STORED)

    def _expectations(self, expectations: Sequence[Expectation]) -> None:
        from tasks.rows.expectations import Expectations

        if not expectations:
            return
        types = {name: column.type for name, column in self._known.items()}
        predicates = {}
        for outcome in Expectations(self._database, types, self._suite["name"]).run(expectations):
            if not outcome.row_wise:
                self._checked.batch.append(self._on_batch(outcome.expectation, outcome.success, outcome.observed or ""))
                continue
            rule = self._rules.of_expectation(outcome.expectation)
            if outcome.predicate:
                predicates[rule.number] = sql_rules.unless_unread(outcome.predicate, rule.columns)
        self._store(predicates, SOUND)

    def _on_batch(self, expectation: Expectation, passed: bool, observed: str) -> BatchCheck:
        names = columns_of(expectation)
        hidden = any(self._known[name].sensitive for name in names if name in self._known)
        title = f"{', '.join(names) or 'table'}: {described(expectation)}"
        return BatchCheck(
            title, severity_of(expectation, "stop"), passed, "(hidden: sensitive)" if hidden else observed
        )

    def _rules_of_quality(self, references: Mapping[int, pa.Table]) -> None:
        predicates = {}
        for place, reference in enumerate(self._use_case.quality.references):
            table = _reference_table(self._database, place, references[place])
            expected = f"values of {', '.join(reference.other_columns or reference.columns)} in {reference.place}"
            rule = self._rules.add(REFERENCE, reference.columns, expected, severity=reference.severity)
            predicates[rule.number] = sql_rules.refers_to_nothing(reference.columns, table)
        self._store(predicates, SOUND)
        self._expressions()

    def _expressions(self) -> None:
        """Evaluate the rules of `quality.rows`, as a target's rule is evaluated."""
        from config.consistency import fields

        expressions: dict[int, Expression] = {}
        for each in self._use_case.quality.rows:
            expression = parse(each.rule, fields(self._use_case), "boolean")
            names = tuple(name for name in self._known if name in expression.names)
            rule = self._rules.add(ROW_RULE, names, each.description or each.rule, severity=each.severity)
            expressions[rule.number] = expression
        if not expressions:
            return
        read = sorted({name for expression in expressions.values() for name in expression.names})
        query = f"SELECT {ROW}, {sql_rules.columns(read)} FROM {NUMBERED}"
        for batch in self._database.batches(query, EXPRESSION_ROWS):
            for found in _false(expressions, batch):
                self._insert(found)

    def _leave_out_duplicates(self) -> None:
        settings = self._use_case.quality.duplicates
        found = find_duplicates(self._database, self._own, settings, self._checked.blocking)
        self._checked.duplicates = found
        self._database.leave_out(DUPLICATES)
        if settings.action == "quarantine":
            names = settings.columns or tuple(self._own)
            rule = self._rules.add(DUPLICATE, names if settings.columns else (), "no repetition of an earlier row")
            self._database.connection.execute(
                f"INSERT INTO {FAILED} SELECT {ROW}, {rule.number} AS rule FROM {DUPLICATES}"
            )

    def _store(self, predicates: Mapping[int, str], rows: str) -> None:
        if predicates:
            self._database.connection.execute(f"INSERT INTO {FAILED} {sql_rules.failures(predicates, rows, ROW)}")

    def _insert(self, found: pa.Table) -> None:
        connection = self._database.connection
        connection.register("found", found)
        connection.execute(f"INSERT INTO {FAILED} SELECT {ROW}, rule FROM found")
        connection.unregister("found")

    def _failures(self) -> dict[int, int]:
        query = f"SELECT rule, count(*) FROM {FAILED} GROUP BY rule ORDER BY rule"
        return {int(rule): int(rows) for rule, rows in self._database.connection.execute(query).fetchall()}


def _false(expressions: Mapping[int, Expression], batch: pa.RecordBatch) -> Iterator[pa.Table]:
    """Yield the rows of a batch for which an expression is false, with the number of its rule."""
    for rule, expression in expressions.items():
        values = expression.evaluate({name: batch.column(name) for name in expression.names}, len(batch))
        rows = batch.column(ROW).filter(pa.array(~values.null & ~values.data.astype(bool)))
        if len(rows):
            yield pa.table({ROW: rows, "rule": pa.array(np.full(len(rows), rule, "int32"))})


def _reference_table(database: RowDatabase, place: int, values: pa.Table) -> str:
    """Store the values of a reference as a table and return its name."""
    name = f"reference_{place}"
    database.connection.register("values_of_reference", values)
    database.connection.execute(f"CREATE TABLE {name} AS SELECT DISTINCT * FROM values_of_reference")
    database.connection.unregister("values_of_reference")
    return name
