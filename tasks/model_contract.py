"""What the stages of a use case have in common: its columns, the stored form of its rows, and a model's contract."""

import re
from collections.abc import Mapping
from dataclasses import replace

from config.use_case import UseCase
from tabular.cells import NUMBER
from tabular.columns import Column
from tabular.contract import Contract
from tabular.dates import MOMENT
from tabular.formats import Format

STORED = {
    "integer": "Int64", "number": "float64", "category": "string", "date": MOMENT, "datetime": MOMENT,
}  # fmt: skip
"""What pandas keeps a column of each type as."""
UNREAD = "unread_cells"
"""A column of JSON objects: what a row's cells hold that could not be read as their type; empty where all could."""
LINE = "source_line"
"""A column: the line of the source that a row begins on, counted from 1; null where the source has no lines."""
MALFORMED = "malformed"
"""A column: why a row could not be read at all, so that its cells are null; null for all other rows."""
TEXT = "text"
"""A column: the text of a malformed row; null for all other rows."""


def columns(use_case: UseCase) -> dict[str, Column]:
    """The columns of the schema, by name."""
    return dict(use_case.columns)


def with_marks(known: Mapping[str, Column], format: Format) -> dict[str, Column]:
    """The columns as they are written in a file of this format; its missing-value codes count in every spelling."""
    codes = tuple(text for text in format.missing if re.fullmatch(NUMBER, text.strip()))
    return {
        name: replace(column, decimal=format.decimal, thousands=format.thousands, missing=(*column.missing, *codes))
        for name, column in known.items()
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
        seed=use_case.seed,
    )
