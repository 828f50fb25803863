"""Names in messages: a list of names, and a suggestion for a misspelled name."""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from itertools import islice

MOST_LISTED, LONGEST = 20, 60
_MOST_NAMES, _LONGEST_NAME = 200, 100
_LIKE, _ALIKE = 0.6, 0.75
"""The least `difflib` ratios for suggesting a name, and for reporting a name as misspelled."""


def similar(name: str, names: Iterable[str], likeness: float = _ALIKE) -> str | None:
    """Return the most similar of the first `names`, ignoring case and punctuation, or None."""
    some = [other for other in islice(names, _MOST_NAMES) if len(other) <= _LONGEST_NAME]
    plain = {_letters(other): other for other in some}
    if (same := _letters(name)) and same in plain:
        return plain[same]
    lower = {other.lower(): other for other in some}
    close = get_close_matches(name[:_LONGEST_NAME].lower(), lower, n=1, cutoff=likeness)
    return lower[close[0]] if close else None


def _letters(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()


def listed(names: Sequence[str]) -> str:
    """Return the first names, quoted and shortened, and the number of the others."""
    shown = [repr(name if len(name) <= LONGEST else f"{name[:LONGEST]}...") for name in names[:MOST_LISTED]]
    more = [f"and {len(names) - MOST_LISTED:,} more"] if len(names) > MOST_LISTED else []
    return ", ".join([*shown, *more])


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """Return ` (did you mean 'age'?)` with the most similar known name, or an empty text."""
    near = similar(str(name), known, _LIKE)
    return f" (did you mean {near!r}?)" if near else ""
