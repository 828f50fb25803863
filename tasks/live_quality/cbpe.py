"""Confidence-based performance estimation (CBPE) of a classification, before the true classes are known.

A row whose calibrated probability of class j is p counts p rows whose true class is j. So each row is repeated once for
each class with that weight, and the metrics of the repeated rows are the expected ones: the expected confusion matrix
is a sum of probabilities (NannyML's documentation, "Confidence-based Performance Estimation"; Guillory et al. 2021 use
the mean confidence in the same way). Precision, accuracy, log_loss and brier are expectations; recall, f1 and the areas
are quotients of expectations.

The interval has the metrics that were drawn: the true classes from their probabilities, and the calibrators by a
bootstrap of the held-out rows. It is where the measured metric of the same rows is expected.
"""

from collections.abc import Mapping

import numpy as np

from tabular.metrics import OF_RANKS
from tabular.weighted_metrics import WeightedMetrics, weighted_metrics
from tasks.live_quality.calibrators import Calibrator, calibrated
from tasks.live_quality.figures import Estimated, with_intervals

DRAWS = 200
_LARGEST_SUM = 2**29
"""The most that the weights of ranked rows add up to: twice that fits in 32 bits."""
_FINEST = 2**20
_CELLS = 2_000_000
"""The most weights in memory."""


def estimates(
    output: np.ndarray,
    decided: np.ndarray,
    calibrators: Mapping[int, Calibrator],
    level: float = 0.95,
    draws: int = DRAWS,
) -> dict[str, Estimated]:
    """Return the expected metrics of n rows by name, each with its interval.

    `output` is (n, classes) probabilities, `decided` the (n,) class numbers that the model decides on. A metric that is
    undefined, such as roc_auc where no row may be of a class, is left out. Equal rows give equal figures.
    """
    metrics = _repeated(output, decided)
    expected = _expected(metrics, calibrated(output, calibrators))
    random = np.random.default_rng(len(output))
    parts = [
        metrics.of(_drawn(output, calibrators, random, count))
        for count in _chunks(draws, max(_CELLS // output.size, 1))
    ]
    found = {name: np.concatenate([part[name] for part in parts]) for name in expected}
    return with_intervals(expected, found, level)


def _repeated(output: np.ndarray, decided: np.ndarray) -> WeightedMetrics:
    """The metrics of n · classes rows: each row with each class as its true one, row by row."""
    rows, classes = output.shape
    truth = np.tile(np.arange(classes), rows)
    task = "binary" if classes == 2 else "multiclass"
    return weighted_metrics(task, truth, np.repeat(output, classes, axis=0), np.repeat(decided, classes))


def _expected(metrics: WeightedMetrics, probabilities: np.ndarray) -> dict[str, float]:
    """Weigh by the probabilities; for the ranks, by whole numbers in proportion to them."""
    scale = min(_FINEST, max(_LARGEST_SUM // len(probabilities), 1))
    whole = np.rint(probabilities.reshape(1, -1) * scale).astype("int32")
    found = {name: float(values[0]) for name, values in metrics.of(whole).items()}
    return {name: found[name] for name in found if name not in OF_RANKS or whole.any()}


def _drawn(
    output: np.ndarray, calibrators: Mapping[int, Calibrator], random: np.random.Generator, count: int
) -> np.ndarray:
    """Return (count, n · classes) weights: 1 for the drawn class of each row. Each draw has calibrators of its own."""
    rows, classes = output.shape
    found = np.zeros((count, rows, classes), "uint8")
    for place in range(count):
        redrawn = {number: each.drawn(random) for number, each in calibrators.items()}
        borders = np.cumsum(calibrated(output, redrawn), axis=1)[:, :-1]
        true = (random.random((rows, 1)) > borders).sum(axis=1)
        found[place, np.arange(rows), true] = 1
    return found.reshape(count, -1)


def _chunks(total: int, most: int) -> list[int]:
    return [min(most, total - begin) for begin in range(0, total, most)]
