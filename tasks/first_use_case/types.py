"""Guesses the type of a column from its cells: number, code, date, category or free text."""

import math

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from config.name_words import found_word, name_words
from tabular.cells import INTEGER, LARGEST_INTEGER, NUMBER, cells_of, matches, number_text, parse_numbers
from tabular.marks import plain_numbers
from tabular.missing_markers import MISSING
from tabular.series import cells_in
from tasks.first_use_case import markers
from tasks.first_use_case.date_columns import date_guess
from tasks.first_use_case.guess import Facts, Guess

NUMBERS = 0.95
"""The least share of numbers in a column of numbers."""
MOST_CODES, SPARSE = 60, 0.35
"""Whole numbers with at most so many values, that are at most this share of those between the least and the most, are
codes."""
FEWEST_CODES, REPEATED = 4, 10
"""The fewest values, and the least mean number of rows of each, for gaps to mean something."""
LISTED = 30
"""The most categories that are listed."""
LONG, WORDS = 40, 5
"""The mean characters and words of free text."""
TEXT_SHARE = 0.5
"""The least share of different texts in free text, and in a column that identifies rows."""


def guessed(facts: Facts) -> Guess:
    """Return the guess for a column, without its limits and without what its name says about people."""
    if not facts.stated:
        guess = Guess(facts=facts, type="category", nullable=True, reasons=["empty in the sample"])
        guess.to_check.append("empty: remove it, or write its type")
        return guess
    if facts.cells.dtype == object or not _is_boolean(facts):
        return date_guess(facts) or _numeric(facts) or _texts(facts)
    return Guess(facts=facts, type="category", categories=("false", "true"), reasons=["booleans in the file"])


def _is_boolean(facts: Facts) -> bool:
    return bool(pa.types.is_boolean(cells_of(cells_in(facts.cells))[0].type))


def _numeric(facts: Facts) -> Guess | None:
    """Return the guess for a column of numbers, or None when too few of its cells are numbers."""
    texts, _ = plain_numbers(facts.texts, facts.format.decimal, facts.format.thousands)
    are = matches(texts, NUMBER)
    missing = markers.text_markers(facts, are)
    stated = facts.count_of(markers.without(facts, (*missing, *MISSING)))
    if not stated or facts.count_of(are) < NUMBERS * stated:
        return None
    texts, counts = texts.filter(pa.array(are)), facts.counts[are]
    numbers = parse_numbers(texts)
    stand_apart = markers.number_markers(numbers, counts)
    stays = ~np.isin(numbers, stand_apart)
    missing = (*missing, *map(number_text, stand_apart))
    texts, numbers, counts = texts.filter(pa.array(stays)), numbers[stays], counts[stays]
    if why := _code(facts, texts, numbers, counts):
        guess = Guess(facts=facts, type="category", missing=missing, reasons=[why])
        guess.categories = listed_categories(guess)
        if NAMED in why or GAPS in why:
            guess.to_check.append("numbers read as codes: write type: integer if they are quantities")
    else:
        guess = _quantity(facts, texts, numbers)
        guess.missing = missing
    _explain_markers(guess)
    if unread := stated - facts.count_of(are):
        guess.to_check.append(f"{unread:,} of {stated:,} cells are no numbers: they would be quarantined")
    return guess


def _explain_markers(guess: Guess) -> None:
    if guess.missing:
        counts = {text: int(guess.facts.count_of(~markers.without(guess.facts, (text,)))) for text in guess.missing}
        shown = ", ".join(f"{text} in {count:,} rows" if count else text for text, count in counts.items())
        guess.reasons.append(f"missing: {shown}")
        guess.to_check.append(f"reads {', '.join(guess.missing)} as missing")


