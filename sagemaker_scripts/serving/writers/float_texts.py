"""Converts floats to the texts of Python's `repr`, which is the shortest text with the same value."""

import numpy as np

try:
    import orjson
except ImportError:  # AWS's prebuilt image lacks it
    orjson = None  # type: ignore[assignment]

FEWEST = 16
"""The least number of values for which orjson is faster, in spite of its other form of small numbers."""
SMALLEST_ALIKE = 1e-4
"""From this size on, orjson writes numbers as `repr` does. Below, it writes 1e-7 for 1e-07."""


def float_texts(values: np.ndarray) -> list[str]:
    """Return the texts of (n,) finite float64 values."""
    if orjson is None or len(values) < FEWEST:
        return list(map(float.__repr__, values.tolist()))
    texts = orjson.dumps(values, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].decode().split(",")
    for place in np.flatnonzero(np.abs(values) < SMALLEST_ALIKE).tolist():
        texts[place] = repr(float(values[place]))
    return texts
