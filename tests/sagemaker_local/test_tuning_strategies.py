"""How a tuning job chooses hyperparameters and when it stops a training job early, without running any."""

import statistics
from typing import Any

import pytest

from sagemaker_local.executors.tuning_strategies import Search, Suggestion, is_worse_than_most
from sagemaker_local.store import Record
from sagemaker_local.tuning_definitions import Definition
from sagemaker_local.tuning_ranges import NumericRange, ranges_of
from sagemaker_local.tuning_trials import TUNING, not_improving


def definition(*ranges: dict[str, Any], kind: str = "Continuous", maximize: bool = True) -> Definition:
    return Definition({}, "score", maximize, ranges_of({f"{kind}ParameterRanges": list(ranges)}))


def numeric(low: str, high: str, scaling: str = "Linear") -> dict[str, Any]:
    return {"Name": "p", "MinValue": low, "MaxValue": high, "ScalingType": scaling}


def search(of: Definition, strategy: str = "Random", seed: int | None = 1, most: int = 1) -> Search:
    return Search(of, strategy, seed, (1, most))


def suggested(of: Search) -> Suggestion:
    found = of.suggest()
    assert found is not None
    return found


def values(of: Search, count: int = 200) -> list[float]:
    return [float(suggested(of).tuned["p"]) for _ in range(count)]


@pytest.mark.parametrize(
    ("low", "high", "scaling", "middle"),
    [
        ("0", "1", "Linear", 0.5),
        ("0.0001", "1", "Logarithmic", 0.01),
        ("0", "0.9999", "ReverseLogarithmic", 0.99),
        ("0.0001", "1", "Auto", 0.01),
        ("0.5", "1", "Auto", 0.75),
    ],
)
def test_suggestions_are_in_range_and_on_the_scale(low: str, high: str, scaling: str, middle: float) -> None:
    found = values(search(definition(numeric(low, high, scaling))))
    assert float(low) <= min(found) <= max(found) <= float(high)
    below = sum(value < middle for value in found)
    assert 70 <= below <= 130


def test_integers_are_whole_and_reach_both_ends() -> None:
    found = [
        suggested(of).tuned["p"] for of in [search(definition(numeric("3", "7"), kind="Integer"))] for _ in "12345"
    ]
    assert sorted(found) == ["3", "4", "5", "6", "7"]


def test_a_search_ends_when_every_setting_was_tried() -> None:
    for strategy in ("Random", "Bayesian", "Hyperband"):
        of = search(definition(numeric("1", "2"), kind="Integer"), strategy)
        assert sorted(suggested(of).tuned["p"] for _ in range(2)) == ["1", "2"]
        assert of.suggest() is None
    grid = search(definition({"Name": "p", "Values": ["b", "a"]}, kind="Categorical"), "Grid")
    assert [suggested(grid).tuned["p"] for _ in range(2)] == ["b", "a"]
    assert grid.suggest() is None


@pytest.mark.parametrize("maximize", [True, False])
def test_bayesian_learns_from_results_and_from_parents(maximize: bool) -> None:
    sign = 1 if maximize else -1
    of = search(definition(numeric("0", "1"), maximize=maximize), "Bayesian")
    for number in range(40):
        of.learn({"p": str(number / 40), "other": "x"}, -sign * abs(number / 40 - 0.8), tried=False)
    of.learn({"p": "17"}, sign * 1e9, tried=False)  # outside of the range: ignored
    found = []
    for _ in range(10):
        suggestion = suggested(of)
        found.append(float(suggestion.tuned["p"]))
        of.finish(suggestion, -sign * abs(found[-1] - 0.8))
    assert statistics.median(found) == pytest.approx(0.8, abs=0.15)


def test_hyperband_gives_up_the_worse_half_way_and_anything_beyond_its_resource() -> None:
    of = search(definition(numeric("0", "1")), "Hyperband", most=9)
    given_up = []
    for number in range(20):
        suggestion = suggested(of)
        steps = iter(range(1, 11))
        last = next((step for step in steps if of.cannot_win(suggestion, step, float(-number))), 0)
        given_up.append(last)
        of.finish(suggestion, float(-number))
    assert given_up[0] == 10
    assert min(given_up) < 9
    assert 0 not in given_up


def test_early_stopping_compares_with_the_median_of_running_averages() -> None:
    others = [[1.0, 2.0, 3.0], [2.0, 2.0, 2.0], [0.0, 4.0, 5.0]]
    assert is_worse_than_most([9.0, 1.4], others, maximize=True)  # averages after two values: 1.5, 2, 2
    assert not is_worse_than_most([0.0, 2.1], others, maximize=True)
    assert is_worse_than_most([0.0, 2.1], others, maximize=False)
    assert not is_worse_than_most([0.0, 0.0], others[:2], maximize=True)
    assert not is_worse_than_most([0.0] * 4, others, maximize=True)


def test_an_improvement_is_more_than_one_percent() -> None:
    def trial(value: float, ended: float) -> Record:
        body = {
            TUNING: {"MetricName": "m", "Type": "Minimize"},
            "FinalMetricDataList": [{"MetricName": "m", "Value": value}],
            "TrainingEndTime": ended,
        }
        return Record("TrainingJob", "t", "arn", 0.0, 0.0, "Completed", body)

    assert not_improving([]) == 0
    assert not_improving([trial(100.0, 1.0)]) == 0
    assert not_improving([trial(99.5, 2.0), trial(100.0, 1.0)]) == 1
    assert not_improving([trial(100.0, 1.0), trial(99.5, 2.0), trial(98.0, 3.0), trial(120.0, 4.0)]) == 1


def test_auto_takes_the_logarithm_over_orders_of_magnitude() -> None:
    def scaling(low: str, high: str) -> str:
        (found,) = ranges_of({"ContinuousParameterRanges": [numeric(low, high, "Auto")]})
        assert isinstance(found, NumericRange)
        return found.scaling

    assert scaling("0.001", "1") == "Logarithmic"
    assert scaling("0", "1") == "Linear"
    assert scaling("1", "10") == "Linear"
