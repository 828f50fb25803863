"""Guesses all columns of a sample: type, limits, missing values, and personal data by name."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from config.column_names import LONGEST
from config.errors import SourceError
from config.name_words import found_word, name_words, sensitive_kind
from tabular.columns import Column
from tabular.formats import Format
from tabular.series import typed
from tabular.source_cells import UnusableColumn, cells
from tasks.first_use_case.column_names import column_names
from tasks.first_use_case.guess import Facts, Guess
from tasks.first_use_case.ranges import widened
from tasks.first_use_case.types import guessed
from tasks.sources.samples import Sample
from tasks.sources.source import REASON_COLUMN, headers_of

IDENTIFYING = 0.5
"""The least share of different values of a column that identifies people."""


def guess_columns(sample: Sample, format: Format, address: str) -> list[Guess]:
    """Return a guess for each column of the sample. Raises SourceError when the sample has no row, or odd columns."""
    batches = [batch.filter(batch[REASON_COLUMN].is_null()) for batch in sample.batches]
    headers = headers_of(sample.batches[0].schema) if batches else []
    if not sum(map(len, batches)) or not headers:
        raise SourceError(f"{address}: expected rows, found none")
    if long := [header for header in headers if len(header) > LONGEST]:
        raise SourceError(f"{address}: expected names of at most {LONGEST} characters, found {long[0][:40]!r}...")
    names = column_names(headers)
    found = []
    for header in headers:
        try:
            values = pd.concat([cells(batch.column(header)) for batch in batches], ignore_index=True)
        except UnusableColumn:
            continue
        found.append(_guess(Facts(names[header], header, values, format)))
    return found


def _guess(facts: Facts) -> Guess:
    guess = guessed(facts)
    bad = _read(guess)
    if empty := int((guess.values.isna() & ~bad).sum()):
        guess.nullable = True
        guess.reasons.append(f"{empty:,} of {facts.rows:,} missing")
    _limit(guess)
    _mark_sensitive(guess)
    return guess


def _read(guess: Guess) -> pd.Series:
    """Set the guess's values. Returns the (n,) mask of the cells that do not fit its type."""
    format = guess.facts.format
    column = Column(
        guess.name,
        guess.type,
        missing=guess.missing,
        format=guess.format,
        categories=guess.categories,
        decimal=format.decimal,
        thousands=format.thousands,
    )
    guess.values, bad = typed(guess.facts.cells, column)
    return bad


def as_category(guess: Guess, categories: Sequence[str]) -> None:
    """Turn a column into a category with these values."""
    guess.type, guess.minimum, guess.maximum, guess.categories = "category", None, None, tuple(categories)
    _read(guess)


def as_quantity(guess: Guess, why: str) -> None:
    """Turn a code into a whole number."""
    guess.type, guess.categories, guess.reasons, guess.to_check = "integer", None, [], [why]
    _read(guess)
    _limit(guess)


def _limit(guess: Guess) -> None:
    values = guess.values.dropna()
    if values.empty:
        return
    low, high = values.min(), values.max()
    if guess.is_number:
        guess.minimum, guess.maximum = widened(float(low), float(high))
        if guess.type == "integer" and found_word(guess.facts.header, name_words().identifiers):
            guess.maximum = None  # numbers of new rows grow
        guess.reasons.insert(0, f"{low:g}..{high:g}")
    elif guess.type in ("date", "datetime"):
        guess.reasons.insert(0, f"{low:%Y-%m-%d}..{high:%Y-%m-%d}")


def _mark_sensitive(guess: Guess) -> None:
    """Mark a column as sensitive whose name suggests so. Its values then are in no comment."""
    if not (found := sensitive_kind(guess.facts.header)):
        return
    kind, word = found
    share = guess.facts.distinct / max(guess.facts.stated, 1)
    if kind.identifies and (share < IDENTIFYING or guess.facts.distinct <= 2):
        guess.to_check.append(
            f"named like {kind.kind} (`{word}`), but only {guess.facts.distinct} values: not sensitive"
        )
        return
    guess.sensitive = True
    guess.reasons = [f"`{word}` in the name: {kind.kind}"]
    if kind.identifies:
        guess.categories = None
    guess.to_check.append(f"sensitive: {kind.kind}; left out of the features")


def numbers_of(guess: Guess) -> np.ndarray:
    """Return the (n,) values of a number as floats, with NaN for missing ones."""
    return np.asarray(guess.values.to_numpy("float64", na_value=np.nan))
