"""The compiled steps of engineered features."""

from collections.abc import Mapping
from dataclasses import dataclass

from tabular.compiled.step_shapes import ReadsColumn, WritesRange


@dataclass(frozen=True)
class Binned(ReadsColumn, WritesRange):
    """A number as a column of the matrix for each of its ranges. Rare ranges share a column."""

    column: str
    place: int
    width: int
    edges: tuple[float, ...]
    """The rising limits between the ranges; a limit belongs to the range above it."""
    offsets: tuple[int | None, ...]
    """The offset of the column of each range; None for no column at all."""
    missing: int | None
    """The offset for a missing value."""


@dataclass(frozen=True)
class Crossed(WritesRange):
    """A combination of categories as a column of the matrix for each known one. Rare combinations share a column."""

    columns: tuple[str, ...]
    place: int
    width: int
    known: Mapping[str, int]
    """The offset of the column of each combination in the training rows, by its key (`tabular.engineered.keys`)."""
    other: int | None
    """The offset for other combinations; None for no column at all."""


@dataclass(frozen=True)
class Table:
    """Numbers for each combination of categories, standardised: a count, or means of the target."""

    columns: tuple[str, ...]
    place: int
    known: Mapping[str, tuple[float, ...]]
    """The numbers of each combination in the training rows, by its key (`tabular.engineered.keys`)."""
    unseen: tuple[float, ...]
    """The numbers of other combinations."""

    @property
    def places(self) -> tuple[int, ...]:
        """The columns of the matrix that the step writes."""
        return tuple(range(self.place, self.place + len(self.unseen)))
