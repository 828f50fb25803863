"""Rules on rows as portable SQL. Each function returns a predicate that is true for a row that fails, or a query.

The predicates are SQL of DuckDB and of Spark (with names in double quotes, and texts without escapes). The queries are
DuckDB's: `tabular.spark.checks` has Spark's.
"""

import json
from collections.abc import Iterable, Mapping, Sequence

from tasks.model_contract import MALFORMED, UNREAD


def identifier(name: str) -> str:
    """Return the name of a column or table as SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as SQL."""
    return "'" + text.replace("'", "''") + "'"


def portable_literal(text: str) -> str:
    """Return the text as SQL of every engine: a doubled quote within a text is not one character for Spark."""
    parts = " || chr(39) || ".join(f"'{part}'" for part in text.split("'"))
    return f"({parts})" if "'" in text else parts


def listed(values: Iterable[str]) -> str:
    """Return expressions as a list of SQL."""
    return "[" + ", ".join(values) + "]"


def columns(names: Iterable[str]) -> str:
    """Return the names of columns as SQL, with commas between them."""
    return ", ".join(map(identifier, names))


def is_malformed() -> str:
    """True for a malformed row."""
    return f"{MALFORMED} IS NOT NULL"


def is_unread(column: str) -> str:
    """True for a row whose cell in `column` has a text that does not fit its type.

    The texts are a JSON object. A quote within a text has a backslash before it, so that only a key is found.
    """
    key = json.dumps(column) + ":"
    return f"{UNREAD} <> '' AND instr({UNREAD}, {portable_literal(key)}) > 0"


def unless_unread(predicate: str, names: Sequence[str]) -> str:
    """Leave out the rows whose cell of a single column is missing because its text does not fit: they have a reason."""
    return predicate if len(names) != 1 else f"({predicate}) AND NOT ({is_unread(names[0])})"


def repeats(names: Sequence[str], table: str) -> str:
    """True for a row whose values of the columns `names` are also those of another row of `table`.

    A row with a missing value among them repeats no other.
    """
    values = columns(names)
    there = " AND ".join(f"{identifier(name)} IS NOT NULL" for name in names)
    repeated = f"SELECT {values} FROM {table} WHERE {there} GROUP BY {values} HAVING count(*) > 1"
    return f"({values}) IN ({repeated})"


def refers_to_nothing(names: Sequence[str], table: str) -> str:
    """True for a row whose values of the columns `names` are in no row of `table`, which has columns 0, 1, ...

    A row with a missing value among them refers to nothing, and passes.
    """
    there = " AND ".join(f"{identifier(name)} IS NOT NULL" for name in names)
    equal = " AND ".join(f"{table}.{identifier(str(place))} = {identifier(name)}" for place, name in enumerate(names))
    return f"{there} AND NOT EXISTS (SELECT 1 FROM {table} WHERE {equal})"


def failures(predicates: Mapping[int, str], rows: str, row: str) -> str:
    """Query the number of each row and rule of which the row fails the rule, in one scan of `rows`."""
    whens = listed(f"CASE WHEN {predicate} THEN {rule} END" for rule, predicate in predicates.items())
    any_of = " OR ".join(f"({predicate})" for predicate in predicates.values())
    found = f"SELECT {row}, unnest({whens}) AS rule FROM {rows} WHERE {any_of}"
    return f"SELECT {row}, rule FROM ({found}) WHERE rule IS NOT NULL"


def later_repeats(names: Sequence[str], rows: str, row: str) -> str:
    """Query the rows that equal an earlier row of `rows` in the columns `names`, each with the number of the first.

    Missing values are equal here. Only rows with a repeated hash are compared by value.
    """
    hashed = f"hash({columns(names)})"
    again = f"SELECT {hashed} FROM {rows} GROUP BY 1 HAVING count(*) > 1"
    first = f"min({row}) OVER (PARTITION BY {columns(names)})"
    candidates = f"SELECT {row}, {first} AS first_row FROM {rows} WHERE {hashed} IN ({again})"
    return f"SELECT {row}, first_row FROM ({candidates}) WHERE {row} > first_row"


def verdicts(blocking: Sequence[int], excused: Sequence[int], failed: str, row: str) -> str:
    """Query each row that fails a blocking or an excused rule, and whether it is bad: it fails a blocking one.

    A row that fails excused rules only lacks a target.
    """
    bad = f"max(CASE WHEN rule IN ({numbers(blocking)}) THEN 1 ELSE 0 END)"
    return f"SELECT {row}, {bad} AS bad FROM {failed} WHERE rule IN ({numbers([*blocking, *excused])}) GROUP BY {row}"


def numbers(values: Iterable[int]) -> str:
    """Return whole numbers as SQL, with commas between them; one that is no rule's when there is none."""
    return ", ".join(map(str, values)) or "-1"
