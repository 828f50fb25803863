"""The features of a use case: columns, and engineered features, which a training job fits to the training rows."""

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from config.column_names import name_problem
from config.documents import Document, Integer, Number, repeats
from tabular.columns import Column
from tabular.engineered_features import Engineered
from tabular.suggestions import did_you_mean

if TYPE_CHECKING:
    from config.use_case import UseCase

MOST_CROSSED = 4
"""The most columns whose categories are combined."""
Columns = Annotated[tuple[str, ...], Field(min_length=1, max_length=MOST_CROSSED)]
KINDS = ("bins", "interaction", "count", "target_encoding")
"""The keys of an engineered feature that say how it is computed."""


class Bins(Document):
    """Ranges of a number. Each range is a column of the model's input, and so is a missing value."""

    of: str
    count: Integer | None = Field(default=None, ge=2, le=100)
    """The number of ranges. They are fewer where training rows repeat a limit."""
    by: Literal["quantile", "width"] = "quantile"
    """Whether the ranges have about equally many training rows, or the same width."""
    edges: tuple[Number, ...] | None = Field(default=None, min_length=1, max_length=99)
    """The limits between the ranges, instead of a count. A limit belongs to the range above it."""

    @model_validator(mode="after")
    def _count_or_edges(self) -> Self:
        if (self.count is None) == (self.edges is None):
            raise ValueError(f"expected either count or edges; found {'neither' if self.count is None else 'both'}")
        if any(low >= high for low, high in pairwise(self.edges or ())):
            raise ValueError(
                f"expected edges in rising order, found {', '.join(f'{each:g}' for each in self.edges or ())}"
            )
        return self


class Keyed(Document):
    """A value for each category of a column, or for each combination of the categories of several."""

    of: Columns

    @field_validator("of", mode="before")
    @classmethod
    def _one_or_several(cls, of: Any) -> Any:
        return (of,) if isinstance(of, str) else of


class Count(Keyed):
    """The number of training rows with the category. 0 for one that no training row has."""


class TargetEncoding(Keyed):
    """The mean of the target in the training rows with the category; of each class, for three classes or more.

    The training rows themselves get it from the other rows only: those of other folds.
    """

    smoothing: Annotated[Number, Field(ge=0)] | Literal["auto"] = "auto"
    """The number of rows that the mean of all rows counts as. `auto` is scikit-learn's empirical Bayes estimate."""


class EngineeredFeature(Document):
    """A feature that is fitted to the training rows, and computed in the same way in training and at the endpoint."""

    name: str
    bins: Bins | None = None
    interaction: Annotated[tuple[str, ...], Field(min_length=2, max_length=MOST_CROSSED)] | None = None
    """Columns of categories. Each of their combinations is a column of the model's input; rare ones share one."""
    count: Count | None = None
    target_encoding: TargetEncoding | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if len(found := [kind for kind in KINDS if getattr(self, kind) is not None]) != 1:
            raise ValueError(f"expected name and one of {', '.join(KINDS)}; found {' and '.join(found) or 'none'}")
        return self

    @property
    def kind(self) -> str:
        """Which of KINDS it is."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @property
    def of(self) -> tuple[str, ...]:
        """The columns and derived columns that it is computed from."""
        if self.interaction is not None:
            return self.interaction
        of: str | tuple[str, ...] = getattr(self, self.kind).of
        return (of,) if isinstance(of, str) else of

    @property
    def declared(self) -> Engineered:
        """The feature as the contract has it."""
        options = {} if self.kind == "interaction" else getattr(self, self.kind).model_dump(exclude={"of"})
        return Engineered(name=self.name, kind=self.kind, of=self.of, **options)  # type: ignore[arg-type]


def _tag(content: Any) -> str:
    return "feature" if isinstance(content, dict | EngineeredFeature) else "column"


Feature = Annotated[Annotated[str, Tag("column")] | Annotated[EngineeredFeature, Tag("feature")], Discriminator(_tag)]
"""The name of a column or derived column, or an engineered feature."""


def feature_problems(case: "UseCase") -> Iterator[str]:
    """Yield the mistakes of engineered features: their names, and the columns that they are computed from."""
    for each in case.engineered:
        if problem := name_problem(each.name):
            yield f"features: {problem.partition('. Rename')[0]}"
        if each.name in (*case.columns, *case.derived, *case.windows, *case.known_only_afterwards, case.target.column):
            yield f"features: expected names that no column has, found {each.name!r} again"
        yield from (
            f"features.{each.name}: expected each column once, found {name!r} again" for name in repeats(each.of)
        )
        yield from _source_problems(case, each)


def _source_problems(case: "UseCase", each: EngineeredFeature) -> Iterator[str]:
    expected = ("integer", "number") if each.kind == "bins" else ("category",)
    for name in each.of:
        column = _column(case, name)
        derived = case.derived.get(name)
        if column is None and derived is None:
            near = did_you_mean(name, (*case.columns, *case.derived, *case.windows))
            yield f"features.{each.name}: expected columns or derived columns, found {name!r}{near}"
            continue
        kind = column.type if column else derived.type if derived else ""
        if kind not in expected:
            where = f"features.{each.name}: expected {' or '.join(expected)} for {each.kind}"
            yield f"{where}, found the {kind} {name!r}"


def _column(case: "UseCase", name: str) -> Column | None:
    """Return a column of the schema, or a window's column."""
    window = case.windows.get(name)
    return case.columns.get(name) or (window.column(case, name) if window else None)
