"""Finds features without information in the training rows."""

from collections.abc import Iterable, Mapping
from typing import Any

EMPTY, CONSTANT = "empty", "constant"


def unusable(train: Mapping[str, Any], features: Iterable[str]) -> dict[str, str]:
    """Return the features without information in the training rows, by name: EMPTY or CONSTANT.

    `train` has a pandas Series of n values for each feature. A feature with one value and missing ones is usable: that
    a value is missing may be information. The contract keeps unusable features, so requests may have them.
    """
    found = {}
    for name in features:
        missing, values = int(train[name].isna().sum()), train[name].nunique()
        if values == 0:
            found[name] = EMPTY
        elif values == 1 and not missing:
            found[name] = CONSTANT
    return found
