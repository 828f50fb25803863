"""Names in messages: a list of them, and the one that somebody may have meant."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

MOST_LISTED, LONGEST = 20, 60


def listed(names: Sequence[str]) -> str:
    """The first names, quoted and shortened, and how many more there are."""
    shown = [repr(name if len(name) <= LONGEST else f"{name[:LONGEST]}...") for name in names[:MOST_LISTED]]
    more = [f"and {len(names) - MOST_LISTED:,} more"] if len(names) > MOST_LISTED else []
    return ", ".join([*shown, *more])


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """Return ` (did you mean 'age'?)` for the nearest of the known names, or an empty text when none is near."""
    near = get_close_matches(str(name)[:100], list(known), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""
