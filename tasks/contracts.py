"""Turns a use case's schema into the columns and the contract that go with a model."""

from config.use_case import UseCase
from tabular.columns import Column
from tabular.contract import Contract
from tabular.dates import MOMENT

STORED = {
    "integer": "Int64", "number": "float64", "category": "string", "date": MOMENT, "datetime": MOMENT,
}  # fmt: skip
"""What pandas keeps a column of each type as."""


def columns(use_case: UseCase) -> dict[str, Column]:
    """The columns of the schema, by name."""
    return {
        name: Column(
            name=name,
            type=column.type,
            expected=column.expected,
            minimum=column.minimum,
            maximum=column.maximum,
            categories=column.categories,
            nullable=column.nullable,
            sensitive=column.sensitive,
            missing=column.missing,
            format=column.format,
        )
        for name, column in use_case.columns.items()
    }


def contract(use_case: UseCase) -> Contract:
    """What a model of this use case predicts, and the features that it takes."""
    known = columns(use_case)
    return Contract(
        use_case=use_case.name,
        task=use_case.target.task,
        target=use_case.target.column,
        classes=use_case.target.classes or (),
        primary=use_case.evaluation.primary,
        features=tuple(known[name] for name in use_case.features),
        seed=getattr(use_case.split, "seed", 0),
    )
