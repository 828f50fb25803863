"""Fits the calibration of a model on the validation rows."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from tabular.calibration.file import Calibration
from tabular.calibration.threshold import choose
from tabular.contract import Contract


def calibrate(contract: Contract, rules: Mapping[str, Any], truth: np.ndarray, output: np.ndarray) -> Calibration:
    """Return the calibration by the outputs of n validation rows and the use case's `evaluation`.

    `truth` is (n,): class numbers, or floats. `output` is (n, classes) probabilities, or (n,) floats.
    """
    from tabular.calibration.conformal import fit

    costs, sets = rules.get("costs"), rules.get("prediction_sets")
    threshold = choose(truth, output[:, 1], costs) if costs and contract.task == "binary" else None
    conformal = fit(contract, truth, output, sets["coverage"]) if sets else None
    return Calibration(len(truth), threshold, conformal)
