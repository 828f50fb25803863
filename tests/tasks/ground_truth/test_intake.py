"""Rows of ground truth are typed by the schema, and the target's rule is evaluated."""

from typing import Any

import pandas as pd

from config.use_case import UseCase
from tasks.ground_truth.intake import TruthRows, read_rows
from tasks.sources.source import FrameSource
from tests.use_cases import load_use_case, small_use_case


def read(case: UseCase, **columns: list[Any]) -> TruthRows:
    """The rows of a source with these columns."""
    (rows,) = read_rows(case, FrameSource("rows", "", lambda: pd.DataFrame(columns)))
    return rows


def reasons(rows: TruthRows) -> list[list[str]]:
    found: list[list[str]] = rows.aside["reasons"].to_pylist()
    return found


def test_a_rule_over_columns_becomes_a_class() -> None:
    rows = read(
        load_use_case("student_enrollment"), id=[1, 2, 3, 4], educ=[12, 13, 21, None], black=["1", "0", "1", "0"]
    )
    assert rows.taken["target"].to_pylist() == ["stays_out", "goes_on"]
    assert rows.taken["group_black"].to_pylist() == ["1", "0"]
    assert reasons(rows) == [["educ: expected a whole number from 0 to 20, found 21"]]
    assert rows.without_target == 1
    assert "educ" not in rows.taken.schema.names


def test_a_time_is_in_utc_and_must_be_one() -> None:
    times = ["2026-01-05T10:00:00+05:30", "2026-01-05 10:00", "yesterday"]
    rows = read(small_use_case(), id=["1", "2", "3"], passed=["no"] * 3, time=times)
    assert [str(each) for each in rows.taken["time"].to_pylist()] == ["2026-01-05 04:30:00", "2026-01-05 10:00:00"]
    assert reasons(rows)[0][0].startswith("time: expected a date and time")


def test_a_request_of_one_row_needs_no_row_number() -> None:
    rows = read(small_use_case(), inference_id=["a", "b", "c"], inference_row=[None, "4", "-1"], passed=["no"] * 3)
    assert rows.taken["row"].to_pylist() == [0, 4]
    assert reasons(rows) == [["inference_row: expected a whole number of at least 0, found -1"]]


def test_a_sensitive_value_is_not_in_a_reason() -> None:
    case = small_use_case(
        evaluation={
            "primary": "roc_auc",
            "gates": [{"metric": "roc_auc", "at_least": 0.6}],
            "fairness": {"columns": ["origin"]},
        }
    )
    rows = read(case, id=[1], passed=["no"], origin=["a secret place"])
    assert "secret" not in str(reasons(rows))
