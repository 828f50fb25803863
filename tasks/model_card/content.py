"""The content of a model card by SageMaker's JSON schema (Developer Guide, "Model card JSON schema")."""

from collections.abc import Iterator, Mapping
from typing import Any

from tasks.decision import less_is_better
from tasks.model_card.decisions import Decisions
from tasks.model_card.facts import CardFacts
from tasks.references import TrainedModel
from tasks.sagemaker import registry

LONG, LONGER, VALUE = 1024, 2048, 255
"""The most characters of a description, of a text about uses or business, and of a hyperparameter's value."""
HELD_OUT = "held-out rows"
"""The name of the evaluation, and of its group with the model's own metrics."""
PROBLEMS = {"binary": "Binary Classification", "multiclass": "Multiclass Classification", "regression": "Regression"}


def content(
    facts: CardFacts, package: Mapping[str, Any], decided: Decisions, limits: list[str], page: str
) -> dict[str, Any]:
    """Return the content. `page` is the address of the HTML card, `limits` are the limits of use."""
    case, model = facts.use_case, facts.evaluation.model
    return {
        "model_overview": {
            "model_description": cut(f"{case.question} {facts.evaluation.headline}", LONG),
            "model_creator": decided.entries[0].who[:LONG] if decided.entries else "VishwaOps",
            "model_artifact": [model.model_uri],
            "algorithm_type": model.algorithm,
            "problem_type": PROBLEMS[case.target.task],
        },
        "intended_uses": {
            "purpose_of_model": cut(case.question, LONGER),
            "factors_affecting_model_efficiency": cut(" ".join(limits), LONGER),
            "risk_rating": "Unknown",
        },
        "business_details": {
            "business_problem": cut(case.question, LONGER),
            "business_stakeholders": cut("; ".join(f"{kpi.name}: {kpi.target}" for kpi in case.kpis), LONGER),
        },
        "training_details": _training(facts),
        "evaluation_details": [_evaluation(facts)],
        "additional_information": {
            "ethical_considerations": cut(_ethics(facts), LONGER),
            "caveats_and_recommendations": cut(" ".join(limits), LONGER),
            "custom_details": _custom(facts, package, decided, page),
        },
    }


def cut(text: str, most: int) -> str:
    """Return a text of at most `most` characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _training(facts: CardFacts) -> dict[str, Any]:
    case, model = facts.use_case, facts.evaluation.model
    goal = "Minimize" if less_is_better(case.evaluation.primary) else "Maximize"
    return {
        "objective_function": {"function": goal, "facet": case.evaluation.primary},
        "training_observations": cut(facts.models.headline, LONG),
        "training_job_details": {
            "training_arn": model.job_arn,
            "training_datasets": [facts.split.train_uri, facts.split.validation_uri],
            "training_metrics": [{"name": name, "value": value} for name, value in sorted(model.metrics.items())],
            "hyper_parameters": list(_hyperparameters(model)),
        },
    }


def _hyperparameters(model: TrainedModel) -> Iterator[dict[str, str]]:
    for name, value in sorted(model.hyperparameters.items()):
        yield {"name": name, "value": cut(str(value), VALUE) or "empty"}


def _evaluation(facts: CardFacts) -> dict[str, Any]:
    found = facts.evaluation
    groups = {
        HELD_OUT: found.metrics,
        "naive prediction": found.baseline,
        "champion before": found.champion or {},
        **{f"between groups of {name}"[:63]: _values(each) for name, each in found.fairness.items()},
    }
    return {
        "name": HELD_OUT,
        "evaluation_observation": cut(found.headline, LONG),
        "evaluation_job_arn": found.job_arn,
        "datasets": [facts.split.test_uri],
        "metadata": {"split": found.split_digest, "rows": str(found.rows)},
        "metric_groups": [
            {"name": name, "metric_data": [_metric(facts, name, *each) for each in sorted(values.items())]}
            for name, values in groups.items()
            if values
        ],
    }


def _values(between: Mapping[str, Any]) -> dict[str, float]:
    return {name: estimate.value for name, estimate in between.items()}


def _metric(facts: CardFacts, group: str, name: str, value: float) -> dict[str, Any]:
    metric = {"name": name, "type": "number", "value": value}
    interval = facts.evaluation.intervals.get(name) if group == HELD_OUT else None
    if interval is None:
        return metric
    return {**metric, "notes": f"{interval[0]:.4f} to {interval[1]:.4f} at {facts.level} (bootstrap)"}


def _ethics(facts: CardFacts) -> str:
    case = facts.use_case
    sensitive = [name for name, column in case.columns.items() if column.sensitive]
    rules = case.evaluation.fairness
    bounds = "; ".join(str(bound) for bound in rules.bounds) if rules else "none"
    return f"Sensitive columns: {', '.join(sensitive) or 'none'}. Bounds between groups: {bounds}."


def _custom(facts: CardFacts, package: Mapping[str, Any], decided: Decisions, page: str) -> dict[str, str]:
    known = registry.facts_of(package)
    entry = decided.decided
    found = {
        "card": page,
        "model_package_arn": package["ModelPackageArn"],
        "approval": f"{decided.status}: {decided.reason}",
        "approval_audit_entry": "" if entry is None else str(entry.number),
        "dataset_version": facts.split.dataset_digest,
        "dataset_source": facts.validated.dataset.source,
        "split_digest": facts.split.digest,
        "features": ", ".join(facts.features),
        "left_out": ", ".join(f"{name} ({why})" for name, why in facts.left_out.items()),
        **{name: known.get(name, "") for name in (registry.MODEL_DIGEST, registry.SIGNING_KEY, registry.BILL_DIGEST)},
        "training_dollars": "" if facts.models.dollars is None else f"{facts.models.dollars:.4f}",
    }
    return {name: cut(text, LONG) for name, text in found.items() if text}
