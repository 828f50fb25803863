"""Keys of numbers: 64 bits that have the order of the numbers."""

import numpy as np

SIGN = np.uint64(1 << 63)
ONE = np.uint64(1)


def keys_of(numbers: np.ndarray) -> np.ndarray:
    """Return the keys of n finite numbers: the bits of the float64, with the sign's bit turned over (all, if negative).

    Zero and negative zero have one key.
    """
    bits = (numbers + 0.0).view(np.uint64)
    return np.where(bits >= SIGN, ~bits, bits | SIGN)


def numbers_of(keys: np.ndarray) -> np.ndarray:
    """Return the numbers of n keys."""
    return np.where(keys >= SIGN, keys ^ SIGN, ~keys).view(np.float64)


LEAST, LAST_NEGATIVE, GREATEST = (
    keys_of(np.array([number]))[0] for number in (np.finfo(float).min, np.nextafter(0.0, -1.0), np.finfo(float).max)
)


def bit_lengths(keys: np.ndarray) -> np.ndarray:
    """Return the bits that each of n keys needs, from 0 to 64: (n,) of uint8."""
    high, low = (np.frexp(half.astype(np.float64))[1] for half in (keys >> np.uint64(32), keys & np.uint64(0xFFFFFFFF)))
    return np.where(high > 0, high + 32, low).astype(np.uint8)
