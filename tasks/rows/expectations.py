"""Runs expectations by Great Expectations' SQL engine on DuckDB. The only module that imports Great Expectations.

Great Expectations gives the verdicts. The rows of a failed expectation are not fetched through it, which would make a
dictionary of each: its condition is compiled to SQL, which DuckDB runs with those of the other failed expectations.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import duckdb

from config.errors import ConfigError
from tabular.date_formats import TEMPORAL
from tasks.rows import sql_rules
from tasks.rows.row_database import CHECKED, NUMBERED, ROW, RowDatabase
from tasks.rows.suites import Expectation, columns_of

DATES = ("min_value", "max_value", "value_set")
LONGEST = 200
"""Characters of a text of Great Expectations in a message."""
UNIQUE = ("column_values.unique", "compound_columns.unique")
"""Great Expectations' metrics of repeated values. Their conditions are joins; `sql_rules.repeats` finds their rows."""
COUNT, CONDITION = "unexpected_count", "condition"


@dataclass(frozen=True)
class Outcome:
    """The verdict on one expectation."""

    expectation: Expectation
    success: bool
    row_wise: bool
    predicate: str | None = None
    """For a failed expectation on rows: SQL that is true for the rows of `numbered_rows` that fail it."""
    observed: str | None = None
    """For an expectation on the whole table: what Great Expectations observed, as text."""


class Expectations:
    """Runs expectations on the views of one database."""

    def __init__(self, database: RowDatabase, types: Mapping[str, str], name: str) -> None:
        self._database, self._types, self._name = database, types, name
        self._checked, self._numbered = (_engine(database.connection, view) for view in (CHECKED, NUMBERED))

    def run(self, expectations: Sequence[Expectation]) -> list[Outcome]:
        """Run expectations on the rows of `checked_rows`. Returns their verdicts in order.

        Raises ConfigError for an expectation that can't be run by SQL.
        """
        runs = [_Run(each, self._expectation(each), self._checked, self._name) for each in expectations]
        resolved, aborted = _computed(self._checked, [metric for run in runs for metric in run.metrics.values()])
        for run in runs:
            run.refuse_aborted(resolved, aborted)
        return [self._outcome(run, resolved) for run in runs]

    def _expectation(self, expectation: Expectation) -> Any:
        from great_expectations.exceptions.exceptions import ExpectationNotFoundError
        from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

        kwargs = _with_dates(expectation["kwargs"], self._types)
        try:
            return ExpectationConfiguration(type=expectation["type"], kwargs=kwargs).to_domain_obj()
        except (ExpectationNotFoundError, ValueError, TypeError) as error:
            raise ConfigError(
                f"suite {self._name}: {expectation['type']}: expected an expectation of Great Expectations' gallery "
                f"with its arguments, found {_one_line(error)}"
            ) from error

    def _outcome(self, run: "_Run", resolved: Mapping[Any, Any]) -> Outcome:
        result = run.expectation.metrics_validate(
            metrics=resolved, runtime_configuration=run.runtime(), execution_engine=self._checked
        )
        if rows := self._rows_of_query(run):
            return Outcome(run.plain, bool(result.success), True, None if result.success else rows)
        if not run.row_wise:
            return Outcome(run.plain, bool(result.success), False, observed=_observed(result.result))
        predicate = None if result.success else self._predicate(run, resolved)
        return Outcome(run.plain, bool(result.success), True, predicate)

    def _rows_of_query(self, run: "_Run") -> str | None:
        """Return the predicate of an expectation that is a query, if the query gives whole rows of the batch."""
        query = run.plain["kwargs"].get("unexpected_rows_query")
        if query is None:
            return None
        numbered = query.strip().rstrip(";").replace("{batch}", NUMBERED)
        found = self._database.connection.execute(f"DESCRIBE {numbered}").fetchall()
        return f"{ROW} IN (SELECT {ROW} FROM ({numbered}))" if ROW in [column[0] for column in found] else None

    def _predicate(self, run: "_Run", resolved: Mapping[Any, Any]) -> str:
        kwargs = run.plain["kwargs"]
        if run.map_metric in UNIQUE and not kwargs.get("row_condition"):
            return sql_rules.repeats(columns_of(run.plain), NUMBERED)
        metric = run.condition()
        condition, domain, accessor = resolved[metric.id]
        if not _filters(domain, accessor):
            return _sql(condition, self._checked)
        numbered, _ = _computed(self._numbered, [metric])
        condition, domain, accessor = numbered[metric.id]
        return f"{ROW} IN ({_rows(self._numbered, condition, {**domain, **accessor})})"


