"""An analysis of Clarify as bounds of fairness, and as the drift of attribution."""

from typing import Any

from tasks.baselines.clarify import clarify_checks
from tasks.baselines.mapped import Mapped
from tests.tasks.baselines.cases import case
from tests.tasks.baselines.documents import analysis


def mapped(document: dict[str, Any]) -> dict[str, Mapped]:
    return {each.check: each for each in clarify_checks(case(), document)}


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
