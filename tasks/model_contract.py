"""What the stages share: a use case's columns, the names of its stored rows' columns, and the model's contract."""

import re
from collections.abc import Mapping
from dataclasses import replace

from config.use_case import UseCase
from tabular.cells import NUMBER
from tabular.columns import Column
from tabular.contract import Contract
from tabular.dates import MOMENT
from tabular.derived import Derived
from tabular.expressions import names_in
from tabular.formats import Format
from tabular.stored_columns import FILE, LINE, MALFORMED, TEXT, UNREAD

__all__ = ["FILE", "LINE", "MALFORMED", "STORED", "TEXT", "UNREAD", "columns", "contract", "with_marks"]
STORED = {
    "integer": "Int64", "number": "float64", "category": "string", "text": "string", "date": MOMENT,
    "datetime": MOMENT,
}  # fmt: skip
"""The pandas type of each column type."""


def columns(use_case: UseCase) -> dict[str, Column]:
    """The columns of the schema, by name."""
    return dict(use_case.columns)


def with_marks(known: Mapping[str, Column], format: Format) -> dict[str, Column]:
    """Return the columns with the decimal mark and the missing-value codes of a file format."""
    codes = tuple(text for text in format.missing if re.fullmatch(NUMBER, text.strip()))
    return {
        name: replace(column, decimal=format.decimal, thousands=format.thousands, missing=(*column.missing, *codes))
        for name, column in known.items()
    }


def contract(use_case: UseCase) -> Contract:
    """Return the contract of a model: its target, its features, and what derived features need."""
    known, needed = use_case.split_columns, use_case.request_columns
    return Contract(
        use_case=use_case.name,
        task=use_case.target.task,
        target=use_case.target.column,
        classes=use_case.target.classes or (),
        primary=use_case.evaluation.primary,
        features=tuple(known[name] for name in needed),
        seed=use_case.seed,
        derived=_needed_derived(use_case),
        used=() if needed == use_case.features else use_case.inputs,
        engineered=tuple(each.declared for each in use_case.engineered),
        indirect=tuple(name for name in use_case.inputs if name not in use_case.plain_features),
    )


def _needed_derived(use_case: UseCase) -> tuple[Derived, ...]:
    """Return the derived features, and the derived columns that they use, each after those that it uses."""
    found: set[str] = set()
    for name, each in reversed(use_case.derived_columns.items()):
        if name in found or name in use_case.inputs:
            found |= {name, *(names_in(each.expression) & use_case.derived.keys())}
    return tuple(each for name, each in use_case.derived_columns.items() if name in found)
