"""Finds the category of a text: the text, its integer code, or one of two categories that mean false and true."""

from collections.abc import Sequence
from dataclasses import dataclass

BOOLEAN_PAIRS = (("no", "yes"), ("false", "true"), ("0", "1"), ("n", "y"), ("f", "t"), ("off", "on"))
"""Pairs of categories that mean false and true, in any order and case."""
_FLAGS = {"false": 0, "true": 1}


def category_words(texts: Sequence[str], categories: Sequence[str] | None) -> list[str]:
    """Return the category of each distinct text, or the text itself if it has none."""
    known = dict.fromkeys(categories or ())
    flags = _boolean_words(categories)
    words = []
    for text in texts:
        code = text.removesuffix(".0")  # pandas writes integer codes so in a column with missing values
        flag = _FLAGS.get(text.lower(), {"0": 0, "1": 1}.get(code) if flags.pair else None)
        if text in known or code in known:
            words.append(text if text in known else code)
        else:
            words.append(text if flag is None else flags.words[flag] or text)
    return words


@dataclass(frozen=True)
class _Flags:
    words: tuple[str | None, str | None]
    """The values of false and true in a column, or None."""
    pair: bool
    """Whether 0 and 1 also mean false and true."""


def _boolean_words(categories: Sequence[str] | None) -> _Flags:
    if categories is None:
        return _Flags(("false", "true"), pair=False)
    lower = {category.strip().lower(): category for category in categories}
    for false, true in BOOLEAN_PAIRS:
        if len(categories) == 2 and set(lower) == {false, true}:
            return _Flags((lower[false], lower[true]), pair=True)
    return _Flags((lower.get("false"), lower.get("true")), pair=False)
