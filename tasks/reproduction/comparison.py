"""Compares what a version's jobs gave with what the same jobs gave again."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

TOLERANCE = 1e-9
"""The largest difference of two equal metrics."""
SHOWN = 5
"""The files that a verdict names."""


@dataclass(frozen=True)
class Figure:
    """One metric, as recorded and again. An undefined metric is None."""

    name: str
    recorded: float | None
    again: float | None

    @property
    def difference(self) -> float:
        """The absolute difference; infinite when only one of the two is defined."""
        if self.recorded is None or self.again is None:
            return 0.0 if self.recorded == self.again else math.inf
        return abs(self.again - self.recorded)

    @property
    def same(self) -> bool:
        """Whether both are equal to 1e-9, or both undefined."""
        return self.difference <= TOLERANCE


def figures(prefix: str, recorded: Mapping[str, float], again: Mapping[str, float]) -> Iterator[Figure]:
    """Yield the metrics of both by name, in the order of the record. NaN is undefined."""
    for name in dict.fromkeys([*recorded, *again]):
        yield Figure(f"{prefix}{name}", _defined(recorded.get(name)), _defined(again.get(name)))


def _defined(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


@dataclass(frozen=True)
class Files:
    """The files of the recorded model and of the new one."""

    count: int
    """The number of files of both."""
    different: tuple[str, ...]
    """The paths of the files with other bytes, or in one of the two only."""
    statement: str
    """What the training jobs' logs say of reproducibility; empty when a log is gone."""

    @property
    def compared(self) -> bool:
        """Whether the logs promise the same bytes. Otherwise other bytes are no difference."""
        return self.statement.startswith("Reproducible")

    @property
    def same(self) -> bool:
        """Whether no file differs, or none has to be the same."""
        return not (self.compared and self.different)


def different_files(recorded: Mapping[str, str], again: Mapping[str, str]) -> tuple[str, ...]:
    """Return the paths whose digests differ, or that only one of the two has."""
    every = recorded.keys() | again.keys()
    return tuple(sorted(name for name in every if recorded.get(name) != again.get(name)))


@dataclass(frozen=True)
class Reproduction:
    """The result of a reproduction."""

    model_package_arn: str
    jobs: tuple[str, ...]
    """The ARNs of the new jobs: training, then evaluation."""
    figures: Sequence[Figure]
    files: Files

    @property
    def same(self) -> bool:
        """Whether metrics and files are the same."""
        return self.files.same and all(figure.same for figure in self.figures)

    @property
    def verdict(self) -> str:
        """The result in a sentence."""
        differing = [figure.name for figure in self.figures if not figure.same]
        if differing:
            return f"not reproduced: {len(differing)} of {len(self.figures)} metrics differ: {', '.join(differing)}"
        most = max((figure.difference for figure in self.figures), default=0.0)
        metrics = f"{len(self.figures)} metrics are the same (largest difference {most:.1e}, allowed {TOLERANCE:.0e})"
        if not self.files.same:
            named = ", ".join(self.files.different[:SHOWN])
            more = len(self.files.different) - SHOWN
            further = f" and {more} more" if more > 0 else ""
            return f"not reproduced: {metrics}, but files of the model have other bytes: {named}{further}"
        return f"reproduced: {metrics}; {self._bytes()}"

    def _bytes(self) -> str:
        if not self.files.different:
            return f"all {self.files.count} files have the same bytes"
        why = self.files.statement or "the log of its training job is gone"
        return f"{len(self.files.different)} files have other bytes ({why})"
