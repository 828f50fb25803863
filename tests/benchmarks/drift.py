"""Drift: false alarms over resamples of one population, and detection of planted shifts, beside other detectors.

Evidently and NannyML run with their defaults on the same samples, in an environment of their own (`make bench` installs
it). An alarm is a warning or drift of ours, and an alarm of theirs. The samples are the same in each run.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from config.monitoring import Monitoring
from tasks.profiles.drift import Comparison, compare
from tasks.profiles.sketches import profile
from tasks.profiles.verdicts import judge
from tests.benchmarks import drift_table
from tests.benchmarks.drift_samples import KINDS, pair
from tests.benchmarks.figures import Figure

DETECTORS = Path(__file__).parent / "peers" / "drift_detectors.py"
PYTHON = Path(__file__).parents[2] / ".vishwaops" / "drift-env" / "bin" / "python"
SIZES = ((600, 200), (10_000, 2_000))
"""Reference rows and scored rows. Evidently has other defaults from 1,000 reference rows."""
LIMITS = Monitoring(psi_warning=0.1, psi_drift=0.25, minimum_rows=1)
RESAMPLES, SHIFTED = 1_000, 200
PEERS_RESAMPLES = 50
"""The peers take the first of the resamples: Evidently takes many times as long."""
FEATURES, RUNS = 36, 1_000
"""Features of one run, equally many of each kind, and runs."""

Rates = dict[str, float]
Case = tuple[str, tuple[int, int], str, float]
"""Kind, sizes, and a shift with its name."""


def figures() -> Iterator[Figure]:
    """The false alarms of each kind; every rate is in the table."""
    cells = [_cell(case, rates) for case, rates in _rates().items()]
    drift_table.keep(cells)
    for cell in cells:
        if cell["shift"] == drift_table.NONE:
            what = f"false alarms, {cell['kind']}, {cell['reference']:,} and {cell['scored']:,} rows"
            for peer in drift_table.PEERS:
                ours = 100 * cell["VishwaOps"]
                yield Figure(what, peer, ours, 100 * cell[peer], "%", "at most 1 %", ours <= 1)
    alarms = 100 * float(np.mean([_run_alarms(SIZES[0], run) for run in range(RUNS)]))
    what = f"runs with a false alarm, {FEATURES} features, {SIZES[0][0]:,} and {SIZES[0][1]:,} rows"
    yield Figure(what, "the goal", alarms, 1, "%", "at most 1 %", alarms <= 1)


def _cell(case: Case, rates: Rates) -> dict[str, Any]:
    kind, (reference, scored), shift, _ = case
    return {"kind": kind, "shift": shift, "reference": reference, "scored": scored, **rates}


def cases() -> list[Case]:
    """Each kind without a shift and with each of its shifts, in each size."""
    return [
        (kind, sizes, name, shift)
        for sizes in SIZES
        for kind, each in KINDS.items()
        for name, shift in {drift_table.NONE: 0.0, **each.shifts}.items()
    ]


def _rates() -> dict[Case, Rates]:
    """The share of the resamples with an alarm, of each detector."""
    found = _peers_rates()
    for case in found:
        kind, sizes, _, shift = case
        count = SHIFTED if shift else RESAMPLES
        alarms = [_alarm({"x": _compared(kind, *pair(kind, sizes, shift, place))}) for place in range(count)]
        found[case]["VishwaOps"] = float(np.mean(alarms))
        print(f"  {case}: {found[case]}", flush=True)  # noqa: T201
    return found


def _peers_rates() -> dict[Case, Rates]:
    """The peers' rates: a frame for each case, with a column for each resample, in one process."""
    with TemporaryDirectory(prefix="vishwaops-drift-") as folder:
        for number, (kind, sizes, _, shift) in enumerate(cases()):
            pairs = [pair(kind, sizes, shift, place) for place in range(PEERS_RESAMPLES)]
            for side, part in enumerate(("reference", "scored")):
                columns = {f"{place}": pa.array(each[side]) for place, each in enumerate(pairs)}
                pq.write_table(pa.table(columns), f"{folder}/{part}-{number:03}.parquet")
        done = subprocess.run([PYTHON, DETECTORS, folder], stdout=subprocess.PIPE, check=True, text=True)
    shares = json.loads(done.stdout.splitlines()[-1])
    return {case: {peer: shares[peer][place] for peer in drift_table.PEERS} for place, case in enumerate(cases())}


def _compared(kind: str, reference: np.ndarray, scored: np.ndarray) -> Comparison:
    columns = {"x": KINDS[kind].type}
    before, after = (
        profile([pa.record_batch({"x": pa.array(rows)})], columns).summary().columns["x"]
        for rows in (reference, scored)
    )
    return compare(before, after)


def _alarm(comparisons: Mapping[str, Comparison]) -> bool:
    return any(drift.verdict != "stable" for drift in judge(LIMITS, comparisons))


def _run_alarms(sizes: tuple[int, int], run: int) -> bool:
    """Whether a run without drift has an alarm of any feature."""
    each = FEATURES // len(KINDS)
    places = range(RESAMPLES + run * each, RESAMPLES + (run + 1) * each)
    return _alarm(
        {f"{kind} {place}": _compared(kind, *pair(kind, sizes, 0, place)) for kind in KINDS for place in places}
    )
