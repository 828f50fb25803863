"""Guesses the task of a target column, and its classes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from config.errors import ConfigError
from config.schema import Task
from tabular.cells import INTEGER, matches
from tabular.suggestions import did_you_mean, listed
from tasks.first_use_case.columns import as_category, as_quantity
from tasks.first_use_case.guess import Guess

MOST_CLASSES, FEW_CLASSES, FEW_NUMBERS = 50, 20, 4
"""The most classes; the most whole numbers that may be classes; and the most that are classes and not quantities."""
LEAST_ROWS = 5
"""The least number of rows of a class: each part of the split needs some."""
RARE_SHARE = 0.05
"""The most rows, as a share, whose class may be left out."""
POSITIVE = frozenset({"yes", "true", "1", "y", "t", "on", "positive", "pos", "ja", "oui", "si", "sim"})


@dataclass(frozen=True)
class TargetGuess:
    """The target's keys in the YAML."""

    guess: Guess
    task: Task
    classes: tuple[str, ...] | None
    reason: str

    @property
    def name(self) -> str:
        """The column's name."""
        return self.guess.name


def find_target(guesses: Sequence[Guess], wanted: str) -> Guess:
    """Return the column with this header or name. Raises ConfigError when there is none."""
    for guess in guesses:
        if wanted in (guess.facts.header, guess.name):
            return guess
    headers = [guess.facts.header for guess in guesses]
    near = did_you_mean(wanted, headers)
    raise ConfigError(f"--target: expected one of the columns {listed(headers)}; found {wanted!r}{near}")


def guess_target(guess: Guess, task: Task | None) -> TargetGuess:
    """Return the task, or the given one, and the classes. Changes the column's guess to fit.

    Raises ConfigError when the column can't be a target.
    """
    _refuse_useless(guess)
    if guess.type == "category" and _are_quantities(guess) and _has_rare_classes(guess):
        as_quantity(guess, "many of its numbers are in few rows: a quantity, not classes")
    guess.nullable = False
    chosen = task or _task(guess)
    if chosen == "regression":
        if not guess.is_number:
            raise ConfigError(
                f"--task: expected binary or multiclass, because {guess.name} has texts; found regression"
            )
        return TargetGuess(guess, chosen, None, _numbers_seen(guess))
    return _of_classes(guess, task)


def _numbers_seen(guess: Guess) -> str:
    distinct = guess.values.nunique()
    few = guess.type == "integer" and distinct <= FEW_CLASSES
    return f"{distinct:,} different numbers" + ("; if they are classes: --task multiclass" if few else "")


def _refuse_useless(guess: Guess) -> None:
    where = f"--target {guess.facts.header}"
    if guess.type in ("date", "datetime"):
        raise ConfigError(f"{where}: expected numbers or categories, found dates. Choose another column")
    if guess.values.nunique() < 2:
        raise ConfigError(f"{where}: expected different values to predict, found {guess.values.nunique()}")
    if not guess.is_number and guess.facts.distinct > MOST_CLASSES and not _are_quantities(guess):
        raise ConfigError(
            f"{where}: expected numbers, or at most {MOST_CLASSES} classes; found {guess.facts.distinct:,} texts"
        )


def _are_quantities(guess: Guess) -> bool:
    return bool(matches(guess.facts.texts, INTEGER).all()) and not matches(guess.facts.texts, "^0[0-9]").any()


def _has_rare_classes(guess: Guess) -> bool:
    counts = guess.values.value_counts()
    return bool(counts[counts < LEAST_ROWS].sum() > RARE_SHARE * counts.sum()) or len(counts) > MOST_CLASSES


def _task(guess: Guess) -> Task:
    values = guess.values.dropna()
    if guess.type == "number" or (guess.type == "integer" and not _are_classes(values.unique().astype("int64"))):
        return "regression"
    return "binary" if values.nunique() == 2 else "multiclass"


def _are_classes(values: np.ndarray) -> bool:
    return len(values) <= FEW_NUMBERS and int(values.max() - values.min()) == len(values) - 1 and values.min() in (0, 1)


def _of_classes(guess: Guess, task: Task | None) -> TargetGuess:
    texts = guess.values.dropna().astype(str)
    counts = texts.value_counts()
    few = sorted(counts.index[counts < LEAST_ROWS])
    if counts[few].sum() > RARE_SHARE * len(texts):
        raise ConfigError(
            f"--target {guess.facts.header}: expected at least {LEAST_ROWS} rows of each class, one or more for each "
            f"part of the split; found fewer in {len(few)} of {len(counts)} classes. Join rare classes, or add rows"
        )
    classes = [name for name in _sorted(counts.index.tolist()) if name not in few]
    chosen: Task = "binary" if len(classes) == 2 else "multiclass"
    if task and task != chosen:
        raise ConfigError(f"--task: expected {chosen}, because {guess.name} has {len(classes)} classes; found {task}")
    if chosen == "binary":
        classes = _positive_last(classes, counts)
    if few:
        shown = "their names are hidden" if guess.sensitive else ", ".join(few)
        guess.to_check.append(f"{len(few)} classes of fewer than {LEAST_ROWS} rows are left out ({shown}): quarantined")
    as_category(guess, classes)
    shares = ", ".join(f"{counts[name] / len(texts):.0%}" for name in classes)
    return TargetGuess(guess, chosen, tuple(classes), f"{shares} of the rows")


def _sorted(names: list[str]) -> list[str]:
    numbers = all(name.lstrip("+-").isdigit() for name in names)
    return sorted(names, key=lambda name: (int(name), name)) if numbers else sorted(names)


def _positive_last(classes: list[str], counts: "np.ndarray") -> list[str]:
    """Return the two classes with the positive one last: the one that means yes, else the rarer one."""
    yes = [name for name in classes if name.lower() in POSITIVE]
    positive = yes[0] if len(yes) == 1 else min(classes, key=lambda name: counts[name])
    return sorted(classes, key=lambda name: name == positive)
