"""Synthetic choices: people choose some of many items, period after period, and each choice has an outcome."""

from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from config.documents import Document, Integer, Number, repeats
from config.sources.written import WrittenSource
from config.splits import Seed


class ChoiceItem(Document):
    """An item that people choose."""

    name: str
    group: str
    """Items of a group are alike. A person is interested in some groups more than in others."""
    level: Integer = Field(default=1, ge=1, le=9)
    """The higher it is, the more a person's ability changes the outcome."""
    difficulty: Number = 0.0
    """By how much the outcome is lower than that of an item without difficulty. No column has it."""
    popularity: Number = Field(default=1.0, gt=0)
    """How often it is chosen, relative to the others. No column has it."""


class ChoicesSource(WrittenSource):
    """Synthetic choices (`tasks.sources.synthetic_choices`). Equal keys give equal rows."""

    kind: Literal["synthetic_choices"]
    people: Integer = Field(ge=1, le=100_000)
    periods: Integer = Field(ge=1, le=100)
    """Each person begins in one of the first half of the periods, and stays until the last."""
    first: date
    """The day on which the first period begins."""
    period_days: Integer = Field(ge=1, le=3660)
    choices: Integer = Field(ge=1)
    """The items that a person chooses in a period. Nobody chooses an item twice."""
    seed: Seed
    items: tuple[ChoiceItem, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _enough_items(self) -> Self:
        if repeated := repeats(item.name for item in self.items):
            raise ValueError(f"items: expected each name once, found {repeated[0]!r} again")
        if (needed := self.periods * self.choices) > len(self.items):
            raise ValueError(
                f"items: expected at least {needed}, for {self.choices} choices in each of {self.periods} periods "
                f"without a repetition; found {len(self.items)}"
            )
        return self
