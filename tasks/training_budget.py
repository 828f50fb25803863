"""The budget of a use case's training: when it stops the searches, and whether it allows anything at all."""

import math
from collections.abc import Sequence

from config.errors import ConfigError
from config.profile import active_profile
from config.training import Budget
from config.use_case import UseCase
from tasks.references import PlannedTraining

ASSUMED_SECONDS = 60
"""The billed seconds of a job that has never run, where a budget in dollars needs a figure."""

Planned = Sequence[PlannedTraining]


def limits(use_case: UseCase, planned: Planned) -> dict[str, int]:
    """Return when each search is stopped, in seconds from its creation, by candidate; empty without a budget.

    A budget in dollars limits the time as if all parallel jobs of a search ran all the time, so that it holds also if
    this process ends. The searches share what the other jobs leave, by their numbers of jobs.

    Raises ConfigError when the minutes are fewer than one job of a search took in the latest training, or the dollars
    than one job of each candidate and the parallel jobs of each search.
    """
    budget = use_case.training.budget
    if budget is None:
        return {}
    tuned = {candidate.name for candidate in use_case.candidates if candidate.tune}
    searches = [each for each in planned if each.candidate in tuned]
    _require_minutes(budget, searches)
    seconds = {each.candidate: math.inf if budget.minutes is None else 60 * budget.minutes for each in searches}
    if budget.dollars is not None:
        affordable = _affordable(budget.dollars, planned, searches)
        seconds = {name: min(limit, affordable[name]) for name, limit in seconds.items()}
    return {name: math.floor(limit) for name, limit in seconds.items()}


def _require_minutes(budget: Budget, searches: Planned) -> None:
    for each in searches:
        seconds = each.seconds_each or 0.0
        if budget.minutes is not None and seconds > 60 * budget.minutes:
            least = math.ceil(seconds / 6) / 10
            raise ConfigError(
                f"training.budget.minutes: expected at least {least:g}, which one job of candidate "
                f"{each.candidate} took in the latest training; found {budget.minutes:g}. Nothing was started"
            )


def _affordable(dollars: float, planned: Planned, searches: Planned) -> dict[str, float]:
    """The seconds of each search that the money allows."""
    _require_prices(planned)
    single = [each for each in planned if each not in searches]
    rest, jobs = dollars - sum(map(_price_of_one, single)), sum(each.jobs for each in searches)
    needed = {each.candidate: each.parallel * _price_of_one(each) for each in searches}
    shares = {each.candidate: rest * each.jobs / jobs for each in searches}
    if rest < 0 or any(shares[name] < least for name, least in needed.items()):
        most = max((needed[each.candidate] * jobs / each.jobs for each in searches), default=0.0)
        raise ConfigError(_too_small(dollars, dollars - rest + most, planned))
    return {each.candidate: shares[each.candidate] / (each.parallel * (each.dollars(1) or 1.0)) for each in searches}


def _price_of_one(planned: PlannedTraining) -> float:
    """The price of one job."""
    return planned.dollars(planned.seconds_each or ASSUMED_SECONDS) or 0.0


def _require_prices(planned: Planned) -> None:
    if any(each.dollars_per_hour is None for each in planned):
        kind, region = planned[0].instance_type, active_profile().region
        raise ConfigError(
            f"training.budget.dollars: expected a price named training_{kind} in config/prices/{region}.yaml, found "
            "none. Add it with its source, or use minutes. Nothing was started"
        )


def _too_small(found: float, least: float, planned: Planned) -> str:
    new = ", ".join(each.candidate for each in planned if each.seconds_each is None)
    basis = f" ({ASSUMED_SECONDS} s a job are assumed for {new}, which never ran)" if new else ""
    return (
        f"training.budget.dollars: expected at least {math.ceil(least * 10_000) / 10_000:g}, the price of one job of "
        f"each candidate and of the parallel jobs of each search{basis}; found {found:g}. Nothing was started"
    )
