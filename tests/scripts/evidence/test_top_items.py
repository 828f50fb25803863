"""Hit rate and regret of orders of items, against every order of equal scores."""

from itertools import permutations

import numpy as np
import pytest

from tabular.evidence.top_items import UserItems, hits, regrets


def test_the_best_item_is_hit_if_it_is_among_the_first_and_the_regret_is_of_the_first() -> None:
    rows = UserItems(np.array([90.0, 70, 80, 50, 60]), np.array([0, 3]))
    scores = np.array([2.0, 3, 1, 5, 4])
    assert hits(rows, scores, 1).tolist() == [0, 0]
    assert hits(rows, scores, 2).tolist() == [1, 1]
    assert regrets(rows, scores).tolist() == [20, 10]


def test_equal_scores_and_equal_values_give_the_mean_over_every_order() -> None:
    chance = np.random.default_rng(3)
    for _ in range(60):
        count = int(chance.integers(2, 6))
        values, scores = chance.integers(0, 3, (2, count)).astype(float)
        rows, top = UserItems(values, np.array([0])), int(chance.integers(1, count + 1))
        orders = [order for order in permutations(range(count)) if (np.diff(scores[list(order)]) <= 0).all()]
        hit = [values[list(order[:top])].max() == values.max() for order in orders]
        lost = [values.max() - values[order[0]] for order in orders]
        assert hits(rows, scores, top)[0] == pytest.approx(np.mean(hit))
        assert regrets(rows, scores)[0] == pytest.approx(np.mean(lost))
