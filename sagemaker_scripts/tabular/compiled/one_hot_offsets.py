"""The columns of a fitted one-hot encoder."""

from collections.abc import Mapping
from typing import Any

from tabular.compiled.steps import OneHot


def offsets(encoder: Any, number: int) -> tuple[dict[str, int], int | None, int]:
    """Return the columns of the encoder's input column with this number.

    They are the offset of each known category, that of the others (None for no column), and how many there are.
    """
    rare = getattr(encoder, "infrequent_categories_", None)
    shared = set() if rare is None or rare[number] is None else set(rare[number])
    frequent = [category for category in encoder.categories_[number] if category not in shared]
    known = {text: place for place, text in enumerate(frequent)}
    known |= dict.fromkeys(sorted(shared), len(frequent))
    return known, len(frequent) if shared else None, len(frequent) + bool(shared)


def column_counts(step: OneHot, counts: Mapping[str, int], missing: int) -> list[int]:
    """Return how many rows have a 1 in each column, by the rows with each category and those without one."""
    found = [0] * step.width
    for text, count in counts.items():
        if (offset := step.offset(text)) is not None:
            found[offset] += count
    if step.missing is not None:
        found[step.missing] += missing
    return found
