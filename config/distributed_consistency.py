"""Checks that several instances can train each candidate: what needs all rows in one memory is refused."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from config.candidates import Candidate
from config.explanations import shown

if TYPE_CHECKING:
    from config.use_case import UseCase

WITHIN = {"booster": ("gbtree", "dart", None), "tree_method": ("auto", "hist", None)}
"""The hyperparameters of XGBoost that only some values of can be trained so, and these values."""
ONE = "or set training.instances: 1"


def distributed_problems(case: "UseCase") -> Iterator[str]:
    """Yield what `training.instances` above 1 does not support, as `key: expected ..., found ...`."""
    if case.training.instances == 1:
        return
    for number, candidate in enumerate(case.candidates):
        yield from _candidate(candidate, f"candidates.{number}")
    yield from _features(case)
    yield from _training(case)


def _candidate(candidate: Candidate, key: str) -> Iterator[str]:
    if candidate.algorithm != "xgboost":
        yield (
            f"{key}.algorithm: expected xgboost for candidate {candidate.name!r}, because training.instances is above "
            f"1 and other algorithms need all rows on one instance; found {candidate.algorithm}. Use xgboost, {ONE}"
        )
        return
    ranges = candidate.tune.ranges if candidate.tune else {}
    for name, allowed in WITHIN.items():
        tuned: tuple[Any, ...] = ranges[name].choice or () if name in ranges else ()
        for value in (candidate.hyperparameters.get(name), *tuned):
            if value not in allowed:
                yield (
                    f"{key}.hyperparameters.{name}: expected {' or '.join(filter(None, allowed))} for candidate "
                    f"{candidate.name!r}, because training.instances is above 1; found {shown(value)}. Change it, {ONE}"
                )


def _features(case: "UseCase") -> Iterator[str]:
    for each in case.engineered:
        yield (
            f"features.{each.name}: expected no engineered feature with training.instances above 1, because it is "
            f"fitted to all rows on one instance; found {each.kind}. Use its columns or a derived column, {ONE}"
        )
    for name in case.plain_features:
        column = case.columns.get(name)
        if column and column.type == "text":
            yield (
                f"features: expected no text with training.instances above 1, because its words' weights are fitted to "
                f"all rows on one instance; found the text {name!r}. Leave it out, {ONE}"
            )


def _training(case: "UseCase") -> Iterator[str]:
    reasons = {
        "cross_validation": "each fold needs all rows on one instance",
        "selection": "it needs all rows on one instance",
        "reduction": "it needs all rows on one instance",
        "learning_curve": "each part of the training rows is fitted on one instance",
        "spot": "an interruption ends all instances, and their checkpoints are not shared",
    }
    for name, why in reasons.items():
        if getattr(case.training, name):
            yield f"training.{name}: expected none with training.instances above 1, because {why}. Leave it out, {ONE}"
