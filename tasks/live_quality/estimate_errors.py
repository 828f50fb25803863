"""Estimates compared with the truth that came later."""

from collections import defaultdict
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


def mean_absolute_errors(errors: Iterable[EstimateError]) -> dict[str, tuple[int, float]]:
    """Return the number of errors of each metric, and the mean of their sizes."""
    sizes = defaultdict[str, list[float]](list)
    for each in errors:
        sizes[each.estimated.metric].append(abs(each.error))
    return {metric: (len(found), sum(found) / len(found)) for metric, found in sizes.items()}
