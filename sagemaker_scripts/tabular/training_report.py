"""Prints the metrics of a training job: lines for MetricDefinitions, and why a metric is undefined."""

import math
import sys

import numpy as np

from tabular.contract import Contract
from tabular.metrics import score, undefined


def report(contract: Contract, channel: str, truth: np.ndarray, output: np.ndarray) -> None:
    """Print each metric, or why it is undefined. Ends the job when the primary metric of `validation` is undefined."""
    reasons = undefined(contract.task, truth, contract.classes)
    for name, value in score(contract.task, truth, output).items():
        if math.isfinite(value):
            print(f"{channel}:{name}={value:.6f};", flush=True)
        else:
            print(f"{channel}: {name} is undefined: {reasons.get(name, 'it is not a finite number')}", flush=True)
    if channel == "validation" and contract.primary in reasons:
        sys.exit(f"{contract.primary} of the validation rows is undefined: {reasons[contract.primary]}")
