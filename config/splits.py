"""How a use case's rows fall into training, validation and test."""

from typing import Annotated, Literal

from pydantic import Field

from config.documents import Document


class RandomSplit(Document):
    """Rows fall where chance puts them, classes in equal shares."""

    by: Literal["random"]
    seed: int
    validation: float = Field(gt=0, lt=0.5)
    test: float = Field(gt=0, lt=0.5)


class GroupSplit(Document):
    """All rows with one value of `column` (a student, a school) fall on one side."""

    by: Literal["group"]
    column: str
    seed: int
    validation: float = Field(gt=0, lt=0.5)
    test: float = Field(gt=0, lt=0.5)


class TimeSplit(Document):
    """The latest rows by `column` are the test, those before them the validation."""

    by: Literal["time"]
    column: str
    validation: float = Field(gt=0, lt=0.5)
    test: float = Field(gt=0, lt=0.5)


Split = Annotated[RandomSplit | GroupSplit | TimeSplit, Field(discriminator="by")]
