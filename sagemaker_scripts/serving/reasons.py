"""Finds the largest contributions to predictions."""

import numpy as np

from serving.model import Model
from serving.predictions import Predictions, Reasons
from serving.rejected import bad_request


def largest(model: Model, encoded: np.ndarray, predictions: Predictions, most: int) -> Reasons:
    """Return the `most` largest contributions to each of n predictions, by size, for the predicted class."""
    names = tuple(column.name for column in model.contract.input_columns)
    if not len(encoded):
        return Reasons(names, *np.zeros((2, 0, min(most, len(names))), dtype="int64"))
    found = _of_predicted_class(_contributions(model, encoded), predictions)[:, : len(names)]
    places = np.argsort(-np.abs(found), axis=1, kind="stable")[:, :most]
    return Reasons(names, places, np.take_along_axis(found, places, axis=1))


def _contributions(model: Model, encoded: np.ndarray) -> np.ndarray:
    try:
        return model.contributions(encoded)
    except ValueError as error:
        raise bad_request(f"Accept: reasons: {error}") from error


def _of_predicted_class(found: np.ndarray, predictions: Predictions) -> np.ndarray:
    """Return (n, inputs) contributions for each row's predicted class."""
    if found.ndim == 3:  # (n, classes, inputs)
        return np.asarray(found[np.arange(len(found)), predictions.best])
    if len(predictions.classes) != 2:
        return found
    return np.where(predictions.best[:, None] == 1, found, -found)
