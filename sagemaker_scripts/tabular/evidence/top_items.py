"""How well scores order the items of each user: whether the best one is among the first, and what the first one loses.

Equal scores have no order. Every figure is the expected one when equal scores are ordered at random, as McSherry and
Najork (2008, "Computing Information Retrieval Performance Measures Efficiently in the Presence of Tied Scores") do.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class UserItems:
    """The n rows of u users, the rows of a user one after the other."""

    values: np.ndarray
    """(n,) true values; the highest is the best."""
    starts: np.ndarray
    """(u,) places of the first row of each user."""

    @property
    def counts(self) -> np.ndarray:
        """(u,) rows of each user."""
        return np.diff(self.starts, append=len(self.values))

    @property
    def users(self) -> np.ndarray:
        """(n,) places of the rows' users."""
        return np.repeat(np.arange(len(self.starts)), self.counts)

    @property
    def best(self) -> np.ndarray:
        """(u,) highest value of each user."""
        return np.maximum.reduceat(self.values, self.starts)


def hits(rows: UserItems, scores: np.ndarray, top: int) -> np.ndarray:
    """Return for each of u users the probability that a best item is among the `top` items of the highest scores.

    The hit rate of n users (Deshpande and Karypis 2004, "Item-Based Top-N Recommendation Algorithms") is the mean. If
    values tie for the best, one of them is enough. `scores` is (n,); each user has `top` rows or more.
    """
    users = rows.users
    order = np.lexsort((-scores, users))
    last = scores[order][rows.starts + top - 1][users]
    is_best = rows.values == rows.best[users]
    before, tied = scores > last, scores == last
    drawn = top - _count(rows, before)
    missed = _none_drawn(_count(rows, tied), _count(rows, tied & is_best), drawn)
    return np.where(_count(rows, before & is_best) > 0, 1.0, 1.0 - missed)


def _none_drawn(items: np.ndarray, best: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Return the (u,) probabilities that `drawn` of `items` items, without replacement, have none of the `best`."""
    found = np.ones(len(items))
    for place in range(int(best.max(initial=0))):
        left = np.maximum(items - place, 1)
        found *= np.where(place < best, np.maximum(items - drawn - place, 0) / left, 1.0)
    return found


def regrets(rows: UserItems, scores: np.ndarray) -> np.ndarray:
    """Return for each of u users the value of the best item minus that of the item with the highest score.

    It is the simple regret of one recommendation (Bubeck, Munos and Stoltz 2009, "Pure Exploration in Multi-Armed
    Bandits Problems"), in the values' unit: 0 if the best item is first.
    """
    first = scores == np.maximum.reduceat(scores, rows.starts)[rows.users]
    return np.asarray(rows.best - np.add.reduceat(rows.values * first, rows.starts) / _count(rows, first))


def _count(rows: UserItems, mask: np.ndarray) -> np.ndarray:
    return np.add.reduceat(mask.astype("int64"), rows.starts)
