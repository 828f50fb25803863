"""Refuses syntax that Python's parser drops or joins silently, and gives hints for the syntax of SQL and others."""

import io
import keyword
import re
import tokenize
from collections.abc import Iterable
from itertools import pairwise

from tabular.expressions.nodes import ExpressionError

_ONE_LINE = "each text on one line"
_SPELLINGS = (
    (r"&&|\bAND\b", "and"),
    (r"\|\||\bOR\b", "or"),
    (r"!(?!=)|\bNOT\b", "not"),
    (r"<>|≠", "!="),
    (r"≥|=>", ">="),
    (r"≤|=<", "<="),
    (r"(?<![<>=!])=(?!=)", "=="),
    (r"(?i)\bbetween\b", "1 <= x <= 2"),
    (r"(?i)\blike\b", "in"),
)
"""The spellings of other languages, and the spelling to use instead."""


def require_plain(text: str) -> None:
    """Raise ExpressionError for a comment, for two adjacent texts, and for a text over several lines.

    Python would drop a comment and the rest of its line, and would join adjacent texts (a forgotten comma, or SQL's
    doubled quote). The lines of an expression are joined, which would change a text over several lines.
    """
    shown = shortened(text)
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(f"({text}\n)").readline))
    except (tokenize.TokenError, SyntaxError) as error:
        raise ExpressionError(_ONE_LINE, shown) from error
    kinds = [token.type for token in tokens if token.type != tokenize.NL]
    if tokenize.COMMENT in kinds:
        raise ExpressionError("an expression without a comment (#)", shown)
    if tokenize.ERRORTOKEN in kinds or any("\n" in token.string for token in tokens if token.type == tokenize.STRING):
        raise ExpressionError(_ONE_LINE, shown)
    if (tokenize.STRING, tokenize.STRING) in pairwise(kinds):
        raise ExpressionError("a comma or an operator between two texts", shown)


def spelling_hint(text: str, names: Iterable[str]) -> str:
    """Return a hint on an expression that can't be parsed, for the end of a message, or an empty text."""
    plain = re.sub(r"'[^']*'|\"[^\"]*\"", "''", text)
    for name in names:
        if not can_be_named(name) and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", plain):
            return f" (a rule can't name the column {name!r}: give it another name, with `header: {name}`)"
    ours = next((ours for theirs, ours in _SPELLINGS if re.search(theirs, plain)), None)
    return f" (write `{ours}`)" if ours else ""


def can_be_named(name: str) -> bool:
    """Whether an expression can use a column with this name."""
    return name.isidentifier() and not keyword.iskeyword(name)


def shortened(text: str) -> str:
    """Return a text shortened, as messages show it."""
    return repr(text if len(text) <= 80 else text[:77] + "...")
