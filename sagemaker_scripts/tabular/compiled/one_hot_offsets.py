"""The columns of a fitted one-hot encoder."""

from typing import Any


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
