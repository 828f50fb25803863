"""What the data of a model can't say, in sentences: from counts, shares and the rules of the use case."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tasks.model_card.facts import CardFacts

NOTABLE = 0.05
"""The share of missing or unused rows from which it is a limit."""
FEW = 30
"""The number of held-out rows of a class below which its figures say little."""
SHOWN = 8
"""The most names in a sentence."""
BY = {
    "random": "at random, so the held-out rows are as old as the training rows: nothing is known about later rows",
    "group": "by group: no group is in two parts",
    "time": "by time: the held-out rows are the latest",
    "order": "by the order of the source: the held-out rows are its last",
    "value": "by the expressions of the use case",
}


def limits_of_use(facts: CardFacts, evidence: Mapping[str, Any]) -> list[str]:
    """Return the limits of a version. `evidence` is its evaluation.json."""
    return [*_rows(facts), *_columns(facts), *_classes(evidence), *_groups(facts, evidence), *_later(facts)]


def _rows(facts: CardFacts) -> Iterator[str]:
    validated, split, found = facts.validated, facts.split, facts.evaluation
    known = split.train_rows + (split.validation_rows if found.model.refit_of else 0)
    yield (
        f"It was trained on {known:,} rows of {validated.dataset.source}, and says nothing about rows of "
        "another origin."
    )
    by = BY[facts.use_case.split.by]
    if facts.use_case.source.kind.startswith("synthetic_"):
        yield "Its rows are synthetic: its figures say nothing about people or events of the real world."
    yield f"Its figures come from {found.rows:,} held-out rows{_interval(facts)}. Rows are split {by}."
    every = validated.rows + validated.quarantined + validated.without_target
    for count, why in (
        (validated.quarantined, "do not fit the schema and are in quarantine"),
        (validated.without_target, "have no target"),
    ):
        if count and count >= NOTABLE * every:
            yield f"{count:,} of {every:,} rows ({count / every:.1%}) {why}: the model does not know such rows."


def _interval(facts: CardFacts) -> str:
    primary = facts.evaluation.primary
    if primary not in facts.evaluation.intervals:
        return ""
    low, high = facts.evaluation.intervals[primary]
    return f"; {primary} is between {low:.4f} and {high:.4f} at {facts.level}"


def _columns(facts: CardFacts) -> Iterator[str]:
    shares = sorted(facts.missing.items(), key=lambda each: -each[1])
    if missing := [f"{name} {share:.0%}" for name, share in shares if share >= NOTABLE]:
        yield f"Training rows without a value: {listed(missing)}."
    if unused := [f"{name} ({why})" for name, why in facts.split.unused_features.items()]:
        yield f"Trained without {listed(unused)}: the training rows say nothing about them."
    if later := facts.use_case.known_only_afterwards:
        yield f"It is for predictions before these are known: {listed(later)}."


def _classes(evidence: Mapping[str, Any]) -> Iterator[str]:
    points = evidence.get("points") or {}
    counts = [sum(row) for row in points.get("confusion") or ()]
    for name, count in zip(points.get("classes", ()), counts, strict=False):
        if count < FEW:
            yield f"Class {name} has {count} held-out rows: too few to say how well it is predicted."


def _groups(facts: CardFacts, evidence: Mapping[str, Any]) -> Iterator[str]:
    columns = (evidence.get("fairness") or {}).get("columns", {})
    sensitive = [name for name, column in facts.use_case.columns.items() if column.sensitive]
    if unused := [name for name in sensitive if name not in facts.use_case.request_columns]:
        yield f"Sensitive columns are no features: {listed(unused)}. Other columns may tell of them."
    if silent := [name for name in sensitive if name not in columns]:
        yield f"Not compared between groups: {listed(silent)}. Name them in evaluation.fairness to compare them."
    for column, found in columns.items():
        if small := [f"{group['group']} ({group['rows']:,})" for group in found["groups"] if not group["judged"]]:
            yield f"Groups of {column} with too few held-out rows to be judged: {listed(small)}."


def _later(facts: CardFacts) -> Iterator[str]:
    rules = facts.use_case.monitoring
    yield (
        f"Its figures hold for rows like the training rows. A feature drifts from PSI {rules.psi_drift:g}, which is "
        f"measured on batches of {rules.minimum_rows:,} rows or more."
    )


def listed(names: Iterable[str]) -> str:
    """Return names as text, the first SHOWN of them."""
    found = list(names)
    more = f" and {len(found) - SHOWN:,} more" if len(found) > SHOWN else ""
    return ", ".join(found[:SHOWN]) + more
