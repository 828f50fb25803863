"""What people are shown of an evaluation: some of its metrics, and no value of a sensitive target."""

from collections.abc import Collection, Mapping

from config.recommendation import RECOMMENDATION_METRICS
from config.use_case import UseCase

COMPARED = 5
"""The most metrics in the table of candidates, which has a line for each: more columns would not fit a screen."""
OF_SINGLE_ROWS = ("predictions", "residuals")
"""The plots with a point for each row."""


def compared_metrics(use_case: UseCase, known: Collection[str]) -> list[str]:
    """Return the metrics in the table of candidates: those that decide, then others, COMPARED in all."""
    rules = use_case.evaluation
    wanted = [rules.primary, *(gate.metric for gate in rules.gates), *known]
    of_candidates = [name for name in dict.fromkeys(wanted) if name not in RECOMMENDATION_METRICS]
    return [name for name in of_candidates if name in known][:COMPARED]


def predicts_sensitive_values(use_case: UseCase) -> bool:
    """Whether the model predicts the value of a sensitive column."""
    return any(use_case.columns[name].sensitive for name in use_case.target_sources)


def shown_plots(use_case: UseCase, drawn: Mapping[str, str]) -> dict[str, str]:
    """Return the plots that may be shown: those of single rows only if no sensitive column is in the target."""
    hidden = OF_SINGLE_ROWS if predicts_sensitive_values(use_case) else ()
    return {name: svg for name, svg in drawn.items() if name not in hidden}
