"""The projection of encoded rows on principal components, the same for one row and for many."""

import numpy as np


def project(matrix: np.ndarray, mean: np.ndarray, components: np.ndarray) -> np.ndarray:
    """Return the (n, k) coordinates of (n, encoded) rows on (k, encoded) components, relative to the (encoded,) mean.

    Each coordinate is a sum over one row. A product of matrices would add in another order for other numbers of rows.
    """
    centred = np.ascontiguousarray(matrix, dtype="float64") - mean
    found = np.empty((len(centred), len(components)))
    for place, component in enumerate(components):
        found[:, place] = (centred * component).sum(axis=1)
    return found
