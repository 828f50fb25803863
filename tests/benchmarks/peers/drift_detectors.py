"""Drift by Evidently and NannyML with their defaults, in an environment of their own: `drift_detectors.py FOLDER`.

FOLDER has pairs reference-*.parquet and scored-*.parquet. Prints, for each detector, the share of
the columns with an alarm, by pair.
"""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from pathlib import Path

os.environ |= {"NML_DISABLE_USAGE_LOGGING": "1", "DO_NOT_TRACK": "1"}
warnings.filterwarnings("ignore")

import nannyml  # noqa: E402
import pandas as pd  # noqa: E402
from evidently import DataDefinition, Dataset, Report  # noqa: E402
from evidently.presets import DataDriftPreset  # noqa: E402


def evidently(reference: pd.DataFrame, scored: pd.DataFrame) -> list[str]:
    """The columns that Evidently's data drift preset finds drifted."""
    numbers = list(reference.select_dtypes("number"))
    others = [name for name in reference if name not in numbers]
    columns = DataDefinition(numerical_columns=numbers, categorical_columns=others)
    report = Report([DataDriftPreset()])
    done = report.run(Dataset.from_pandas(scored, columns), Dataset.from_pandas(reference, columns)).dict()
    drifted = []
    for metric in done["metrics"]:
        config = metric["config"]
        if config["type"].endswith(":ValueDrift"):
            below = metric["value"] < config["threshold"]
            if below == ("p_value" in config["method"]):
                drifted.append(config["column"])
    return drifted


def nannyml_alerts(reference: pd.DataFrame, scored: pd.DataFrame) -> list[str]:
    """The columns that NannyML's univariate drift calculator alerts for: the scored rows are one chunk."""
    calculator = nannyml.UnivariateDriftCalculator(column_names=list(reference), chunk_size=len(scored))
    found = calculator.fit(reference).calculate(scored).filter(period="analysis").to_df()
    return [name for name in reference if bool(found[(name, "jensen_shannon", "alert")].any())]


def main(folder: Path) -> None:
    """Print the shares as JSON."""
    shares: dict[str, list[float]] = {"Evidently": [], "NannyML": []}
    for path in sorted(folder.glob("reference-*.parquet")):
        reference = pd.read_parquet(path)
        scored = pd.read_parquet(path.with_name(path.name.replace("reference", "scored")))
        for name, detector in (("Evidently", evidently), ("NannyML", nannyml_alerts)):
            shares[name].append(len(detector(reference, scored)) / reference.shape[1])
            print(path.stem, name, shares[name][-1], time.process_time(), file=sys.stderr, flush=True)  # noqa: T201
    print(json.dumps(shares))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
