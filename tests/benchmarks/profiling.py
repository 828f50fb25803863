"""Profiles: 35 features of stored rows profiled and compared with a reference, and a year of hourly profiles.

Each work runs in a process of its own, with the libraries imported before the clock starts. The peers also have their
data frames before it; ours reads Parquet. Peak memory is that of the largest process.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks import profiling_year
from tests.benchmarks.drift import LIMITS
from tests.benchmarks.figures import Figure
from tests.benchmarks.measured import Measured, measure, median
from tests.benchmarks.profiling_rows import FEATURES, write_rows

DETECTORS = Path(__file__).parent / "peers" / "drift_report.py"
PYTHON = Path(__file__).parents[2] / ".vishwaops" / "drift-env" / "bin" / "python"
MILLION = 1_000_000
SIZES = (MILLION, 5 * MILLION)
"""The peers profile the first size only: at the second one they take minutes and many GB."""
TIMES = 3
ONE, TWO, WHYLOGS, EVIDENTLY = "one core", "two cores", "why.log", "Evidently"
SHIFT = 0.3


def figures() -> Iterator[Figure]:
    """Measure at each size, then a year of hours."""
    with TemporaryDirectory(prefix="vishwaops-bench-") as folder:
        reference = write_rows(Path(folder) / "reference.parquet", MILLION, seed=1)
        _write_profile(reference)
        found = {rows: _measured(reference, rows) for rows in SIZES}
    yield from _beside_peers(found[MILLION])
    yield from _at_5_million(found[MILLION], found[SIZES[-1]])
    yield from profiling_year.figures()


def _write_profile(reference: Path) -> None:
    from tasks.profiles.parallel import profile_parquet

    content = profile_parquet(reference, FEATURES).summary().model_dump_json()
    reference.with_suffix(".json").write_text(content)


def _measured(reference: Path, rows: int) -> dict[str, Measured]:
    """The median cost of each work. The works take turns, so that a busy machine slows all of them."""
    scored = write_rows(reference.with_name("scored.parquet"), rows, seed=2, shift=SHIFT)
    paths = str(reference), str(scored)
    runs: dict[str, list[Measured]] = {}
    for turn in range(TIMES if rows == MILLION else 1):
        for name in WORKS if rows == MILLION else (ONE, TWO):
            runs.setdefault(name, []).append(measure(__name__, name, *paths, environment={}))
        if rows == MILLION and not turn:
            runs[EVIDENTLY] = [_evidently(*paths)]
    return {name: median(each) for name, each in runs.items()}


def _evidently(*paths: str) -> Measured:
    done = subprocess.run([PYTHON, DETECTORS, *paths], stdout=subprocess.PIPE, check=True, text=True)
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def _beside_peers(found: Mapping[str, Measured]) -> Iterator[Figure]:
    what = "profile 1 million rows of 35 features, and compare with the reference"
    one, two, whole, report = (found[name] for name in (ONE, TWO, WHYLOGS, EVIDENTLY))
    for name, ours, times in ((ONE, one, 3.5), (TWO, two, 6)):
        holds = whole.seconds >= times * ours.seconds
        beside = "why.log of the frame, without a comparison"
        yield Figure(f"{what}, {name}", beside, ours.seconds, whole.seconds, "s", f"{times} times as fast", holds)
    for name, ours in ((ONE, one), (TWO, two)):
        goal, holds = ("12 times as fast", report.seconds >= 12 * ours.seconds) if ours is two else ("-", True)
        beside = "Evidently DataDriftPreset (1 run)"
        yield Figure(f"{what}, {name}", beside, ours.seconds, report.seconds, "s", goal, holds)
    for name, ours in ((ONE, one), (TWO, two)):
        for beside, peer in (("why.log of the frame", whole), ("Evidently DataDriftPreset", report)):
            memory = f"profile 1 million rows, peak memory of a process, {name}"
            holds = 3 * ours.peak_mb <= peer.peak_mb
            yield Figure(memory, beside, ours.peak_mb, peer.peak_mb, "MB", "a third", holds)


def _at_5_million(before: Mapping[str, Measured], after: Mapping[str, Measured]) -> Iterator[Figure]:
    for name in (ONE, TWO):
        ours, smaller = after[name], before[name]
        what = f"profile 5 million rows, {name}"
        yield Figure(what, "1 million rows", ours.seconds, smaller.seconds, "s", "-", holds=True)
        holds = ours.peak_mb <= 1.05 * smaller.peak_mb
        beside = "1 million rows"
        yield Figure(f"{what}, peak memory", beside, ours.peak_mb, smaller.peak_mb, "MB", "no more (5 %)", holds)


def _one_core(reference: str, scored: str) -> Callable[[], object]:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    return _vishwaops(reference, scored, 1)


def _two_cores(reference: str, scored: str) -> Callable[[], object]:
    return _vishwaops(reference, scored, 2)


def _vishwaops(reference: str, scored: str, processes: int) -> Callable[[], object]:
    from tasks.profiles.parallel import profile_parquet
    from tasks.profiles.stored_profiles import Profile
    from tasks.profiles.verdicts import feature_drifts

    def work() -> None:
        before = Profile.model_validate_json(Path(reference).with_suffix(".json").read_text())
        after = profile_parquet(Path(scored), FEATURES, processes).summary()
        drifts = feature_drifts(LIMITS, before, after)
        assert {drift.verdict for drift in drifts} >= {"stable", "warning"}

    return work


def _whylogs(_: str, scored: str) -> Callable[[], object]:
    import pandas as pd

    from tasks.profiles import whylogs_views

    assert whylogs_views  # prepares NumPy for whylogs
    import whylogs

    frame = pd.read_parquet(scored)
    return lambda: whylogs.log(frame).view()


WORKS: dict[str, Callable[[str, str], Callable[[], object]]] = {ONE: _one_core, TWO: _two_cores, WHYLOGS: _whylogs}
