"""How a use case's rows are split into training, validation and test."""

from typing import Annotated, Literal

from pydantic import Field

from config.documents import Document, Integer, Number

Seed = Annotated[Integer, Field(ge=0, lt=2**32)]
"""The seeds that scikit-learn accepts."""


class RandomSplit(Document):
    """Rows are assigned at random, stratified by class."""

    by: Literal["random"]
    seed: Seed
    validation: Number = Field(gt=0, lt=0.5)
    test: Number = Field(gt=0, lt=0.5)


class GroupSplit(Document):
    """All rows with one value of `column` (a student, a school) are in the same part."""

    by: Literal["group"]
    column: str
    seed: Seed
    validation: Number = Field(gt=0, lt=0.5)
    test: Number = Field(gt=0, lt=0.5)


class TimeSplit(Document):
    """The latest rows by `column` are the test rows; the rows before them are the validation rows."""

    by: Literal["time"]
    column: str
    validation: Number = Field(gt=0, lt=0.5)
    test: Number = Field(gt=0, lt=0.5)


Split = Annotated[RandomSplit | GroupSplit | TimeSplit, Field(discriminator="by")]
