"""Suggests the name that somebody may have meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """Return ` (did you mean 'age'?)` for the nearest of the known names, or an empty text when none is near."""
    near = get_close_matches(str(name)[:100], list(known), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""
