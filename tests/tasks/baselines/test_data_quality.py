"""The constraints of the data quality monitor, and the keys of the use case that take their place."""

from typing import Any

import pytest

from tasks.baselines.data_quality import data_quality_checks
from tasks.baselines.mapped import Mapped
from tests.tasks.baselines.cases import case
from tests.tasks.baselines.documents import constraints
from tests.use_cases import small_use_case


def mapped(document: dict[str, Any]) -> dict[str, Mapped]:
    return {each.check: each for each in data_quality_checks(case(), document)}


@pytest.mark.parametrize(
    ("feature", "check", "state", "key"),
    [
        ({"name": "age", "completeness": 1.0}, "completeness of age", "has it", "columns.age.nullable: false"),
        ({"name": "colour", "completeness": 1.0}, "completeness of colour", "differs",
         "columns.colour.nullable: false"),
        ({"name": "colour", "completeness": 0.9}, "completeness of colour", "has it", "columns.colour.nullable: true"),
        ({"name": "age", "num_constraints": {"is_non_negative": True}}, "is_non_negative of age", "has it",
         "columns.age.minimum: 0"),
        ({"name": "age", "num_constraints": {"is_non_negative": False}}, "is_non_negative of age", "always", ""),
        ({"name": "colour", "string_constraints": {"domains": ["green", "red"]}}, "domains of colour", "has it",
         "columns.colour.categories: [green, red]"),
        ({"name": "colour", "string_constraints": {"domains": ["green", "blue"]}}, "domains of colour", "differs",
         "columns.colour.categories: [green, blue]"),
        ({"name": "age", "inferred_type": "Integral"}, "inferred_type of age", "has it", "columns.age.type: integer"),
        ({"name": "age", "inferred_type": "String"}, "inferred_type of age", "differs", "columns.age.type: category"),
        ({"name": "age", "inferred_type": "Unknown"}, "inferred_type of age", "always", "columns.age.type: integer"),
        ({"name": "height", "completeness": 1.0}, "completeness of height", "not mapped", ""),
        ({"name": "age", "monitoringConfigOverrides": {"comparison_threshold": 0.2}},
         "monitoringConfigOverrides of age", "not mapped", ""),
        ({"name": "age", "entropy": 2}, "entropy of age", "not mapped", ""),
        ({"name": "age", "num_constraints": {"is_even": True}}, "is_even in num_constraints of age", "not mapped", ""),
    ],
)  # fmt: skip
def test_a_check_of_a_feature_is_a_key_of_its_column(feature: dict[str, Any], check: str, state: str, key: str) -> None:
    found = mapped(constraints(feature))[check]
    assert (found.state, found.key) == (state, key)
    assert found.note or state in ("has it", "to add")


def test_a_number_without_a_minimum_gets_one() -> None:
    columns = {
        "age": {"type": "number"}, "colour": {"type": "category"},
        "passed": {"type": "category", "categories": ["no", "yes"]},
    }  # fmt: skip
    use_case = small_use_case(columns=columns, key=[])
    document = constraints({"name": "age", "num_constraints": {"is_non_negative": True}},
                           {"name": "colour", "string_constraints": {"domains": list("abcdefgh")}})  # fmt: skip
    found = {each.check: each for each in data_quality_checks(use_case, document)}
    assert (found["is_non_negative of age"].state, found["domains of colour"].state) == ("to add", "to add")
    assert found["domains of colour"].key == "columns.colour.categories: [a, b, c, d, e, f, …]"


def test_each_option_of_monitoring_is_mapped_or_named() -> None:
    found = mapped(constraints(emit_metrics="Disabled", datatype_check_threshold=0.95, sampling="none"))
    assert {name: each.state for name, each in found.items()} == {
        "evaluate_constraints": "always", "emit_metrics": "has it", "datatype_check_threshold": "differs",
        "domain_content_threshold": "always", "perform_comparison": "always", "comparison_threshold": "has it",
        "comparison_method": "always", "sampling": "not mapped",
    }  # fmt: skip
    assert found["datatype_check_threshold"].key == "quality.maximum_quarantined_share: 0.05"
    assert "psi_drift is 0.25" in found["comparison_threshold"].note


def test_a_datatype_threshold_is_the_share_of_good_values() -> None:
    assert mapped(constraints(datatype_check_threshold=1.0))["datatype_check_threshold"].state == "differs"
    assert mapped(constraints(datatype_check_threshold=0.1))["datatype_check_threshold"].state == "has it"
