"""Estimated performance before truth, compared with the truth, on public panels in the order of their years.

Beside it are NannyML's estimators on the same samples, in an environment of their own (`make bench` installs it), the
accuracy by average thresholded confidence (ATC, Garg et al. 2022) and by the difference of confidences (DoC, Guillory
et al. 2021), and the expectation that nothing has changed since the training. The samples are the same in each run.
"""

from __future__ import annotations

import json
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from tabular.contract import Contract
from tabular.evidence.calibration import evidence
from tabular.evidence.judged import JudgedRows
from tabular.evidence.points import points
from tabular.metrics import score
from tasks.live_quality import cbpe, residuals
from tasks.live_quality.calibrators import calibrators_of
from tasks.live_quality.figures import Estimated
from tests.benchmarks import estimates_table
from tests.benchmarks.estimates_samples import MODELS, PANELS, Panel, Sample, samples
from tests.benchmarks.estimates_table import ATC, DOC, NANNYML, OURS, UNCHANGED
from tests.benchmarks.figures import Figure

ESTIMATORS = Path(__file__).parent / "peers" / "performance_estimators.py"
PYTHON = Path(__file__).parents[2] / ".vishwaops" / "drift-env" / "bin" / "python"
METRICS = {
    "binary": ("accuracy", "precision", "recall", "f1", "roc_auc", "pr_auc", "log_loss", "brier"),
    "multiclass": ("accuracy", "f1", "roc_auc", "log_loss", "brier"),
    "regression": ("mae", "rmse", "r2", "mape"),
}
SHOWN = ("accuracy", "f1", "roc_auc", "mae")
LEVEL = 0.95

Case = tuple[Panel, str, Sample, list[Sample]]
Errors = dict[tuple[str, str, str], dict[str, list[float]]]
"""By panel, part and metric: the errors of each estimator, whether our interval has the truth, the trained metric."""


def figures() -> Iterator[Figure]:
    """The mean error of the estimates over the panels, as a share of the metric at training; each is in the table.

    That nothing has changed is for comparison: on panels of the same people and places it is hard to beat.
    """
    cells = list(_cells(_errors(_cases())))
    estimates_table.keep(cells)
    for part, metric in product(estimates_table.PARTS, SHOWN):
        chosen = [cell for cell in cells if (cell["part"], cell["metric"]) == (part, metric)]
        ours, theirs, unchanged = (_mean_share(chosen, name) for name in (OURS, NANNYML, UNCHANGED))
        what = f"error of the estimated {metric} of {part}, mean of {len(chosen)} panels"
        yield Figure(what, NANNYML, ours, theirs, "%", "no larger", ours <= theirs)
        yield Figure(what, UNCHANGED, ours, unchanged, "%", "for comparison", holds=True)


def _mean_share(cells: Sequence[Mapping[str, Any]], name: str) -> float:
    return 100 * float(np.mean([cell[name] / cell["trained"] for cell in cells]))


def _cases() -> list[Case]:
    return [(panel, model, *samples(panel, model)) for panel in PANELS for model in MODELS]


def _errors(cases: Sequence[Case]) -> Errors:
    found: Errors = defaultdict(lambda: defaultdict(list))
    for (panel, _, held_out, live), peers in zip(cases, _nannyml(cases), strict=True):
        estimate = _estimator(panel, held_out)
        before = score(panel.task, held_out.truth, held_out.output)
        for sample, theirs in zip(live, peers, strict=True):
            measured, ours = score(panel.task, sample.truth, sample.output), estimate(sample)
            guesses = {UNCHANGED: before, NANNYML: theirs, **_of_confidence(panel, held_out, sample)}
            part = estimates_table.PARTS[bool(sample.group)]
            for metric in METRICS[panel.task]:
                errors = found[panel.name, part, metric]
                errors[OURS].append(abs(ours[metric].value - measured[metric]))
                errors["within"].append(ours[metric].covers(measured[metric]))
                errors["trained"].append(before[metric])
                for name, guess in guesses.items():
                    if metric in guess:
                        errors[name].append(abs(guess[metric] - measured[metric]))
    return found


def _cells(errors: Errors) -> Iterator[dict[str, Any]]:
    for (panel, part, metric), found in errors.items():
        means = {name: round(float(np.mean(values)), 4) for name, values in found.items()}
        yield {"panel": panel, "part": part, "metric": metric, "samples": len(found[OURS]), **means}


def _judged(panel: Panel, sample: Sample) -> JudgedRows:
    classes = () if panel.task == "regression" else tuple(map(str, range(sample.output.shape[1])))
    return JudgedRows(Contract("c", panel.task, "t", classes, "", (), 1), sample.truth, sample.output, {})


def _estimator(panel: Panel, held_out: Sample) -> Any:
    """Return the function from a sample to our estimates, by the evidence that an evaluation stores."""
    judged = _judged(panel, held_out)
    if panel.task == "regression":
        stored = points(judged)
        learned = residuals.Residuals.of(np.asarray(stored["truth"]), np.asarray(stored["predicted"]))
        return lambda sample: residuals.estimates(sample.output, learned, LEVEL)
    calibrators = calibrators_of({"calibration": evidence(judged)}, judged.contract.classes)

    def estimate(sample: Sample) -> dict[str, Estimated]:
        return cbpe.estimates(sample.output, sample.output.argmax(axis=1), calibrators, LEVEL)

    return estimate


def _of_confidence(panel: Panel, held_out: Sample, live: Sample) -> Mapping[str, Mapping[str, float]]:
    """The accuracy by ATC, with the maximum confidence, and by DoC."""
    if panel.task == "regression":
        return {}
    known, new = held_out.output.max(axis=1), live.output.max(axis=1)
    accuracy = float((held_out.output.argmax(axis=1) == held_out.truth).mean())
    threshold = np.quantile(known, 1 - accuracy)
    doc = accuracy + float(new.mean() - known.mean())
    return {ATC: {"accuracy": float((new > threshold).mean())}, DOC: {"accuracy": doc}}


def _nannyml(cases: Sequence[Case]) -> list[list[dict[str, float]]]:
    """NannyML's estimates of each case's samples, in one process."""
    with TemporaryDirectory(prefix="vishwaops-estimates-") as folder:
        for number, (panel, _, held_out, live) in enumerate(cases):
            stem = Path(folder) / f"case-{number:02}"
            stem.with_suffix(".json").write_text(json.dumps({"task": panel.task}))
            _frame(panel, held_out).to_parquet(f"{stem}-reference.parquet")
            for place, sample in enumerate(live):
                _frame(panel, sample).drop(columns="truth").to_parquet(f"{stem}-live-{place:03}.parquet")
        done = subprocess.run([PYTHON, ESTIMATORS, folder], stdout=subprocess.PIPE, check=True, text=True)
    found: list[list[dict[str, float]]] = json.loads(done.stdout.splitlines()[-1])
    return found


def _frame(panel: Panel, sample: Sample) -> pd.DataFrame:
    found = pd.DataFrame({f"feature_{place}": column for place, column in enumerate(sample.features.T)})
    if panel.task == "regression":
        return found.assign(truth=sample.truth, predicted=sample.output)
    names = {"binary": int, "multiclass": str}[panel.task]
    for number, column in enumerate(sample.output.T):
        found[f"probability_{number}"] = column
    return found.assign(truth=sample.truth.astype(names), predicted=sample.output.argmax(axis=1).astype(names))
