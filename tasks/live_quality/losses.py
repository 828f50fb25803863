"""The loss of quality: by how much the primary metric of live traffic is worse than that of the held-out rows."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby

from tabular.metrics import LOWER_IS_BETTER
from tasks.references.monitoring import LiveFigure, Loss


def loss(
    figures: Iterable[LiveFigure], primary: str, *, minimum_rows: int = 1, version: int | None = None
) -> Loss | None:
    """Return the largest loss of the primary metric over all rows and each subgroup; None where none is known.

    Of each subgroup counts the newest measured figure of `minimum_rows` rows or more, and the newest estimate if it is
    of a later span: an estimate does not see concept drift, so it never replaces a measurement. A loss whose interval
    is above 0 comes before a larger one whose interval is not. `version` leaves out the figures of other versions.
    """
    known = [each for each in figures if each.metric == primary and version in (None, each.version)]
    known = sorted((each for each in known if each.rows >= minimum_rows), key=lambda each: each.group)
    newest = (each for _, group in groupby(known, lambda each: each.group) for each in _newest(list(group)))
    losses = [found for each in newest if (found := _loss(each)) is not None]
    return max(losses, key=lambda each: (each.low is not None and each.low > 0, each.loss), default=None)


def _newest(figures: Sequence[LiveFigure]) -> list[LiveFigure]:
    """Return the newest measured figure, and the newest estimate of a later span."""
    measured = max((each for each in figures if each.kind == "measured"), key=_end, default=None)
    estimates = [each for each in figures if each.kind == "estimated"]
    later = [each for each in estimates if measured is None or _end(each) > _end(measured)]
    return [each for each in (measured, max(later, key=_end, default=None)) if each is not None]


def _end(figure: LiveFigure) -> tuple[datetime, datetime]:
    """A span's end; of spans with one end the shorter is the newer."""
    return figure.span.until, figure.span.since


def _loss(figure: LiveFigure) -> Loss | None:
    """Return the loss of a figure; None where the same figure of the held-out rows is not known."""
    if figure.reference is None:
        return None
    sign = 1 if figure.metric in LOWER_IS_BETTER else -1
    best = figure.low if sign == 1 else figure.high
    return Loss(
        metric=figure.metric,
        kind=figure.kind,
        loss=sign * (figure.value - figure.reference),
        low=None if best is None else sign * (best - figure.reference),
        group=figure.group,
    )
