"""Selection and reduction of a model's encoded features, inside its pipeline."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from config.documents import Document, Integer, Number


class Permutation(Document):
    """Leaves out encoded features whose shuffled values do not make predictions of held-out rows worse."""

    above: Number = Field(default=0.0, ge=0)
    """The importance above which a feature is kept: the increase of the log loss, or the decrease of R²."""
    repeats: Annotated[Integer, Field(ge=1, le=50)] = 5
    """How often each feature is shuffled."""


class Selection(Document):
    """Which encoded features a model takes. Each rule reads the features that the one before it has kept."""

    variance: Number | None = Field(default=None, ge=0)
    """The variance above which an encoded feature is kept. A standardised number has 1, a category with the share p of
    the rows p * (1 - p)."""
    mutual_information: Annotated[Integer, Field(ge=1)] | None = None
    """The number of features to keep: those with the most mutual information with the target."""
    permutation: Permutation | None = None
    """By a random forest that a part of the training rows fits and another part judges."""

    @model_validator(mode="after")
    def _selects_by_something(self) -> Self:
        if not self.model_fields_set or all(getattr(self, name) is None for name in type(self).model_fields):
            raise ValueError("expected variance, mutual_information or permutation; found none")
        return self


class Reduction(Document):
    """Principal components replace the encoded features."""

    components: Annotated[Integer, Field(ge=1)] | None = None
    """The number of components."""
    variance: Number | None = Field(default=None, gt=0, lt=1)
    """The least share of the variance that the components explain together, instead of their number."""

    @model_validator(mode="after")
    def _one_size(self) -> Self:
        if (self.components is None) == (self.variance is None):
            found = "neither" if self.components is None else "both"
            raise ValueError(f"expected either components or variance; found {found}")
        return self
