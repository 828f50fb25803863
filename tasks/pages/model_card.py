"""The page of a model card."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from config.profile import active_profile
from tasks.pages.fairness import fairness_values
from tasks.pages.shown import compared_metrics, shown_plots
from tasks.pages.templates import render
from tasks.sagemaker import registry

if TYPE_CHECKING:
    from tasks.model_card.decisions import Decisions
    from tasks.model_card.facts import CardFacts


def model_card_page(
    facts: "CardFacts",
    package: Mapping[str, Any],
    decided: "Decisions",
    limits: Sequence[str],
    drawn: Mapping[str, str],
    evidence: Mapping[str, Any],
) -> str:
    """Return the HTML of a card.

    `package` is the described model package, `limits` are the limits of use, `drawn` has the plots as SVG by name, and
    `evidence` is evaluation.json.
    """
    case = facts.use_case
    return render(
        "model_card.html.j2",
        facts=facts,
        use_case=case,
        package=package,
        known=registry.facts_of(package),
        decided=decided,
        limits=limits,
        plots=shown_plots(case, drawn),
        trained=facts.models,
        evaluation=facts.evaluation,
        points=evidence.get("points") or {},
        offline=active_profile().offline,
        compared=compared_metrics(case, facts.evaluation.metrics),
        recommended=evidence.get("recommendation"),
        **fairness_values(case, evidence),
    )
