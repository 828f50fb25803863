"""A year of hourly profiles of 30 features: read from files, merged by day, compared with a reference, merged again.

The hours are as many generated files, read again and again until there are 8,760.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa

from tasks.profiles import compact, merging
from tasks.profiles.drift import compare
from tasks.profiles.sketches import profile
from tasks.profiles.stored_profiles import NumberProfile, Profile
from tests.benchmarks.drift import LIMITS
from tests.benchmarks.figures import Figure
from tests.benchmarks.measured import measure, median
from tests.benchmarks.profiling_rows import FEATURES_OF_AN_HOUR, table

HOURS, DAYS, GENERATED_DAYS = 24, 365, 10
LEAST_ROWS, MOST_ROWS = 100, 4_000
"""Rows of an hour. At night there are few."""
LIMIT_SECONDS = 8
"""Drawing has the other 2 of 10 s."""
YEAR = "year"


def figures() -> Iterator[Figure]:
    """The time of a year, and what the coarser bins of an hour do to the PSI of a day."""
    with TemporaryDirectory(prefix="vishwaops-bench-") as folder:
        days = [_day(seed, 0.05 * seed) for seed in range(GENERATED_DAYS)]
        exact = [_profile(day) for day in days]
        contents = [[compact.to_bytes(_profile([hour])) for hour in day] for day in days]
        for place, content in enumerate(content for day in contents for content in day):
            Path(folder, f"{place:03}.bin").write_bytes(content)
        reference = _profile(_day(99, 0.0))
        Path(folder, "reference.json").write_text(reference.model_dump_json())
        found = median([measure(__name__, YEAR, folder, environment={}) for _ in range(3)])
    what = "8,760 hourly profiles of 30 features read and merged, 365 days compared with the reference"
    seconds = found.seconds
    yield Figure(what, "a limit", seconds, LIMIT_SECONDS, "s", f"below {LIMIT_SECONDS} s", seconds < LIMIT_SECONDS)
    size = sum(len(content) for day in contents for content in day) / (HOURS * GENERATED_DAYS) / 1e3
    stored = sum(len(each.model_dump_json()) for each in exact) / GENERATED_DAYS / 1e3
    yield Figure("a stored hour of 30 features", "profile.json of a day", size, stored, "kB", "-", holds=True)
    changes = [
        abs(one - other)
        for day, full in zip(contents, exact, strict=True)
        for one, other in zip(_psis(reference, compact.merged(day)), _psis(reference, full), strict=True)
    ]
    for name, change in (("mean", float(np.mean(changes))), ("largest", max(changes))):
        what = f"PSI of a day of merged hours, {name} difference from the PSI of the rows"
        yield Figure(what, "psi_warning", change, 0.1, "", "below 0.03", change < 0.03)


def _day(seed: int, shift: float) -> list[pa.Table]:
    chance = np.random.default_rng([7, seed])
    busy = (1 + np.sin(np.arange(HOURS) / HOURS * 2 * np.pi)) / 2
    rows = (LEAST_ROWS + busy * (MOST_ROWS - LEAST_ROWS)).astype(int)
    return [table(chance, count, shift) for count in rows.tolist()]


def _profile(hours: list[pa.Table]) -> Profile:
    return profile((batch for hour in hours for batch in hour.to_batches()), FEATURES_OF_AN_HOUR).summary()


def _psis(reference: Profile, scored: Profile) -> list[float]:
    """The PSI of the distribution of each number."""
    return [
        change.psi
        for name, column in reference.columns.items()
        if isinstance(column, NumberProfile)
        for change in compare(column, scored.columns[name]).changes
        if change.kind == "distribution"
    ]


def _year(folder: str) -> Callable[[], object]:
    from tasks.profiles.verdicts import feature_drifts

    files = islice(cycle(sorted(Path(folder).glob("*.bin"))), HOURS * DAYS)
    reference = Profile.model_validate_json(Path(folder, "reference.json").read_text())
    feature_drifts(LIMITS, reference, reference)  # imports SciPy

    def work() -> None:
        days = [compact.merged([file.read_bytes() for file in islice(files, HOURS)]) for _ in range(DAYS)]
        for day in days:
            feature_drifts(LIMITS, reference, day)
        assert merging.merged(days).rows == sum(day.rows for day in days)

    return work


WORKS: dict[str, Callable[[str], Callable[[], object]]] = {YEAR: _year}
