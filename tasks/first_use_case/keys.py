"""Guesses the key: the columns whose values together tell rows apart."""

from collections.abc import Sequence

import pandas as pd

from config.name_words import found_word, name_words
from tasks.first_use_case.guess import Guess
from tasks.first_use_case.splits import is_time


def guess_key(guesses: Sequence[Guess], target: str) -> tuple[tuple[str, ...], str]:
    """Return the names of the key's columns, and the reason; no names when no column is like a key."""
    usable = [each for each in guesses if each.name != target and not each.nullable and each.type != "number"]
    for guess in usable:
        if guess.values.is_unique and (why := _why(guess)):
            return (guess.name,), f"each value once in {guess.facts.rows:,} rows; {why}"
    for who in filter(_identifies, usable):
        for when in filter(is_time, usable):
            if when is not who and not pd.concat([who.values, when.values], axis=1).duplicated().any():
                return (who.name, when.name), f"each pair once in {who.facts.rows:,} rows"
    return (), "no column, and no pair of a name and a time, tells every row apart"


def unlimit_key(guesses: Sequence[Guess], key: Sequence[str]) -> None:
    """Remove the maximum of whole numbers of the key: those of new rows grow."""
    for guess in guesses:
        if guess.name in key and guess.type == "integer":
            guess.maximum = None


def _why(guess: Guess) -> str:
    if _identifies(guess):
        return f"`{found_word(guess.facts.header, name_words().identifiers)}` in the name"
    if guess.type == "integer" and len(guess.values) > 2 and (guess.values.diff().dropna() == 1).all():
        return "it counts the rows"
    return ""


def _identifies(guess: Guess) -> bool:
    return guess.type in ("integer", "category") and bool(found_word(guess.facts.header, name_words().identifiers))
