"""Chooses the features, and gives the reason for each column that is none."""

from collections.abc import Mapping, Sequence
from typing import Any

from config.errors import ConfigError
from config.name_words import found_word, name_words
from tasks.first_use_case.guess import Guess
from tasks.first_use_case.leaks import leak
from tasks.first_use_case.targets import TargetGuess
from tasks.first_use_case.types import LISTED, TEXT_SHARE


def choose_features(
    guesses: Sequence[Guess], target: TargetGuess, key: Sequence[str], split: Mapping[str, Any]
) -> tuple[list[str], dict[str, str]]:
    """Return the names of the features, and the reasons of the other columns by name. Raises ConfigError for none."""
    left_out = {}
    for guess in guesses:
        if guess.name != target.name and (why := _why_not(guess, target, key, split)):
            left_out[guess.name] = why
    features = [guess.name for guess in guesses if guess.name != target.name and guess.name not in left_out]
    if not features:
        found = "; ".join(f"{name}: {why}" for name, why in left_out.items()) or "only the target"
        raise ConfigError(f"features: expected at least one column that may be a feature; found none. {found}")
    return features, left_out


def _why_not(guess: Guess, target: TargetGuess, key: Sequence[str], split: Mapping[str, Any]) -> str:
    if guess.name in key:
        return "the key"
    word = found_word(guess.facts.header, name_words().identifiers)
    if word and guess.type in ("integer", "category") and guess.facts.distinct > LISTED:
        return f"an identifier: `{word}` in the name"
    if guess.sensitive:
        return "sensitive"
    if guess.type not in ("integer", "number", "category"):
        return f"a {guess.type}"
    if split["by"] == "group" and split["column"] == guess.name and guess.facts.distinct > LISTED:
        return "names the groups of the split"
    if guess.values.nunique() == 0 or (guess.values.nunique() == 1 and not guess.nullable):
        return "has one value only" if guess.values.nunique() else "empty"
    if guess.type == "category" and guess.facts.distinct > max(LISTED, TEXT_SHARE * guess.facts.stated):
        return "nearly every row has another text"
    if why := leak(guess, target):
        guess.to_check.append(f"{why}: left out, as it may be known only afterwards")
        return f"{why}, so it may be known only afterwards. Add it if it is known before"
    return ""
