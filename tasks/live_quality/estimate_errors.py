"""Estimates compared with the truth that came later."""

from collections.abc import Iterable
from dataclasses import dataclass

from tasks.references.monitoring import LiveFigure


@dataclass(frozen=True)
class EstimateError:
    """An estimate beside the measured figure of the same metric, span, version and subgroup."""

    estimated: LiveFigure
    measured: LiveFigure

    @property
    def error(self) -> float:
        """The estimate minus the measured value, in the metric's unit."""
        return self.estimated.value - self.measured.value

    @property
    def within(self) -> bool | None:
        """Whether the measured value is within the estimate's interval; None without one."""
        low, high = self.estimated.low, self.estimated.high
        return None if low is None or high is None else low <= self.measured.value <= high


def estimate_errors(figures: Iterable[LiveFigure]) -> tuple[EstimateError, ...]:
    """Pair the estimated and measured figures of one `key`, in the order of the estimates. Others are left out."""
    known = list(figures)
    measured = {each.key: each for each in known if each.kind == "measured"}
    estimates = [each for each in known if each.kind == "estimated" and each.key in measured]
    return tuple(EstimateError(each, measured[each.key]) for each in estimates)


def mean_absolute_error(errors: Iterable[EstimateError], metric: str) -> float | None:
    """Return the mean size of the errors of one metric; None without any."""
    sizes = [abs(each.error) for each in errors if each.estimated.metric == metric]
    return sum(sizes) / len(sizes) if sizes else None
