"""The steps that encode typed columns as the numbers of a model's input matrix, and their form in JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tabular.compiled.engineered_steps import Binned, Crossed, Table
from tabular.compiled.step_shapes import ReadsColumn, WritesRange

LARGEST_32, LARGEST_64 = 1e38, 1e307
"""Sizes within the range of 32-bit and of 64-bit floats."""


@dataclass(frozen=True)
class Scale:
    """Standardises a number: (value - mean) / scale."""

    mean: float
    scale: float

    @property
    def largest(self) -> float:
        """The size up to which numbers, standardised, are surely finite 32-bit floats; negative where none is."""
        return min(LARGEST_32 * self.scale, LARGEST_64) - abs(self.mean)

    def of(self, value: float) -> float:
        """Return a value, standardised."""
        return (value - self.mean) / self.scale


@dataclass(frozen=True)
class Number(ReadsColumn):
    """A number, or the rank of an ordered category, imputed and standardised."""

    column: str
    place: int
    """The column of the matrix."""
    fill: float
    """The value for a missing one: the median of the training rows."""
    scale: Scale
    indicator: int | None = None
    """The column of the matrix that tells whether the value is missing, where training rows had missing values."""
    indicator_scale: Scale | None = None
    categories: tuple[str, ...] | None = None
    """The categories from the lowest, whose ranks are encoded; None for a column of numbers."""

    @property
    def present(self) -> float:
        """The encoded indicator of a value that is not missing."""
        return self.indicator_scale.of(0.0) if self.indicator_scale else 0.0

    @property
    def absent(self) -> float:
        """The encoded indicator of a missing value."""
        return self.indicator_scale.of(1.0) if self.indicator_scale else 0.0

    @property
    def is_finite(self) -> bool:
        """Whether the fill, the ranks and the indicator are surely finite 32-bit floats once standardised."""
        largest = max(abs(self.fill), len(self.categories or ()))
        return largest <= self.scale.largest and (self.indicator_scale is None or self.indicator_scale.largest >= 1)

    @property
    def places(self) -> tuple[int, ...]:
        """The columns of the matrix that the step writes."""
        return (self.place,) if self.indicator is None else (self.place, self.indicator)


@dataclass(frozen=True)
class OneHot(ReadsColumn, WritesRange):
    """A category as a column of the matrix for each known one. Rare categories share a column."""

    column: str
    place: int
    width: int
    known: Mapping[str, int]
    """The offset of the column of each category in the training rows."""
    other: int | None
    """The offset for other categories; None for no column at all."""
    missing: int | None
    """The offset for a missing value."""

    def offset(self, text: str) -> int | None:
        """Return the offset of a category's column."""
        return self.known.get(text, self.other)


@dataclass(frozen=True)
class Words(ReadsColumn, WritesRange):
    """The words of a text and pairs of them: hashed, weighted (TF-IDF), and reduced to components."""

    column: str
    place: int
    width: int
    file: str
    """The file with the weights: `idf` (hashes,) and `components` (width, hashes)."""
    hashes: int
    ngrams: tuple[int, int]


EngineeredStep = Binned | Crossed | Table
Step = Number | OneHot | Words | EngineeredStep
_KINDS: dict[str, type[Any]] = {
    "number": Number, "one_hot": OneHot, "words": Words, "bins": Binned, "crossed": Crossed, "table": Table,
}  # fmt: skip
_PLACES = {"place", "indicator", "width", "other", "missing"}


def width(steps: Sequence[Step]) -> int:
    """Return the number of columns of the matrix."""
    return sum(len(step.places) for step in steps)


def described(step: Step) -> dict[str, Any]:
    """Return a step as JSON objects."""
    kind = next(name for name, known in _KINDS.items() if isinstance(step, known))
    return {"kind": kind, **asdict(step)}


def step_of(content: Mapping[str, Any]) -> Step:
    """Read a step from JSON objects. Raises ValueError for an unknown kind, and for a place that is no whole number."""
    fields: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in content.items() if name != "kind"
    }
    kind = _KINDS.get(content["kind"])
    if kind is None:
        raise ValueError(f"step: expected one of {', '.join(_KINDS)}; found {content['kind']!r}")
    for name in _PLACES & fields.keys():
        if type(fields[name]) not in (int, type(None)):
            column = content.get("column") or ", ".join(content["columns"])
            raise ValueError(f"step of {column}: {name}: expected a whole number, found {fields[name]!r}")
    for name in ("scale", "indicator_scale"):
        if fields.get(name) is not None:
            fields[name] = Scale(**fields[name])
    if kind is Table:
        fields["known"] = {key: tuple(numbers) for key, numbers in fields["known"].items()}
    found: Step = kind(**fields)
    return found
