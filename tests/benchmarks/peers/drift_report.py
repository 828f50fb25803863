"""Evidently's drift report of two Parquet files, in an environment of its own: `drift_report.py REFERENCE SCORED`.

Prints its cost as JSON. The data frames are read before the clock starts.
"""

import json
import os
import resource
import sys
import time
import warnings

os.environ["DO_NOT_TRACK"] = "1"
warnings.filterwarnings("ignore")

import pandas as pd  # noqa: E402
from evidently import DataDefinition, Dataset, Report  # noqa: E402
from evidently.presets import DataDriftPreset  # noqa: E402

reference, scored = (pd.read_parquet(path) for path in sys.argv[1:])
numbers = list(reference.select_dtypes("number"))
columns = DataDefinition(
    numerical_columns=numbers, categorical_columns=[name for name in reference if name not in numbers]
)
began, processor = time.perf_counter(), time.process_time()
Report([DataDriftPreset()]).run(Dataset.from_pandas(scored, columns), Dataset.from_pandas(reference, columns)).dict()
seconds, used = time.perf_counter() - began, time.process_time() - processor
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
print(json.dumps({"seconds": seconds, "processor_seconds": used, "peak_mb": peak}))  # noqa: T201
