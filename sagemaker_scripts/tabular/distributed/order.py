"""Order statistics of all ranks' values, by bisection: each step adds the counts of values below the middles."""

import numpy as np

from tabular.collective import Ranks

_KEYS = {"float32": ("uint32", 32), "float64": ("uint64", 64)}


def order_statistics(ranks: Ranks, values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return the (k,) values at these places, from 0, of all ranks' sorted values.

    `values` are this rank's (n,) sorted floats of 32 or 64 bits, without NaN and without a negative zero. The memory is
    that of k counts, and the steps are as many as a float has bits.
    """
    keys = _keys(values)
    kind, bits = _KEYS[values.dtype.name]
    found = np.zeros(len(places), kind)
    for bit in reversed(range(bits)):
        middle = found | found.dtype.type(1 << bit)
        below = ranks.sum(np.searchsorted(keys, middle).astype("int64"))
        found = np.where(below <= places, middle, found)
    return _floats(found, values.dtype)


def count_below(ranks: Ranks, values: np.ndarray, bound: float, side: str = "left") -> int:
    """Return how many values of all ranks are below a bound; with the side `right` also those equal to it."""
    found = np.searchsorted(values, values.dtype.type(bound), side)  # type: ignore[call-overload]
    return int(ranks.sum(np.array([found], "int64"))[0])


def _keys(values: np.ndarray) -> np.ndarray:
    """Return whole numbers in the order of the floats: of negative ones all bits are inverted, of others the sign."""
    kind, bits = _KEYS[values.dtype.name]
    raw = values.view(kind)
    sign = raw.dtype.type(1 << (bits - 1))
    return np.where(raw & sign, ~raw, raw | sign)


def _floats(keys: np.ndarray, dtype: np.dtype) -> np.ndarray:
    sign = keys.dtype.type(1 << (8 * keys.dtype.itemsize - 1))
    return np.where(keys & sign, keys ^ sign, ~keys).view(dtype)
