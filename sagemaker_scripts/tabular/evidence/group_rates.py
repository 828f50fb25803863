"""The rates of groups of rows, and the differences and ratios between groups.

A rate is a quotient of sums over rows, so `statistics` are summed per group once for the rows themselves, and once for
each bootstrap resample. Arrays of sums are (..., groups, statistics); those of a rate are (..., groups, classes).

Differences are those of the greatest and the least group, ratios the least to the greatest, as Fairlearn defines them
(MetricFrame, `between_groups`). Equalized odds are the worse of true and false positive rate. Fairlearn's demographic
parity is here the selection rate. With more than two classes, each class against the others has rates of its own, and
the worst class counts between groups.
"""

import numpy as np

NUMBER_RATES = ("mean_prediction", "mean_error", "mae", "rmse")
"""All in the target's unit. An error is the prediction minus the true value."""
WITHOUT_RATIO = frozenset({"calibration", "mean_prediction", "mean_error"})
"""The rates that may be negative."""
ODDS = ("true_positive_rate", "false_positive_rate")


def positives(classes: int) -> tuple[int, ...]:
    """Return the class numbers that have rates: the second of two, or all of more."""
    return (1,) if classes == 2 else tuple(range(classes))


def class_statistics(truth: np.ndarray, decided: np.ndarray, output: np.ndarray) -> np.ndarray:
    """Return (n, statistics) of (n,) class numbers and (n, classes) probabilities."""
    columns = [np.ones(len(truth)), truth == decided]
    for number in positives(output.shape[1]):
        true, chosen = truth == number, decided == number
        columns += [true, chosen, true & chosen, output[:, number]]
    return np.stack(columns, axis=1).astype("float64")


def number_statistics(truth: np.ndarray, output: np.ndarray) -> np.ndarray:
    """Return (n, statistics) of (n,) true values and (n,) predictions."""
    error = output - truth
    return np.stack([np.ones(len(truth)), output, error, np.abs(error), error**2], axis=1)


def class_rates(sums: np.ndarray) -> dict[str, np.ndarray]:
    """Return the (..., groups, classes) rates by name. One without rows to judge by is NaN.

    `calibration` is the mean probability minus the observed share: 0 for a calibrated model.
    """
    rows, correct = sums[..., [0]], sums[..., [1]]
    true, chosen, both, expected = (sums[..., 2 + place :: 4] for place in range(4))
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "selection_rate": chosen / rows,
            "true_positive_rate": both / true,
            "false_positive_rate": (chosen - both) / (rows - true),
            "accuracy": correct / rows,
            "calibration": (expected - true) / rows,
        }


def number_rates(sums: np.ndarray) -> dict[str, np.ndarray]:
    """Return the (..., groups, 1) rates by name. One without rows is NaN."""
    with np.errstate(divide="ignore", invalid="ignore"):
        means = sums[..., 1:] / sums[..., [0]]
    found = {name: means[..., [place]] for place, name in enumerate(NUMBER_RATES)}
    return {**found, "rmse": np.sqrt(found["rmse"])}


def between(rates: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the (...,) differences and ratios between groups by name: NaN where fewer than two groups have a rate."""
    found = {f"{name}_difference": _difference(rates[name]) for name in rates}
    found |= {f"{name}_ratio": _ratio(rates[name]) for name in rates if name not in WITHOUT_RATIO}
    if set(ODDS) <= rates.keys():
        found["equalized_odds_difference"] = np.fmax(*(found[f"{name}_difference"] for name in ODDS))
        found["equalized_odds_ratio"] = np.fmin(*(found[f"{name}_ratio"] for name in ODDS))
    return found


def _extremes(rate: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the (..., classes) least and greatest of the groups, NaN where fewer than two have the rate."""
    enough = (~np.isnan(rate)).sum(axis=-2) > 1
    least, greatest = np.fmin.reduce(rate, axis=-2), np.fmax.reduce(rate, axis=-2)
    return np.where(enough, least, np.nan), np.where(enough, greatest, np.nan)


def _difference(rate: np.ndarray) -> np.ndarray:
    least, greatest = _extremes(rate)
    return np.asarray(np.fmax.reduce(greatest - least, axis=-1))


def _ratio(rate: np.ndarray) -> np.ndarray:
    least, greatest = _extremes(rate)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.fmin.reduce(least / greatest, axis=-1))
