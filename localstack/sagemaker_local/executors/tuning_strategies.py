"""Chooses the next hyperparameters and the training jobs to stop early, with Optuna.

Optuna is imported when the first tuning job runs, so that the server starts without it.
"""

from __future__ import annotations

import math
import statistics
import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sagemaker_local.tuning_definitions import Definition
from sagemaker_local.tuning_ranges import CategoricalRange, Range, combinations, every_setting

_STARTUP_TRIALS = 3  # random trials before the Bayesian strategy begins
_TRIES = 25
_FEWEST_TO_COMPARE = 3  # completed training jobs before one may be stopped early


@dataclass(frozen=True)
class Suggestion:
    """Hyperparameters to try."""

    tuned: dict[str, str]
    trial: Any


class Search:
    """The search over the ranges of one definition. Belongs to one thread.

    Args:
        definition: its ranges are searched.
        strategy: `Random`, `Grid`, `Bayesian` or `Hyperband`.
        seed: the same seed and the same results of the training jobs give the same suggestions.
        resource: for Hyperband, the least and the most metric values that a training job may report.
    """

    def __init__(self, definition: Definition, strategy: str, seed: int | None, resource: tuple[int, int]) -> None:
        optuna = _optuna()
        self._ranges = definition.ranges
        self._distributions = {each.name: _distribution(each) for each in definition.ranges}
        self._grid = every_setting(definition.ranges) if strategy == "Grid" else None
        self._hyperband = strategy == "Hyperband"
        self._most = resource[1]
        self._seen: set[tuple[tuple[str, str], ...]] = set()
        self._pruned: set[int] = set()
        self._study = optuna.create_study(
            study_name="tuning",  # Hyperband's brackets depend on it
            direction="maximize" if definition.maximize else "minimize",
            sampler=_sampler(strategy, seed),
            pruner=optuna.pruners.HyperbandPruner(*resource) if self._hyperband else optuna.pruners.NopPruner(),
        )

    def learn(self, tuned: dict[str, str], value: float | None, *, tried: bool) -> None:
        """Learns from an earlier training job; with `tried` its setting is not tried again."""
        if tried:
            self._seen.add(_key(tuned))
        if value is None:
            return
        known = {each.name: _internal(each, tuned) for each in self._ranges if _inside(each, tuned.get(each.name, ""))}
        if known:
            distributions = {name: self._distributions[name] for name in known}
            self._study.add_trial(_optuna().trial.create_trial(params=known, distributions=distributions, value=value))

    def suggest(self) -> Suggestion | None:
        """The next hyperparameters; None when every setting was tried."""
        if self._grid is not None:
            untried = next((each for each in self._grid if _key(each) not in self._seen), None)
            return self._taken(untried, None) if untried else None
        for _ in range(_TRIES):
            trial = self._study.ask(self._distributions)
            tuned = {each.name: _external(each, trial.params[each.name]) for each in self._ranges}
            if _key(tuned) not in self._seen:
                return self._taken(tuned, trial)
            self._study.tell(trial, state=_optuna().trial.TrialState.FAIL)
        if math.isinf(combinations(self._ranges)):
            return self._taken(tuned, self._study.ask(self._distributions))
        left = next((each for each in every_setting(self._ranges) if _key(each) not in self._seen), None)
        if left is None:
            return None
        self._study.enqueue_trial({each.name: _internal(each, left) for each in self._ranges})
        return self._taken(left, self._study.ask(self._distributions))

    def cannot_win(self, suggestion: Suggestion, step: int, value: float) -> bool:
        """Hyperband: learns the metric's value number `step` (from 1), and returns whether to stop the training job.

        One that continues after MaxResource values is stopped too; one that ends with the last of them is not,
        so that it can still write its model.
        """
        if not self._hyperband:
            return False
        if step > self._most:
            return True
        suggestion.trial.report(value, step)
        if suggestion.trial.should_prune():
            self._pruned.add(suggestion.trial.number)
        return suggestion.trial.number in self._pruned

    def finish(self, suggestion: Suggestion, value: float | None) -> None:
        """Learns a training job's final objective, or None if it has none."""
        if suggestion.trial is None:
            return
        states = _optuna().trial.TrialState
        if value is None:
            self._study.tell(suggestion.trial, state=states.FAIL)
        elif suggestion.trial.number in self._pruned:
            self._study.tell(suggestion.trial, state=states.PRUNED)
        else:
            self._study.tell(suggestion.trial, value)

    def _taken(self, tuned: dict[str, str], trial: Any) -> Suggestion:
        self._seen.add(_key(tuned))
        return Suggestion(tuned, trial)


def is_worse_than_most(curve: list[float], others: list[list[float]], *, maximize: bool) -> bool:
    """Early stopping as AWS describes it ("How Early Stopping Works").

    The last value of a training job's metric is compared with the median of the running averages that the
    completed training jobs had after as many values.
    """
    averages = [statistics.fmean(other[: len(curve)]) for other in others if len(other) >= len(curve)]
    if not curve or len(averages) < _FEWEST_TO_COMPARE:
        return False
    median = statistics.median(averages)
    return curve[-1] < median if maximize else curve[-1] > median


@lru_cache
def _optuna() -> Any:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
    return optuna


def _sampler(strategy: str, seed: int | None) -> Any:
    samplers = _optuna().samplers
    if strategy in ("Random", "Grid"):
        return samplers.RandomSampler(seed=seed)
    return samplers.TPESampler(seed=seed, n_startup_trials=_STARTUP_TRIALS, multivariate=True, constant_liar=True)


def _distribution(each: Range) -> Any:
    distributions = _optuna().distributions
    if isinstance(each, CategoricalRange):
        return distributions.CategoricalDistribution(each.values)
    if each.integer:
        log = each.scaling == "Logarithmic"
        return distributions.IntDistribution(round(each.low), round(each.high), log=log)
    if each.scaling == "ReverseLogarithmic":
        return distributions.FloatDistribution(1 - each.high, 1 - each.low, log=True)
    return distributions.FloatDistribution(each.low, each.high, log=each.scaling == "Logarithmic")


def _external(each: Range, value: Any) -> str:
    """The hyperparameter's text for a value of Optuna."""
    if isinstance(each, CategoricalRange):
        return str(value)
    if each.scaling == "ReverseLogarithmic":
        value = min(max(1 - value, each.low), each.high)
    return each.text(value)


def _internal(each: Range, tuned: dict[str, str]) -> Any:
    """The value of Optuna for a hyperparameter's text."""
    text = tuned[each.name]
    if isinstance(each, CategoricalRange):
        return text
    if each.integer:
        return round(float(text))
    return 1 - float(text) if each.scaling == "ReverseLogarithmic" else float(text)


def _inside(each: Range, text: str) -> bool:
    if isinstance(each, CategoricalRange):
        return text in each.values
    try:
        return each.low <= float(text) <= each.high
    except ValueError:
        return False


def _key(tuned: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(tuned.items()))
