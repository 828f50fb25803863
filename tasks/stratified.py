"""Draws a share of n rows at random, with equal shares of each class, in a few bytes per row.

The rows are those of scikit-learn's StratifiedShuffleSplit for the same seed. It keeps Python lists of all positions,
about 100 bytes per row.
"""

import math

import numpy as np


def draw(strata: np.ndarray, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the int32 positions of the rest and of a `share` of the (n,) class numbers, each in random order.

    Raises ValueError when the rest or the share has fewer rows than there are classes.
    """
    counts = np.bincount(strata)
    drawn = math.ceil(share * len(strata))
    sizes = (len(strata) - drawn, drawn)
    if min(sizes) < np.count_nonzero(counts):
        raise ValueError(f"expected at least a row of each class in {sizes[0]:,} and {sizes[1]:,} rows")
    random = np.random.RandomState(seed)  # scikit-learn's generator
    of_rest = apportion(counts, sizes[0], random)
    of_share = apportion(counts - of_rest, sizes[1], random)
    rest, chosen = [], []
    for number, count in enumerate(counts):
        places = np.flatnonzero(strata == number).astype("int32")[random.permutation(np.arange(count, dtype="int32"))]
        end = of_rest[number] + of_share[number]
        rest.append(places[: of_rest[number]])
        chosen.append(places[of_rest[number] : end])
    return random.permutation(np.concatenate(rest)), random.permutation(np.concatenate(chosen))


def apportion(counts: np.ndarray, rows: int, random: np.random.RandomState) -> np.ndarray:
    """Return how many of `rows` each class gets in proportion to its `counts`: by largest remainder, ties at random."""
    exact = counts / counts.sum() * rows
    whole = np.floor(exact)
    remainders, left = exact - whole, int(rows - whole.sum())
    for remainder in np.unique(remainders)[::-1]:
        if left <= 0:
            break
        tied = np.flatnonzero(remainders == remainder)
        winners = random.choice(tied, size=min(len(tied), left), replace=False)
        whole[winners] += 1
        left -= len(winners)
    return np.asarray(whole.astype("int64"))
