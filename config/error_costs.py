"""What a wrong prediction of a binary target costs."""

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from config.documents import Document, Number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.use_case import UseCase

Cost = Annotated[Number, Field(gt=0)]


class Costs(Document):
    """The costs of a wrong prediction, in any unit. Only their ratio matters."""

    false_positive: Cost
    """The cost of a row that is predicted as the second of `target.classes`, and is not."""
    false_negative: Cost
    """The cost of a row that is the second of `target.classes`, and is not predicted so."""


def cost_problems(case: "UseCase") -> "Iterator[str]":
    """Yield that a target without two classes has costs."""
    if case.evaluation.costs and case.target.task != "binary":
        yield f"evaluation.costs: expected none for a {case.target.task} target, found the costs of a binary one"
