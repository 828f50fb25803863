"""Builders of live figures."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tasks.references.monitoring import LiveFigure, Span

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def week(number: int) -> Span:
    """A week, counted from MONDAY."""
    since = MONDAY + timedelta(days=7 * number)
    return Span(since=since, until=since + timedelta(days=7))


def figure(kind: str, value: float, number: int = 0, **changes: Any) -> LiveFigure:
    """A figure of the ROC-AUC of a week's 100 rows; 0.8 when the model was trained."""
    known: dict[str, Any] = {"metric": "roc_auc", "span": week(number), "rows": 100, "version": 3, "reference": 0.8}
    return LiveFigure.model_validate({"kind": kind, "value": value, **known, **changes})
