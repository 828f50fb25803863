"""Great Expectations suites: built from a use case's schema, stored as JSON in config/expectations/.

The only module that imports Great Expectations.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from config import settings
from config.errors import ConfigError
from config.use_case import UseCase
from tasks import digests

Suite = dict[str, Any]
"""`name`, `schema_digest`, and `expectations`: a list of mappings with Great Expectations' `type` and `kwargs`."""


def build_suite(use_case: UseCase) -> Suite:
    """Return the suite of a use case's schema."""
    return {
        "name": use_case.name,
        "schema_digest": _schema_digest(use_case),
        "expectations": [{"type": kind, "kwargs": kwargs} for kind, kwargs in _expectations(use_case)],
    }


def _schema_digest(use_case: UseCase) -> str:
    schema = {name: column.described() for name, column in use_case.columns.items()}
    return digests.of_json([schema, use_case.key])


def _expectations(use_case: UseCase) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, column in use_case.columns.items():
        if not column.nullable:
            yield "expect_column_values_to_not_be_null", {"column": name}
        if column.minimum is not None or column.maximum is not None:
            stated = column.described()
            limits = {"min_value": stated["minimum"], "max_value": stated["maximum"]}
            yield "expect_column_values_to_be_between", {"column": name, **limits}
        if column.categories is not None:
            yield "expect_column_values_to_be_in_set", {"column": name, "value_set": list(column.categories)}
    if len(use_case.key) == 1:
        yield "expect_column_values_to_be_unique", {"column": use_case.key[0]}
    elif use_case.key:
        yield "expect_compound_columns_to_be_unique", {"column_list": list(use_case.key)}


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
    suite: Suite = json.loads(path.read_text(encoding="utf-8"))
    if suite["schema_digest"] != _schema_digest(use_case):
        raise ConfigError(
            f"{path}: schema_digest: expected {_schema_digest(use_case)}, found {suite['schema_digest']}: "
            f"the schema has changed. Build the suite again and review it: vishwaops suite --use-case {use_case.name}"
        )
    return suite


def save_suite(use_case: UseCase) -> Path:
    """Build the suite again and store it. Returns its path."""
    path = suite_path(use_case)
    path.write_text(json.dumps(build_suite(use_case), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


Expectation = dict[str, Any]
"""A mapping with Great Expectations' `type` and `kwargs`."""
Failures = list[tuple[Expectation, np.ndarray]]
"""Failed expectations with the positions of their rows, from 0."""


def columns_of(expectation: Expectation) -> list[str]:
    """Return the columns of an expectation."""
    kwargs = expectation["kwargs"]
    return [kwargs["column"]] if "column" in kwargs else list(kwargs["column_list"])


def forbids_repeats(expectation: Expectation) -> bool:
    """Whether the expectation requires unique values."""
    return "unique" in expectation["type"]


def is_about_all_rows(expectation: Expectation) -> bool:
    """Whether the result for a row depends on several columns or on other rows."""
    kwargs = expectation["kwargs"]
    return forbids_repeats(expectation) or "mostly" in kwargs or "row_condition" in kwargs


class Validator:
    """Runs expectations on one frame after another."""

    def __init__(self, name: str, expectations: Sequence[Expectation]) -> None:
        import great_expectations as gx  # takes seconds to import
        from great_expectations.data_context.types.base import (
            DataContextConfig,
            InMemoryStoreBackendDefaults,
            ProgressBarsConfig,
        )

        stores = InMemoryStoreBackendDefaults(init_temp_docs_sites=False)
        bars = ProgressBarsConfig(globally=False)
        context = gx.get_context(
            mode="ephemeral", project_config=DataContextConfig(store_backend_defaults=stores, progress_bars=bars)
        )
        asset = context.data_sources.add_pandas("frames").add_dataframe_asset(name)
        self._batches = asset.add_batch_definition_whole_dataframe("whole")
        self._name, self._expectations = name, expectations

    def failures(self, frame: pd.DataFrame) -> Failures:
        """Validate n rows. Returns each failed expectation with the positions of its rows.

        Raises ConfigError for an expectation that can't be run.
        """
        if frame.empty:
            return []
        rows = frame.reset_index(drop=True)
        found = self._validate(rows, [each for each in self._expectations if is_about_all_rows(each)])
        by_column: dict[str, list[Expectation]] = defaultdict(list)
        for each in self._expectations:
            if not is_about_all_rows(each):
                by_column[each["kwargs"]["column"]].append(each)
        for column, expectations in by_column.items():
            found += self._by_value(rows[column], expectations)
        return found

    def _by_value(self, values: pd.Series, expectations: Sequence[Expectation]) -> Failures:
        """Validate each distinct value once, because Great Expectations copies its input for each expectation."""
        codes, distinct = pd.factorize(values, use_na_sentinel=False)
        broken = np.zeros(len(distinct), dtype=bool)
        found = []
        for expectation, places in self._validate(pd.DataFrame({values.name: distinct}), expectations):
            broken[:] = False
            broken[places] = True
            found.append((expectation, np.flatnonzero(broken[codes])))
        return found

    def _validate(self, frame: pd.DataFrame, expectations: Sequence[Expectation]) -> Failures:
        from great_expectations.core.expectation_suite import ExpectationSuite

        if not expectations:
            return []
        batch = self._batches.get_batch({"dataframe": frame})
        suite = ExpectationSuite(self._name, list(expectations))
        return list(self._failed(batch.validate(suite, result_format="COMPLETE").results))

    def _failed(self, results: Iterable[Any]) -> Iterator[tuple[Expectation, np.ndarray]]:
        for result in results:
            if result.exception_info.get("raised_exception"):
                raise ConfigError(f"{self._name}: {result.exception_info['exception_message']}")
            config = result.expectation_config
            if config and not result.success:
                found = np.array(result.result["unexpected_index_list"], dtype="int64")
                yield {"type": config.type, "kwargs": dict(config.kwargs)}, found
