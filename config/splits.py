"""How a use case's rows are split into training, validation and test."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from config.documents import Document, Integer, Number, repeats
from tabular.expressions import Expression, parse
from tabular.expressions import Field as ExpressionField

Seed = Annotated[Integer, Field(ge=0, lt=2**32)]
"""The seeds that scikit-learn accepts."""
Share = Annotated[Number, Field(gt=0, lt=0.5)]
"""A share of the rows, without their training rows."""


class RandomSplit(Document):
    """Rows are assigned at random, stratified by class."""

    by: Literal["random"]
    seed: Seed
    validation: Share
    test: Share


class GroupSplit(Document):
    """All rows with one value of `column` (a student), or of all `columns` together, are in the same part."""

    by: Literal["group"]
    column: str | None = None
    columns: tuple[str, ...] = ()
    """Several columns whose values together identify a group, such as a school and a number that is unique in it."""
    seed: Seed
    validation: Share
    test: Share

    @model_validator(mode="after")
    def _names_columns(self) -> Self:
        if (self.column is None) == (not self.columns):
            found = "both" if self.columns else "neither"
            raise ValueError(f"expected either column or columns, the group's columns; found {found}")
        if repeated := repeats(self.columns):
            raise ValueError(f"expected each of columns once, found {repeated[0]!r} again")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of a group."""
        return self.columns if self.column is None else (self.column,)


class TimeSplit(Document):
    """The latest rows by `column` are the test rows; the rows before them are the validation rows."""

    by: Literal["time"]
    column: str
    validation: Share
    test: Share

    @property
    def names(self) -> tuple[str, ...]:
        """The column, as a tuple."""
        return (self.column,)


class OrderSplit(Document):
    """The last rows of the source are the test rows; the rows before them are the validation rows."""

    by: Literal["order"]
    validation: Share
    test: Share


class ValueSplit(Document):
    """Rows are assigned by expressions over the columns. The other rows are the training rows."""

    by: Literal["value"]
    test: str
    """An expression (`tabular.expressions`) that is true for the test rows: `semester >= '2014J'`."""
    validation: str
    """An expression that is true for the validation rows."""

    def expression(self, part: Literal["test", "validation"], fields: Mapping[str, ExpressionField]) -> Expression:
        """Return the parsed expression of a part. It compares texts by the order of their code points.

        Raises ExpressionError.
        """
        return parse(getattr(self, part), fields, "boolean", text_order=True)


Split = Annotated[RandomSplit | GroupSplit | TimeSplit | OrderSplit | ValueSplit, Field(discriminator="by")]
