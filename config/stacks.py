"""Checks the candidates that combine others."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from config.candidates import Candidate
from config.documents import repeats
from tabular.suggestions import did_you_mean

if TYPE_CHECKING:
    from config.use_case import UseCase

STACK = "stack"
ALONE_ONLY = {
    "class_weight": ("xgboost", "neural_network"),
    "early_stopping_rounds": ("xgboost",),
}
"""The hyperparameters that these algorithms can't have in a stack: it passes them neither weights nor held-out rows."""


def stack_problems(case: "UseCase") -> Iterator[str]:
    """Yield the mistakes of the keys `of`, as `key: expected ..., found ...`."""
    known = {each.name: each for each in case.candidates if each.algorithm != STACK}
    for number, each in enumerate(case.candidates):
        key = f"candidates.{number}.of"
        if each.algorithm != STACK:
            if each.of:
                yield f"{key}: expected none for {each.algorithm}, found {', '.join(each.of)}. Only a stack has parts"
            continue
        if len(each.of) < 2:
            yield f"{key}: expected the names of two candidates or more, found {', '.join(each.of) or 'none'}"
        yield from (f"{key}: expected each candidate once, found {name!r} again" for name in repeats(each.of))
        for name in dict.fromkeys(each.of):
            if name not in known:
                yield f"{key}: expected candidates that are no stacks, found {name!r}{did_you_mean(name, known)}"
            else:
                yield from _part_problems(key, known[name])


def _part_problems(key: str, part: Candidate) -> Iterator[str]:
    for name, algorithms in ALONE_ONLY.items():
        if part.algorithm in algorithms and part.hyperparameters.get(name) is not None:
            where = f"{key}: expected a candidate without {name}, found {part.name!r}"
            yield f"{where}. A stack has its own class_weight" if name == "class_weight" else where
