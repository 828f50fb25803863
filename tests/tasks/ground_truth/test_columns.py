"""Which columns a source of ground truth has, and what they become."""

from typing import Any

import pytest

from config.errors import SourceError
from config.use_case import UseCase
from tabular.formats import USUAL
from tasks.ground_truth.columns import columns_of, stored_schema
from tests.use_cases import load_use_case, small_use_case


def found(case: UseCase, *headers: str) -> list[str]:
    """The stored columns of a source with these headers."""
    return list(stored_schema(case, columns_of(case, headers, USUAL, "a file")).names)


def test_a_row_is_found_by_its_inference_or_its_key_and_may_have_groups() -> None:
    case = small_use_case()
    assert found(case, "inference_id", "passed") == ["inference_id", "row", "time", "target", "input_row"]
    named = found(case, "id", "passed", "time", "colour", "age", "note")
    assert named == ["inference_id", "row", "key_id", "time", "target", "group_colour", "input_row"]


def test_sensitive_groups_are_read_only_where_fairness_declares_them() -> None:
    fair: dict[str, Any] = {"primary": "roc_auc", "gates": [{"metric": "roc_auc", "at_least": 0.6}]}
    case = small_use_case(evaluation=fair | {"fairness": {"columns": ["origin"]}})
    assert "group_origin" in found(case, "id", "passed", "origin")
    assert "group_origin" not in found(small_use_case(), "id", "passed", "origin")


def test_a_target_that_is_a_rule_comes_as_the_columns_of_the_rule_or_as_its_class() -> None:
    case = load_use_case("student_enrollment")
    assert columns_of(case, ["id", "educ"], USUAL, "a file").by_rule
    assert not columns_of(case, ["id", "goes_to_college"], USUAL, "a file").by_rule
    with pytest.raises(SourceError, match="expected the target 'goes_to_college', or the columns of its rule, 'educ'"):
        columns_of(case, ["id", "age"], USUAL, "a file")
