"""How a use case's rows fall into training, validation and test."""

from typing import Annotated, Literal

from pydantic import Field

from config.documents import Document, Integer, Number

Seed = Annotated[Integer, Field(ge=0, lt=2**32)]
"""What scikit-learn takes as the seed of its random numbers."""


class RandomSplit(Document):
    """Rows are assigned at random, each class in equal shares."""

    by: Literal["random"]
    seed: Seed
    validation: Number = Field(gt=0, lt=0.5)
    test: Number = Field(gt=0, lt=0.5)


class GroupSplit(Document):
    """All rows with one value of `column` (a student, a school) fall on one side."""

    by: Literal["group"]
    column: str
    seed: Seed
    validation: Number = Field(gt=0, lt=0.5)
    test: Number = Field(gt=0, lt=0.5)


class TimeSplit(Document):
    """The latest rows by `column` are the test, those before them the validation."""

    by: Literal["time"]
    column: str
    validation: Number = Field(gt=0, lt=0.5)
    test: Number = Field(gt=0, lt=0.5)


Split = Annotated[RandomSplit | GroupSplit | TimeSplit, Field(discriminator="by")]
