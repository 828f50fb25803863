"""Collects live traffic: reads the capture files that are new, hour by hour, in parallel processes."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial

from config.use_case import UseCase
from tasks.profiles.processes import results, usable_cores
from tasks.progress import log
from tasks.references.monitoring import TrafficCounts
from tasks.sagemaker.data_capture import captures
from tasks.traffic import capture_files, hours, stored_predictions, watermark
from tasks.traffic.capture_files import HourFiles
from tasks.traffic.hours import READERS
from tasks.traffic.increments import Increment
from tasks.traffic.reading import HourReader

IN_ONE_PROCESS_BYTES = 32 << 20
"""The size of new files up to which a second process takes longer to start than it saves."""


def collect(use_case: UseCase, now: datetime, processes: int | None = None) -> TrafficCounts:
    """Read what is new since the last run, profile it, store its scored rows, and return what was counted in it.

    Running again changes nothing: an hour's document names the files that it has. Each process has one batch of rows
    in memory. Without data capture the traffic is what `predict` stored.

    Raises ProcessFailed when a process is killed, and VishwaOpsError when other runs replace an hour again and again.
    """
    first_hour = watermark.first_hour(use_case, now)
    lister = capture_files.by_hour if captures(use_case) else stored_predictions.by_hour
    new = _new(use_case, lister(use_case, first_hour))
    total = TrafficCounts()
    for counts in _read(use_case, new, now, processes):
        total += counts
    watermark.move(use_case, now)
    log.info(
        "monitor   %s new file(s): %s rows scored, %s refused, %s line(s) unreadable",
        *(f"{each:,}" for each in (total.files, total.rows, total.refused_rows, total.corrupt)),
    )
    return total


def _new(use_case: UseCase, found: Sequence[HourFiles]) -> list[HourFiles]:
    """The hours with files that their documents do not have."""
    with ThreadPoolExecutor(READERS) as pool:
        stored = list(pool.map(lambda files: hours.find(use_case.name, files.key)[0], found))
    return [
        files
        for files, hour in zip(found, stored, strict=True)
        if not set(files.names) <= set(hour.files if hour else ())
    ]


def _read(use_case: UseCase, new: Sequence[HourFiles], now: datetime, processes: int | None) -> Iterable[TrafficCounts]:
    if processes is None and sum(files.size for files in new) < IN_ONE_PROCESS_BYTES:
        processes = 1
    if min(processes or usable_cores(), len(new)) < 2:
        return (read_hour(use_case, now, files) for files in new)
    content = use_case.model_dump_json()
    return results([partial(_read_in_process, content, now, files) for files in new], processes)


def _read_in_process(use_case: str, now: datetime, files: HourFiles) -> TrafficCounts:
    return read_hour(UseCase.model_validate_json(use_case), now, files)


def read_hour(use_case: UseCase, now: datetime, files: HourFiles) -> TrafficCounts:
    """Read the new files of one hour."""
    kind: Callable[..., Increment | stored_predictions.PredictionRows]
    kind = Increment if captures(use_case) else stored_predictions.PredictionRows
    return HourReader(use_case, files.key, files.version, partial(kind, use_case)).read(files.names, now)
