"""Metrics of predicted numbers against the true ones."""

import numpy as np

NOTHING = 1e-12
"""A variation below this share of the squares is the rounding of equal values."""


class Regression:
    """A model's answers to n rows, for the metrics of any weighting."""

    def __init__(self, truth: np.ndarray, output: np.ndarray) -> None:
        """`truth` and `output` are (n,) floats."""
        truth = np.asarray(truth, dtype="float64")
        errors, sizes = np.abs(truth - output), np.abs(truth)
        centred = truth - truth.mean()  # so that the variation of large values keeps its digits
        self._no_zero, self._rows = bool((sizes > 0).all()), len(truth)
        relative = np.divide(errors, sizes, out=np.zeros_like(errors), where=sizes > 0)
        ones = np.ones_like(truth)
        self._sums = np.column_stack([ones, errors**2, errors, relative, sizes, centred, centred**2])

    def of(self, weights: np.ndarray) -> dict[str, np.ndarray]:
        """Return the (m,) values of each metric by name, given (m, n) weights."""
        rows, squares, errors, relative, sizes, sums, spread = (weights.astype("float64") @ self._sums).T
        undefined = np.full(len(rows), np.nan)
        with np.errstate(invalid="ignore", divide="ignore"):
            return {
                "rmse": np.sqrt(squares / rows),
                "mae": errors / rows,
                "r2": _r2(squares, spread - sums**2 / rows, spread) if self._rows > 1 else undefined,
                "mape": relative / rows if self._no_zero else undefined,
                "wape": np.where(sizes > 0, errors / sizes, np.nan),
            }


def _r2(squares: np.ndarray, variation: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Return R². Of equal true values it is 1 without an error and else 0, as in scikit-learn."""
    equal = variation <= NOTHING * spread
    return np.where(equal, np.where(squares == 0, 1.0, 0.0), 1 - squares / np.where(equal, 1.0, variation))