def _quantity(facts: Facts, texts: pa.Array, numbers: np.ndarray) -> Guess:
    whole = bool(matches(texts, INTEGER).all()) and bool((np.abs(numbers) < LARGEST_INTEGER).all())
    pointed = bool(pc.any(pc.match_substring(texts, ".")).as_py())
    gaps = facts.stated < facts.rows
    guess = Guess(facts=facts, type="integer" if whole and (not pointed or gaps) else "number")
    if whole and pointed:
        why = "whole numbers; the file writes them with .0" if gaps else "whole numbers so far, written with a point"
        guess.reasons.append(why)
    return guess


NAMED, GAPS = "in the name: a code", "values with gaps: a code"


def _code(facts: Facts, texts: pa.Array, numbers: np.ndarray, counts: np.ndarray) -> str:
    """Return why numbers are codes, or an empty text. `texts`, `numbers` and `counts` have the distinct ones."""
    if not matches(texts, INTEGER).all() or not len(numbers):
        return ""
    least, most, distinct = int(numbers.min()), int(numbers.max()), len(np.unique(numbers))
    seen = f"{least}..{most} in {facts.rows:,} rows"
    if matches(texts, r"^0[0-9]+$").any():
        return f"{seen}, written with leading zeros: a code"
    if distinct == 2 and (least, most) in ((0, 1), (1, 2)) and counts.mean() >= 2:
        return f"{seen}: a code"
    if distinct > MOST_CODES or distinct < 2:
        return ""
    word = found_word(facts.header, name_words().codes)
    if word and not found_word(facts.header, name_words().times) and counts.mean() >= 2:
        return f"{seen}, {distinct} values; `{word}` {NAMED}"
    return f"{seen}, only {distinct} {GAPS}" if _is_sparse(numbers, counts) else ""


def _is_sparse(numbers: np.ndarray, counts: np.ndarray) -> bool:
    """Whether most whole numbers, or multiples, between the least and the most are absent, and the others repeat."""
    least, distinct = int(numbers.min()), len(np.unique(numbers))
    step = math.gcd(*(int(number) - least for number in numbers)) or 1
    share = distinct / ((numbers.max() - least) / step + 1)
    return bool(distinct >= FEWEST_CODES and share < SPARSE and counts.mean() >= REPEATED and np.median(counts) > 1)


def _texts(facts: Facts) -> Guess:
    guess = Guess(facts=facts, type="category", missing=markers.category_markers(facts))
    _explain_markers(guess)
    lengths = pc.utf8_length(facts.texts).to_numpy(zero_copy_only=False)
    words = pc.add(pc.count_substring(facts.texts, " "), 1).to_numpy(zero_copy_only=False)
    share = facts.distinct / facts.stated
    if share >= TEXT_SHARE and facts.distinct > LISTED and (lengths.mean() >= LONG or words.mean() >= WORDS):
        guess.type = "text"
        guess.reasons.append(f"free text of {lengths.mean():.0f} characters on average")
        return guess
    guess.categories = listed_categories(guess)
    once = int((facts.counts == 1).sum())
    if guess.categories:
        guess.reasons.append(f"{facts.distinct} values in {facts.rows:,} rows")
    else:
        guess.reasons.append(
            f"{facts.distinct:,} values, {once:,} of them once: not listed, so that new ones are accepted"
        )
    return guess


def listed_categories(guess: Guess) -> tuple[str, ...] | None:
    """Return the categories, sorted; None when a new one is to be expected: some are in one row only, or they are many.

    The probability that the next row has a new one is about the share of rows whose category occurs once (Good, 1953).
    """
    stays = markers.without(guess.facts, guess.missing)
    if not 2 <= stays.sum() <= LISTED or (guess.facts.counts[stays] == 1).any():
        return None
    texts = guess.facts.texts.filter(pa.array(stays))
    if matches(texts, INTEGER).all():  # pandas writes 1 as 1.0 in a column with missing values
        texts = pc.replace_substring_regex(texts, r"\.0*$", "").unique()
    found = texts.to_pylist()
    numbers = all(text.lstrip("+-").isdigit() for text in found)
    return tuple(sorted(found, key=lambda text: (int(text), text)) if numbers else sorted(found))