class _Run:
    """One expectation with the metrics that it needs."""

    def __init__(self, plain: Expectation, expectation: Any, engine: Any, name: str) -> None:
        self.plain, self.expectation, self._name = plain, expectation, name
        self.map_metric: str | None = getattr(expectation, "map_metric", None)
        found = expectation.get_validation_dependencies(execution_engine=engine, runtime_configuration=self.runtime())
        self.metrics = found.metric_configurations
        self._refuse_unsupported(engine)

    @property
    def row_wise(self) -> bool:
        """Whether the expectation has a verdict for each row."""
        return f"{self.map_metric}.{COUNT}" in self.metrics

    def runtime(self) -> dict[str, Any]:
        """Return how detailed the result is: rows are found by their condition, not by Great Expectations."""
        return {"result_format": {"result_format": "BOOLEAN_ONLY" if self.map_metric else "BASIC"}}

    def condition(self) -> Any:
        """Return the metric of the condition that is true for the rows that fail."""
        from great_expectations.validator.metric_configuration import MetricConfiguration

        count = self.metrics[f"{self.map_metric}.{COUNT}"]
        return MetricConfiguration(
            f"{self.map_metric}.{CONDITION}", count.metric_domain_kwargs, count.metric_value_kwargs or None
        )

    def refuse_aborted(self, resolved: Mapping[Any, Any], aborted: Mapping[Any, Mapping[str, Any]]) -> None:
        """Raise ConfigError if a metric of this expectation could not be computed."""
        if all(metric.id in resolved for metric in self.metrics.values()):
            return
        ours = [errors for metric, errors in aborted.items() if str(metric[0]).startswith(f"{self.map_metric}.")]
        errors = [str(error) for each in [*ours, *aborted.values()] for error in _messages(each)]
        raise ConfigError(
            f"suite {self._name}: {self.plain['type']}: expected an expectation that can run on DuckDB with these "
            f"columns; found: {_one_line(errors[0] if errors else 'no result')}"
        )

    def _refuse_unsupported(self, engine: Any) -> None:
        from great_expectations.exceptions.exceptions import MetricProviderError
        from great_expectations.expectations.registry import get_metric_provider

        names = [metric.metric_name for metric in self.metrics.values()]
        for name in [*names, *([f"{self.map_metric}.{CONDITION}"] if self.row_wise else [])]:
            try:
                get_metric_provider(name, engine)
            except MetricProviderError as error:
                raise ConfigError(
                    f"suite {self._name}: {self.plain['type']}: expected an expectation that Great Expectations' SQL "
                    f"engine supports, found one that lacks {name} there. Remove it, or write a rule in quality.rows"
                ) from error


def _engine(connection: duckdb.DuckDBPyConnection, view: str) -> Any:
    import great_expectations  # noqa: F401  waits for a thread that is importing it; a module of it alone does not
    from great_expectations.execution_engine.sqlalchemy_batch_data import SqlAlchemyBatchData
    from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine

    from tasks.rows.sqlalchemy_engine import engine_of

    engine = SqlAlchemyExecutionEngine(engine=engine_of(connection), create_temp_table=False)
    engine.dialect_module = _dialect()
    batch = SqlAlchemyBatchData(execution_engine=engine, table_name=view, create_temp_table=False)
    engine.load_batch_data(view, batch)
    return engine


def _dialect() -> Any:
    """Return a dialect module for DuckDB, which Great Expectations lacks: SQLAlchemy's types, and Dremio's functions.

    DuckDB has the same functions as Dremio for patterns: LIKE, and `regexp_matches` for a part of the text.
    """
    import sqlalchemy

    types = sqlalchemy.types
    duckdb_types = {"BIGINT": types.BigInteger, "VARCHAR": types.String, "DOUBLE": types.Float}
    return SimpleNamespace(**{**vars(types), **duckdb_types}, DremioDialect=None)


def _computed(engine: Any, metrics: Sequence[Any]) -> tuple[dict[Any, Any], dict[Any, Any]]:
    """Return the values of metrics and of those that they depend on, and the errors of the others, by id."""
    from great_expectations.validator.metrics_calculator import MetricsCalculator

    calculator = MetricsCalculator(engine, show_progress_bars=False)
    graph = calculator.build_metric_dependency_graph(list(metrics), None)
    resolved, aborted = calculator.resolve_validation_graph(graph, None)
    return dict(resolved), dict(aborted)


def _filters(domain: Mapping[str, Any], accessor: Mapping[str, Any]) -> bool:
    """Whether the expectation is about some rows only."""
    ignored = accessor.get("ignore_row_if") or domain.get("ignore_row_if")
    return bool(domain.get("row_condition")) or ignored not in (None, "neither", "never")


def _rows(engine: Any, condition: Any, domain: Mapping[str, Any]) -> str:
    """Return the SQL of the numbers of the rows of a domain for which the condition is true."""
    import sqlalchemy

    records = engine.get_domain_records(domain_kwargs=dict(domain))
    if isinstance(records, sqlalchemy.Select):
        records = records.subquery()
    return _sql(sqlalchemy.select(sqlalchemy.column(ROW)).select_from(records).where(condition), engine)


def _sql(clause: Any, engine: Any) -> str:
    return str(clause.compile(dialect=engine.engine.dialect, compile_kwargs={"literal_binds": True}))


def _with_dates(kwargs: Mapping[str, Any], types: Mapping[str, str]) -> dict[str, Any]:
    """Return the arguments with the limits and values of dates as datetimes. JSON has them as texts in ISO 8601."""
    if types.get(kwargs.get("column", "")) not in TEMPORAL:
        return dict(kwargs)
    return {name: _date(value) if name in DATES else value for name, value in kwargs.items()}


def _date(value: Any) -> Any:
    if isinstance(value, list):
        return [_date(each) for each in value]
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _observed(result: Mapping[str, Any]) -> str:
    text = str(result.get("observed_value") or "")
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _messages(errors: Mapping[str, Any]) -> list[str]:
    found = errors["exception_info"]
    found = found if isinstance(found, set | list | tuple) else [found]
    return [getattr(each, "exception_message", "") or str(each) for each in found]


def _one_line(error: object) -> str:
    return " ".join(str(error).split())[:LONGEST]
