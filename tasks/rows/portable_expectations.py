"""Expectations as SQL that every engine runs, for `engine: spark`: Great Expectations compiles them for DuckDB only.

Each predicate is true for a row that fails. A missing value passes all but the check of missing values, as in Great
Expectations.
"""

from collections.abc import Callable, Mapping
from typing import Any

from config.errors import ConfigError
from tabular.date_formats import TEMPORAL
from tasks.rows.sql_rules import identifier, portable_literal
from tasks.rows.suites import BETWEEN, IN_SET, NOT_NULL, Expectation

_NOT_IN_SET, _LENGTHS = "expect_column_values_to_not_be_in_set", "expect_column_value_lengths_to_be_between"
_NULL = "expect_column_values_to_be_null"
_LIMITS = {"column", "min_value", "max_value", "strict_min", "strict_max"}


def predicate(expectation: Expectation, types: Mapping[str, str], suite: str) -> str:
    """Return the predicate of an expectation on one column. `types` has the type of each column.

    Raises ConfigError for an expectation, or an argument, without portable SQL.
    """
    kind, kwargs = expectation["type"], {name: each for name, each in expectation["kwargs"].items() if each is not None}
    if kind not in _PREDICATES or kwargs.keys() - _PREDICATES[kind][0]:
        known = ", ".join(_PREDICATES)
        found = f"{kind} with {', '.join(sorted(kwargs))}"
        raise ConfigError(
            f"suite {suite}: engine: spark: expected expectations that have portable SQL ({known}), found {found}. "
            "Write it as a rule in quality.rows, or use `engine: local`"
        )
    column = kwargs["column"]
    return _PREDICATES[kind][1](identifier(column), kwargs, types[column])


def _between(value: str, kwargs: Mapping[str, Any], kind: str) -> str:
    signs = {
        "min_value": "<=" if kwargs.get("strict_min") else "<",
        "max_value": ">=" if kwargs.get("strict_max") else ">",
    }
    parts = [f"{value} {sign} {_constant(kwargs[name], kind)}" for name, sign in signs.items() if name in kwargs]
    return " OR ".join(parts) or "false"


def _in_set(value: str, kwargs: Mapping[str, Any], kind: str) -> str:
    return f"{value} IN ({', '.join(_constant(each, kind) for each in kwargs['value_set'])})"


def _constant(value: Any, kind: str) -> str:
    if kind in TEMPORAL:
        return f"TIMESTAMP {portable_literal(str(value))}"
    return portable_literal(value) if isinstance(value, str) else repr(value)


_PREDICATES: Mapping[str, tuple[set[str], Callable[[str, Mapping[str, Any], str], str]]] = {
    NOT_NULL: ({"column"}, lambda value, kwargs, kind: f"{value} IS NULL"),
    _NULL: ({"column"}, lambda value, kwargs, kind: f"{value} IS NOT NULL"),
    BETWEEN: (_LIMITS, _between),
    IN_SET: ({"column", "value_set"}, lambda *each: f"NOT ({_in_set(*each)})"),
    _NOT_IN_SET: ({"column", "value_set"}, _in_set),
    _LENGTHS: (_LIMITS, lambda value, kwargs, kind: _between(f"char_length({value})", kwargs, "integer")),
}
