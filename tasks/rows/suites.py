"""Great Expectations suites: built from a use case's schema, stored as JSON in config/expectations/, edited by people.

Each expectation has a `type`, `kwargs`, and if needed a `description` and `meta`: `severity`, and `generated` for one
that is built from the schema. Building again replaces the generated ones and keeps the others.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from config import settings
from config.errors import ConfigError
from config.use_case import UseCase
from tasks import digests

Suite = dict[str, Any]
"""`name`, `schema_digest`, and `expectations`."""
Expectation = dict[str, Any]
"""A mapping with Great Expectations' `type` and `kwargs`, `description` and `meta`."""
GENERATED = "generated"
NOT_NULL = "expect_column_values_to_not_be_null"
BETWEEN = "expect_column_values_to_be_between"
IN_SET = "expect_column_values_to_be_in_set"
UNIQUE = ("expect_column_values_to_be_unique", "expect_compound_columns_to_be_unique")


def build_suite(use_case: UseCase) -> Suite:
    """Return the suite of a use case's schema."""
    return {
        "name": use_case.name,
        "schema_digest": _schema_digest(use_case),
        "expectations": [
            {"type": kind, "kwargs": kwargs, "meta": {GENERATED: True}} for kind, kwargs in _expectations(use_case)
        ],
    }


def _schema_digest(use_case: UseCase) -> str:
    schema = {name: column.described() for name, column in use_case.columns.items()}
    return digests.of_json([schema, use_case.key])


def _expectations(use_case: UseCase) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, column in use_case.columns.items():
        if not column.nullable:
            yield NOT_NULL, {"column": name}
        if column.minimum is not None or column.maximum is not None:
            stated = column.described()
            limits = {"min_value": stated["minimum"], "max_value": stated["maximum"]}
            yield BETWEEN, {"column": name, **limits}
        if column.categories is not None:
            yield IN_SET, {"column": name, "value_set": list(column.categories)}
    if len(use_case.key) == 1:
        yield UNIQUE[0], {"column": use_case.key[0]}
    elif use_case.key:
        yield UNIQUE[1], {"column_list": list(use_case.key)}


def suite_path(use_case: UseCase) -> Path:
    """Return the path of a use case's suite."""
    return settings.EXPECTATIONS / f"{use_case.name}.json"


def load_suite(use_case: UseCase) -> Suite:
    """Return the stored suite of a use case, or build one.

    Raises ConfigError when the schema has changed since the suite was built.
    """
    path = suite_path(use_case)
    if not path.is_file():
        return build_suite(use_case)
    suite = _read(path)
    if suite["schema_digest"] != _schema_digest(use_case):
        raise ConfigError(
            f"{path}: schema_digest: expected {_schema_digest(use_case)}, found {suite['schema_digest']}: "
            f"the schema has changed. Build the suite again and review it: vishwaops suite --use-case {use_case.name}"
        )
    return suite


def save_suite(use_case: UseCase) -> Path:
    """Build the suite again and store it. Returns its path.

    Expectations that people wrote are kept, and so is the severity that people gave to generated ones.
    """
    path = suite_path(use_case)
    suite = build_suite(use_case)
    if path.is_file():
        suite["expectations"] = _merged(suite["expectations"], _read(path)["expectations"])
    path.write_text(json.dumps(suite, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _read(path: Path) -> Suite:
    """Read a suite. One of an older version has no marks: there, what the schema can build is generated."""
    suite: Suite = json.loads(path.read_text(encoding="utf-8"))
    found = suite["expectations"]
    if not any(map(is_generated, found)):
        suite["expectations"] = [
            {**each, "meta": {GENERATED: True}} if _looks_generated(each) else each for each in found
        ]
    return suite


def _merged(built: list[Expectation], old: list[Expectation]) -> list[Expectation]:
    generated = {_rule(each): each for each in old if is_generated(each)}
    kept = [{**each, "meta": generated.get(_rule(each), each)["meta"]} for each in built]
    return kept + [each for each in old if not is_generated(each)]


def _looks_generated(expectation: Expectation) -> bool:
    return expectation["type"] in (NOT_NULL, BETWEEN, IN_SET, *UNIQUE) and not expectation.get("meta")


def _rule(expectation: Expectation) -> tuple[str, ...]:
    return (expectation["type"], *columns_of(expectation))


def is_generated(expectation: Expectation) -> bool:
    """Whether the expectation is built from the schema."""
    return bool(expectation.get("meta", {}).get(GENERATED))


def columns_of(expectation: Expectation) -> list[str]:
    """Return the columns of an expectation; none for one on the whole table."""
    kwargs = expectation["kwargs"]
    single = [kwargs[key] for key in ("column", "column_A", "column_B") if key in kwargs]
    return single or list(kwargs.get("column_list", ()))


def forbids_repeats(expectation: Expectation) -> bool:
    """Whether the expectation requires unique values in one row's columns compared with other rows."""
    return expectation["type"] in UNIQUE
