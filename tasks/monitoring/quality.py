"""The quality of the live traffic of a version: figures measured with ground truth, and estimated ones."""

from dataclasses import dataclass
from datetime import timedelta

from config.use_case import UseCase
from tasks.live_quality.attribution import attribution
from tasks.live_quality.estimated import estimated
from tasks.live_quality.losses import loss
from tasks.live_quality.measured import measured_weeks
from tasks.live_quality.weeks import weeks_of
from tasks.references import LiveFigure, Loss, Span

MEASURED = timedelta(weeks=8)
"""The time before the span's end whose weeks are measured again in each run: ground truth comes late."""
RECENT = timedelta(weeks=2)
"""A measured week counts for the loss when it ends at most so long before the span."""


@dataclass(frozen=True)
class Quality:
    """What is known of the quality at the end of a span."""

    latest: tuple[LiveFigure, ...] = ()
    """The measured figures of recent weeks, and the estimates of the span and its weeks."""
    measured: tuple[LiveFigure, ...] = ()
    """Of the latest weeks."""
    estimates: tuple[LiveFigure, ...] = ()
    """Of whole weeks."""
    loss: Loss | None = None


def quality_of(use_case: UseCase, span: Span, version: int | None) -> Quality:
    """Return the measured figures of weeks until the end of a span, the estimates of the span and its weeks, and the
    loss of the primary metric of a version. Nothing is known without a version.
    """
    if version is None:
        return Quality()
    before = Span(since=span.until - MEASURED, until=span.until)
    weeks, known = weeks_of(before), measured_weeks(use_case, before)
    found = (*estimated(use_case, span, version), *attribution(use_case, span, version))
    recent = tuple(each for each in known if each.span.until > span.since - RECENT)
    latest = (*recent, *found)
    return Quality(
        latest=latest,
        measured=known,
        estimates=tuple(each for each in found if each.span in weeks),
        loss=loss(latest, use_case.evaluation.primary, minimum_rows=use_case.monitoring.minimum_rows, version=version),
    )
