"""How the models of a use case are trained, besides their candidates."""

from typing import Annotated

from pydantic import Field

from config.documents import Document, Integer


class CrossValidation(Document):
    """Each candidate is also trained on k folds, and the mean of the primary metric chooses the winner."""

    folds: Annotated[Integer, Field(ge=2, le=20)]
    """The number of folds of the training and validation rows. A split by time or order has expanding windows: fold i
    of k is predicted from the rows before it."""


class Training(Document):
    """The training of the candidates, and of the winner."""

    refit: bool = True
    """Whether the winner is trained again, on the training and validation rows, before it is evaluated."""
    cross_validation: CrossValidation | None = None
    """None chooses the winner on the validation rows."""
