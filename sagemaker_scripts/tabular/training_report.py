"""The metrics of a training job: lines for MetricDefinitions, why a metric is undefined, and `metrics.json`."""

import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from tabular.contract import Contract
from tabular.metrics import score, undefined

FILE = "metrics.json"
"""The metrics in the job's output data, which SageMaker stores as output.tar.gz beside model.tar.gz."""


def report(
    contract: Contract, channel: str, truth: np.ndarray, output: np.ndarray, decided: np.ndarray | None = None
) -> dict[str, float]:
    """Print each metric, or why it is undefined, and return the defined ones as `<channel>:<metric>`.

    Ends the job when the primary metric of `validation` is undefined.
    """
    reasons, found = undefined(contract.task, truth, contract.classes), {}
    for name, value in score(contract.task, truth, output, decided).items():
        if math.isfinite(value):
            print(f"{channel}:{name}={value:.6f};", flush=True)
            found[f"{channel}:{name}"] = value
        else:
            print(f"{channel}: {name} is undefined: {reasons.get(name, 'it is not a finite number')}", flush=True)
    if channel == "validation" and contract.primary in reasons:
        sys.exit(f"{contract.primary} of the validation rows is undefined: {reasons[contract.primary]}")
    return found


def write_metrics(folder: Path, metrics: Mapping[str, float]) -> None:
    """Write the metrics by name to FILE in `folder`. An undefined metric is absent."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text(json.dumps(metrics, allow_nan=False), encoding="utf-8")
