"""Kills the consumer of a stream at random, and compares the rows that landed with the records that were sent."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from operator import le
from pathlib import Path

import boto3
import yaml

from config import settings
from tasks.landing.reading import opened
from tasks.landing.versions import latest, reference, versions
from tests.kafka_brokers import running_brokers
from tests.kinesis_server import Kinesis, RealClock
from tests.patience import PATIENCE, until
from tests.resilience.endings import LONGEST_SECONDS
from tests.tasks.streaming.consumers import Written, kafka, kill, kinesis, out_of_order, start_consumer
from tests.use_cases import small_use_case

RECORDS, KILLS, MICRO_BATCH = 100_000, 10, 1_000
SEED = 11


@dataclass(frozen=True)
class Consumed:
    """What consumers that were killed, and the two that followed them, have landed."""

    stream: str
    records: int
    kills: int
    """Kills of a consumer that had landed some records, but not all."""
    commits: int
    lost_races: int
    """Micro-batches that were read again because the other consumer was faster."""
    missing: int
    twice: int
    out_of_order: int
    """Partition keys whose records landed in another order than they were sent."""
    seconds_to_end: float
    """From SIGTERM to the end of the slower one of the last two consumers."""
    seconds: float

    @property
    def as_it_should_be(self) -> bool:
        """Whether each record landed once, in order, after kills in the middle, and the last consumers ended."""
        wrong = (self.missing, self.twice, self.out_of_order)
        return not any(wrong) and self.kills == KILLS and self.seconds_to_end < LONGEST_SECONDS

    def row(self) -> dict[str, str]:
        """The figures of a table's row, by heading."""
        return {
            "stream": self.stream,
            "records": f"{self.records:,}",
            "kills": str(self.kills),
            "commits": str(self.commits),
            "lost races": str(self.lost_races),
            "missing": str(self.missing),
            "twice": str(self.twice),
            "keys out of order": str(self.out_of_order),
            "seconds to end": f"{self.seconds_to_end:.1f}",
            "seconds": f"{self.seconds:.0f}",
        }


def consume_all(folder: Path) -> Iterator[Consumed]:
    """Yield what came of each kind of stream, on the offline cloud that this process is connected to."""
    limits = {"max_records": MICRO_BATCH, "max_seconds": 1.0}
    with running_brokers() as brokers:
        yield consumed(folder, "kafka", kafka(brokers, "records", **limits))
    server = Kinesis(boto3.client("kinesis", "us-east-1"), RealClock())
    yield consumed(folder, "kinesis", kinesis(server, "records", **limits))


def consumed(folder: Path, kind: str, written: Written) -> Consumed:
    """Send records while consumers are killed, let two commands at once land the rest, and count."""
    begun, name = time.monotonic(), f"resilience_{kind}"
    path = folder / f"{name}.yaml"
    case = small_use_case(name=name, source=written.source)
    path.write_text(yaml.safe_dump(case.model_dump(mode="json", exclude_unset=True)))
    kills = _kill_at_random(name, written)
    logs = [folder / f"{name}-{number}.log" for number in range(2)]
    with _consumer(path, logs[0]) as first, _consumer(path, logs[1]) as second:
        until(partial(_landed, name), partial(le, RECORDS), 4 * PATIENCE)
        seconds_to_end = max(_ended((first, second)))
    ids = _ids(name)
    return Consumed(
        stream=kind,
        records=RECORDS,
        kills=kills,
        commits=len(versions(name)),
        lost_races=sum(log.read_text().count("they are read again") for log in logs),
        missing=RECORDS - len({*ids}),
        twice=len(ids) - len({*ids}),
        out_of_order=len(out_of_order(ids)),
        seconds_to_end=seconds_to_end,
        seconds=time.monotonic() - begun,
    )


def _kill_at_random(name: str, written: Written) -> int:
    """Send a part of the records before each kill. Returns the number of kills in the middle of a part."""
    chance, part, kills = random.Random(SEED), RECORDS // KILLS, 0  # noqa: S311  seeded
    for number in range(KILLS):
        written.send(range(number * part, (number + 1) * part))
        written.reshard()
        killed_at = _landed(name) + chance.randrange(1, part - MICRO_BATCH)
        process = start_consumer(written.source, None, name)
        until(partial(_landed, name), partial(le, killed_at))
        until(_after(chance.uniform(0, 0.1)))  # into the next micro-batch
        kill(process)
        kills += killed_at <= _landed(name) < (number + 1) * part
    return kills


def _after(seconds: float) -> Callable[[], bool]:
    deadline = time.monotonic() + seconds
    return lambda: time.monotonic() > deadline


@contextmanager
def _consumer(path: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The command `vishwaops stream` as a child process."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "flows.commands.entry_point", "stream", "--use-case", str(path)],
            cwd=settings.PROJECT,
            stdout=output,
            stderr=output,
            env={**os.environ, "COLUMNS": "200"},
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _ended(processes: Sequence[subprocess.Popen[bytes]]) -> Iterator[float]:
    """The seconds until each process has ended after SIGTERM."""
    for process in processes:
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 128 + signal.SIGTERM
        yield time.monotonic() - begun


def _landed(name: str) -> int:
    version = latest(name)
    return version.rows if version else 0


def _ids(name: str) -> list[int]:
    """The ids of all rows, in the order in which they landed."""
    version = latest(name)
    assert version, name
    with opened(reference(name, version)) as rows:
        return [number for number in rows.read(["id"])["id"].to_pylist() if number is not None]
