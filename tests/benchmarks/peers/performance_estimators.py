"""Estimated performance by NannyML with its defaults, in an environment of its own: `performance_estimators.py FOLDER`.

FOLDER has case-<number>.json with the task and the classes, case-<number>-reference.parquet, and
case-<number>-live-<number>.parquet. Prints, by case, the estimated metrics of each live frame.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any

os.environ |= {"NML_DISABLE_USAGE_LOGGING": "1", "DO_NOT_TRACK": "1"}
warnings.filterwarnings("ignore")

import nannyml  # noqa: E402
import pandas as pd  # noqa: E402

NAMES = {"average_precision": "pr_auc"}
"""The metrics that have another name here."""
BINARY = ["accuracy", "precision", "recall", "f1", "roc_auc", "average_precision"]
MULTICLASS = ["accuracy", "precision", "recall", "f1", "roc_auc"]
REGRESSION = ["mae", "rmse", "mape"]


def estimator(task: str, columns: list[str]) -> Any:
    """CBPE of classes, or DLE of a regression."""
    if task == "regression":
        features = [name for name in columns if name.startswith("feature_")]
        return nannyml.DLE(feature_column_names=features, y_pred="predicted", y_true="truth", metrics=REGRESSION)
    probabilities = {name.removeprefix("probability_"): name for name in columns if name.startswith("probability_")}
    return nannyml.CBPE(
        metrics=BINARY if task == "binary" else MULTICLASS,
        y_pred_proba="probability_1" if task == "binary" else probabilities,
        y_true="truth",
        y_pred="predicted",
        problem_type=f"classification_{task}",
    )


def estimates(task: str, fitted: Any, live: pd.DataFrame) -> dict[str, float]:
    """The estimated metrics of one frame, as one chunk."""
    fitted.chunker = nannyml.chunk.SizeBasedChunker(chunk_size=len(live))
    found = fitted.estimate(live).filter(period="analysis").to_df()
    names = {"regression": REGRESSION, "binary": BINARY}.get(task, MULTICLASS)
    value = "value"
    return {NAMES.get(name, name): float(found[(name, value)].iloc[0]) for name in names}


def main(folder: Path) -> None:
    """Print the estimates as JSON."""
    found = []
    for path in sorted(folder.glob("case-[0-9][0-9].json")):
        task = json.loads(path.read_text())["task"]
        reference = pd.read_parquet(folder / f"{path.stem}-reference.parquet")
        fitted = estimator(task, list(reference)).fit(reference)
        live = sorted(folder.glob(f"{path.stem}-live-*.parquet"))
        found.append([estimates(task, fitted, pd.read_parquet(each)) for each in live])
        print(path.stem, len(live), file=sys.stderr, flush=True)  # noqa: T201
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
