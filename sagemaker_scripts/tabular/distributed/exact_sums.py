"""Sums of floats without rounding errors, so that they do not depend on the order of the rows, or on who has which.

Each float is a whole number times a power of 2. The whole numbers of each power are added as integers, in two halves
(a superaccumulator; Kulisch and Miranker 1986, "The arithmetic of the digital computer: a new approach").
"""

from fractions import Fraction

import numpy as np

from tabular.collective import Ranks

HALF = 26
"""The bits of the lower half of a 53-bit whole number. 2**37 halves fit into 64 bits."""
LOWEST = -1126
"""The least exponent of a 64-bit float's whole number, of 53 bits."""
EXPONENTS = 2101
AT_ONCE = 1 << 20
"""The most values of one `bincount`, whose sums are exact below 2**53."""


def exact_sum(ranks: Ranks, values: np.ndarray) -> Fraction:
    """Return the sum of all ranks' (n,) finite 64-bit floats."""
    sums = ranks.sum(_by_exponent(values).ravel()).reshape(2, EXPONENTS)
    found = Fraction(0)
    for half, exponent in zip(*np.nonzero(sums), strict=True):
        power = int(exponent) + LOWEST + (HALF if half else 0)
        found += int(sums[half, exponent]) * Fraction(2) ** power
    return found


def _by_exponent(values: np.ndarray) -> np.ndarray:
    """Return the (2, EXPONENTS) sums of the lower and upper halves of the values' whole numbers."""
    sums = np.zeros((2, EXPONENTS), "int64")
    for first in range(0, len(values), AT_ONCE):
        fractions, exponents = np.frexp(values[first : first + AT_ONCE])
        whole = np.ldexp(fractions, 53).astype("int64")
        upper = whole >> HALF
        places = exponents - 53 - LOWEST
        for half, part in enumerate((whole - (upper << HALF), upper)):
            sums[half] += np.bincount(places, part, EXPONENTS).astype("int64")
    return sums
