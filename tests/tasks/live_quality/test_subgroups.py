"""The subgroups of live rows."""

from typing import Any

import pyarrow as pa
import pytest

from config.use_case import UseCase
from tasks.live_quality.subgroups import least_rows, subgroups
from tests.use_cases import small_use_case

MONITORING = {"psi_warning": 0.1, "psi_drift": 0.25, "minimum_rows": 3, "segments": ["colour"]}
EVALUATION: dict[str, Any] = {"primary": "roc_auc", "gates": [{"metric": "roc_auc", "at_least": 0.6}]}


def case(**changes: Any) -> UseCase:
    return small_use_case(monitoring=MONITORING, **changes)


def places(case: UseCase, **columns: list[Any]) -> dict[str, list[int]]:
    found = subgroups(case, {name: pa.array(values) for name, values in columns.items()})
    return {name: each.tolist() for name, each in found}


def test_a_segment_has_a_group_for_each_value_and_for_missing_ones() -> None:
    colours = ["red", "red", "green", None, "red", None, None, "green"]
    assert places(case(), colour=colours) == {"colour=red": [0, 1, 4], "colour=missing": [3, 5, 6]}


def test_a_value_that_is_not_declared_is_shown_as_other_values() -> None:
    assert places(case(), colour=["blue", "pink", "grey"]) == {"colour=other values": [0, 1, 2]}


def test_a_column_of_fairness_is_grouped_by_its_borders_and_has_the_least_rows_of_fairness() -> None:
    fairness = {"columns": ["age"], "ranges": {"age": [18]}, "minimum_rows": 2}
    found = case(evaluation={**EVALUATION, "fairness": fairness})
    assert least_rows(found) == 2
    assert places(found, age=[17, 18, 30, 12, 19]) == {"age=below 18": [0, 3], "age=18 and above": [1, 2, 4]}


@pytest.mark.parametrize("columns", [{}, {"origin": ["here"] * 9}])
def test_columns_that_are_not_there_and_columns_without_a_declaration_have_no_groups(columns: dict[str, Any]) -> None:
    assert places(case(), **columns) == {}
