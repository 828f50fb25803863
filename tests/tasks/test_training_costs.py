"""What training is expected to cost, by the latest training; and the budget that stops a search or refuses it."""

import logging
from typing import Any

import pytest

from config.errors import ConfigError
from config.prices import load_prices
from config.use_case import UseCase
from tasks import training_budget, training_costs
from tasks.references import PlannedTraining
from tasks.references.planned_training import REFIT
from tasks.training_costs import described
from tests.references import a_model
from tests.use_cases import small_use_case

SEARCH = {
    "name": "searched",
    "algorithm": "xgboost",
    "tune": {"jobs": 6, "parallel": 2, "ranges": {"max_depth": {"integer": [2, 8]}}},
}
PLAIN = {"name": "plain", "algorithm": "logistic_regression"}


def case(**budget: float) -> UseCase:
    return small_use_case(candidates=[PLAIN, SEARCH], training={"budget": budget} if budget else {})


def planned(candidate: str, jobs: int = 1, parallel: int = 1, **changes: Any) -> PlannedTraining:
    """Jobs of an hour each, at a dollar an hour."""
    plain: dict[str, Any] = {
        "instance_type": "ml.m5.large",
        "instances": 1,
        "dollars_per_hour": 1.0,
        "seconds_each": 3600.0,
        "most_seconds_each": 7200,
    }
    return PlannedTraining(candidate=candidate, jobs=jobs, parallel=parallel, **{**plain, **changes})


def all_planned(**changes: Any) -> list[PlannedTraining]:
    return [planned("plain", **changes), planned("searched", 6, 2, **changes), planned(REFIT, **changes)]


def test_a_plan_has_the_price_and_the_time_of_all_its_jobs() -> None:
    search = planned("searched", 6, 2)
    assert (search.expected_dollars, search.expected_seconds, search.most_dollars) == (6.0, 3 * 3600, 12.0)
    assert described(search) == (
        "6 jobs, 2 at the same time, on ml.m5.large at $1 an hour: expected 10,800 s and $6.00 by the latest run; "
        "at most 7,200 s a job and $12.00"
    )
    limited = search.model_copy(update={"limit_seconds": 3600})
    assert limited.most_dollars == 2.0
    assert described(limited).endswith("; the budget stops it after 3,600 s")
    new = planned("new", seconds_each=None, dollars_per_hour=None)
    assert described(new) == (
        "1 job on ml.m5.large of unknown price: no earlier run to compare with; at most 7,200 s a job"
    )


def test_money_is_shared_by_the_searches_after_the_single_jobs_and_limits_their_time() -> None:
    assert training_budget.limits(case(), all_planned()) == {}
    # $10 less the two single jobs, by two parallel jobs at $1 an hour: four hours.
    assert training_budget.limits(case(dollars=10), all_planned()) == {"searched": 4 * 3600}
    assert training_budget.limits(case(dollars=10, minutes=90), all_planned()) == {"searched": 90 * 60}


@pytest.mark.parametrize(
    ("budget", "changes", "message"),
    [
        ({"minutes": 59}, {}, r"budget.minutes: expected at least 60, which one job of candidate searched .* found 59"),
        ({"dollars": 3.9}, {}, r"budget.dollars: expected at least 4, the price of one job of each .* found 3.9"),
        ({"dollars": 1}, {}, "Nothing was started"),
        ({"dollars": 0.05}, {"seconds_each": None}, r"at least 0.0667, .*60 s a job are assumed for plain, searched"),
        ({"dollars": 5}, {"dollars_per_hour": None}, "expected a price named training_ml.m5.large in config/prices/"),
    ],
)  # fmt: skip
def test_a_budget_that_one_job_of_each_candidate_exceeds_is_refused(
    budget: dict[str, float], changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        training_budget.limits(case(**budget), all_planned(**changes))


def test_a_job_without_a_search_may_take_longer_than_the_minutes_which_limit_searches() -> None:
    long = [planned("plain", seconds_each=7200.0), planned("searched", 6, 2), planned(REFIT, seconds_each=7200.0)]
    assert training_budget.limits(case(minutes=90), long) == {"searched": 90 * 60}
    with pytest.raises(ConfigError, match=r"expected at least 125.1, which one job of candidate searched"):
        training_budget.limits(case(minutes=90), [planned("searched", 6, 2, seconds_each=7501.0)])
    no_search = small_use_case(candidates=[PLAIN], training={"budget": {"minutes": 1}})
    assert training_budget.limits(no_search, [planned("plain")]) == {}


def test_a_use_case_without_an_earlier_training_is_planned_with_its_limits(
    bucket: str, caplog: pytest.LogCaptureFixture
) -> None:
    use_case = case(minutes=5)
    with caplog.at_level(logging.INFO, logger="vishwaops"):
        found = training_costs.plan(use_case)
    assert {each.candidate: each.limit_seconds for each in found} == {"plain": None, "searched": 300, REFIT: None}
    assert "searched: 6 jobs, 2 at the same time, on ml.m5.large at $0.115 an hour: no earlier run" in caplog.text
    assert training_costs.limit(use_case, use_case.candidates[1]) == 300


def test_the_price_of_billed_seconds_is_that_of_the_profile_s_instances() -> None:
    hourly = load_prices("us-east-1").find("training_ml.m5.large").price
    assert training_costs.dollars(1800) == pytest.approx(hourly / 2)


def test_a_record_of_an_older_version_has_no_bill_and_a_search_the_mean_of_its_jobs() -> None:
    assert training_costs._seconds_each(a_model(seconds=12.0)) == 12.0
    assert training_costs._seconds_each(a_model(billed_seconds=60, jobs=4)) == 15.0
