"""Profiles a column of numbers, or the lengths of a column of texts."""

from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.profiles.column_sketches import NumberSketches
from tasks.profiles.moments import NOTHING, Moments, merged_moments, moments_of
from tasks.profiles.number_histogram import HistogramBuilder
from tasks.profiles.prefix_bins import PrefixBins, histogram_of
from tasks.profiles.stored_profiles import Distribution, NumberProfile

BUFFERED = 65_536
"""So many numbers are sorted at once; each figure is then taken from the sorted numbers."""


class NumberColumn:
    """Counts numbers. Null, NaN and infinite values are missing."""

    def __init__(self, kind: Literal["integer", "number", "text"]) -> None:
        self.count = self.missing = 0
        self._kind = kind
        self._sketches = NumberSketches()
        self._histogram = HistogramBuilder()
        self._moments = NOTHING
        self._minimum, self._maximum = np.inf, -np.inf
        self._buffer: list[np.ndarray] = []

    def add(self, values: pa.Array) -> None:
        """Count n values."""
        numbers = _finite(pc.utf8_length(values) if self._kind == "text" else values)
        self.count += len(values)
        self.missing += len(values) - len(numbers)
        self._buffer.append(numbers)
        if sum(map(len, self._buffer)) >= BUFFERED:
            self._take_buffer()

    def merge(self, other: "NumberColumn") -> None:
        """Count the numbers of another column too."""
        self._take_buffer()
        other._take_buffer()
        self.count += other.count
        self.missing += other.missing
        self._sketches.merge(other._sketches)
        self._histogram.merge(other._histogram)
        self._moments = _both(self._moments, other._moments)
        self._minimum, self._maximum = min(self._minimum, other._minimum), max(self._maximum, other._maximum)

    @property
    def sketches(self) -> NumberSketches:
        """The sketches of all numbers so far."""
        self._take_buffer()
        return self._sketches

    @property
    def moments(self) -> Moments:
        """The moments of all numbers so far."""
        self._take_buffer()
        return self._moments

    def summary(self) -> NumberProfile:
        """Return the profile of the column."""
        self._take_buffer()
        bins = self._histogram.bins()
        return NumberProfile(
            type=self._kind,
            count=self.count,
            missing=self.missing,
            distinct=self._sketches.estimate if bins.level.any() else len(bins.low),
            distribution=self._distribution(bins) if len(bins.low) else None,
        )

    def _distribution(self, bins: PrefixBins) -> Distribution:
        return Distribution(
            minimum=self._minimum,
            maximum=self._maximum,
            mean=self._moments.mean,
            stddev=self._moments.stddev,
            histogram=histogram_of(bins),
        )

    def _take_buffer(self) -> None:
        buffer, self._buffer = self._buffer, []
        if not sum(map(len, buffer)):
            return
        ordered = np.sort(buffer[0] if len(buffer) == 1 else np.concatenate(buffer))
        starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
        distinct = ordered[starts]
        self._histogram.add(distinct, np.diff(starts, append=len(ordered)))
        self._sketches.add(ordered, distinct)
        self._moments = _both(self._moments, moments_of(ordered))
        self._minimum, self._maximum = (
            min(self._minimum, float(ordered[0])),
            max(self._maximum, float(ordered[-1])),
        )


def _finite(values: pa.Array) -> np.ndarray:
    numbers = values.drop_null().cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    finite = np.isfinite(numbers)
    return np.asarray(numbers if finite.all() else numbers[finite])


def _both(one: Moments, other: Moments) -> Moments:
    return merged_moments(*map(np.array, zip(one, other, strict=True)))
