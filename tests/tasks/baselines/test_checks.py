"""Each check of Model Monitor and Clarify, and the key of the use case that takes its place."""

from pathlib import Path
from typing import Any

import pytest

from config.errors import SourceError
from config.use_case import UseCase
from tasks.baselines import documents
from tasks.baselines.checks import checks
from tasks.baselines.mapped import Mapped
from tests.tasks.baselines.documents import analysis, constraints
from tests.use_cases import small_use_case

FAIRNESS = {"columns": ["origin"], "bounds": [{"metric": "selection_rate_difference", "at_most": 0.05}]}


def case(**changes: Any) -> UseCase:
    gates = [{"metric": "roc_auc", "at_least": 0.6}, {"metric": "f1", "at_least": 0.9}]
    evaluation = {"primary": "roc_auc", "gates": gates, "fairness": FAIRNESS}
    return small_use_case(**{"evaluation": evaluation, **changes})


def mapped(document: dict[str, Any]) -> dict[str, Mapped]:
    return {each.check: each for each in checks(case(), "document.json", document)}


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
    found = {each.check: each for each in checks(use_case, "d", document)}
    assert (found["is_non_negative of age"].state, found["domains of colour"].state) == ("to add", "to add")
    assert found["domains of colour"].key == "columns.colour.categories: [a, b, c, d, e, f, …]"


def test_each_option_of_monitoring_is_mapped_or_named() -> None:
    found = mapped(constraints(emit_metrics="Disabled", datatype_check_threshold=0.1, sampling="none"))
    assert {name: each.state for name, each in found.items()} == {
        "evaluate_constraints": "always", "emit_metrics": "has it", "datatype_check_threshold": "differs",
        "domain_content_threshold": "always", "perform_comparison": "always", "comparison_threshold": "has it",
        "comparison_method": "always", "sampling": "not mapped",
    }  # fmt: skip
    assert found["datatype_check_threshold"].key == "quality.maximum_quarantined_share: 0.1"
    assert "psi_drift is 0.25" in found["comparison_threshold"].note


def test_bounds_of_model_quality_are_gates() -> None:
    bounds = {
        "auc": (0.55, "LessThanThreshold"), "f1": (0.95, "LessThanThreshold"), "recall": (0.7, "LessThanThreshold"),
        "f0_5": (0.7, "LessThanThreshold"), "precision": (0.7, "Above"),
    }  # fmt: skip
    section = {name: {"threshold": bound, "comparison_operator": side} for name, (bound, side) in bounds.items()}
    found = mapped({"version": 0.0, "binary_classification_constraints": section, "extra": 1})
    states = {name.partition(" ")[0]: each.state for name, each in found.items()}
    assert states == {
        "auc": "has it", "f1": "differs", "recall": "to add", "f0_5": "not mapped", "precision": "not mapped",
        "extra": "not mapped",
    }  # fmt: skip
    recall = found["recall in binary_classification_constraints"]
    assert recall.key == "evaluation.gates: {metric: recall, at_least: 0.7}"


def test_a_bound_of_mse_is_the_square_of_that_of_rmse() -> None:
    section = {"mse": {"threshold": 9.0, "comparison_operator": "GreaterThanThreshold"}}
    [found] = mapped({"regression_constraints": section}).values()
    assert found.key == "evaluation.gates: {metric: rmse, at_most: 3}"


def test_bias_after_training_is_a_bound_between_groups() -> None:
    found = mapped(analysis("origin", DPPL=-0.08, DI=1.25, CDDPL=0.1, AD=None))
    assert {name: each.state for name, each in found.items() if "origin" in name} == {
        "CI of origin=there": "not mapped", "DPPL of origin=there": "has it", "DI of origin=there": "to add",
        "CDDPL of origin=there": "not mapped", "AD of origin=there": "not mapped",
    }  # fmt: skip
    bound = "evaluation.fairness: {columns: [origin], bounds: [{metric: selection_rate_ratio, at_least: 0.8}]}"
    assert found["DI of origin=there"].key == bound


def test_a_facet_that_is_not_compared_yet_is_to_add_and_an_unknown_one_is_named() -> None:
    assert mapped(analysis("colour", AD=0.1))["AD of colour=there"].state == "to add"
    assert mapped(analysis("height", AD=0.1))["AD of height=there"].note == "the use case has no column of this name"
    assert mapped(analysis("origin", DPPL=0.01))["DPPL of origin=there"].state == "differs"


def test_attribution_is_always_tracked_and_a_column_that_is_no_feature_is_named() -> None:
    found = mapped(analysis("origin"))
    assert found["nDCG of global_shap_values of label0"].state == "always"
    assert found["global_shap_values of height"].state == "not mapped"
    pdp = mapped({"explanations": {"pdp": []}})
    assert pdp["pdp"].state == "not mapped"


def test_another_document_is_refused_with_its_keys() -> None:
    with pytest.raises(SourceError, match=r"x.json: expected constraints.json or analysis.json .* found a, b"):
        checks(case(), "x.json", {"a": 1, "b": 2})


@pytest.mark.parametrize("content", ["{", "[1]", None])
def test_what_is_no_json_object_is_refused(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "constraints.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(SourceError, match="expected a JSON"):
        documents.read(str(file))
