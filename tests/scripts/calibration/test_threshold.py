import numpy as np
import pytest

from tabular.calibration.threshold import choose, decide

COSTS = {"false_positive": 1.0, "false_negative": 4.0}


def cost(truth: np.ndarray, positive: np.ndarray, threshold: float) -> float:
    """The cost of a threshold, row by row."""
    return sum(
        COSTS["false_negative"] if is_positive and found <= threshold else
        COSTS["false_positive"] if not is_positive and found > threshold else 0.0
        for is_positive, found in zip(truth, positive, strict=True)
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(20))
def test_no_threshold_costs_less_than_the_chosen_one(seed: int) -> None:
    chance = np.random.default_rng(seed)
    truth = chance.integers(0, 2, 60)
    positive = np.clip(np.round(0.3 * truth + chance.normal(0.4, 0.3, 60), 1), 0, 1)  # with equal probabilities
    chosen = choose(truth, positive, COSTS)
    assert cost(truth, positive, chosen) == min(cost(truth, positive, each / 200) for each in range(201))


def test_the_threshold_nearest_to_bayes_own_is_taken_of_those_that_cost_the_same() -> None:
    truth, positive = np.array([0, 0, 1, 1]), np.array([0.1, 0.15, 0.95, 0.97])
    assert choose(truth, positive, COSTS) == pytest.approx(0.55)
    mixed, equal = np.array([0, 1, 0, 1]), {"false_positive": 1, "false_negative": 1}
    assert choose(mixed, np.array([0.1, 0.1, 0.3, 0.3]), equal) == pytest.approx(0.65)


def test_a_class_that_costs_much_to_miss_is_predicted_of_every_row() -> None:
    truth, positive = np.array([1, 0, 0, 0]), np.array([0.2, 0.3, 0.4, 0.5])
    threshold = choose(truth, positive, {"false_positive": 1, "false_negative": 100})
    assert decide(np.column_stack([1 - positive, positive]), threshold).tolist() == [1, 1, 1, 1]


def test_without_a_threshold_the_most_probable_class_is_decided_on() -> None:
    output = np.array([[0.5, 0.5], [0.4, 0.6], [0.7, 0.3]])
    assert decide(output, None).tolist() == [0, 1, 0]
    assert decide(output, 0.2).tolist() == [1, 1, 1]
    assert decide(output, 0.5).tolist() == [0, 1, 0], "a probability at the threshold is not above it"


def test_numbers_are_returned_as_they_are() -> None:
    output = np.array([0.2, 3.5])
    assert decide(output, None) is output
