import random
import threading
from functools import partial
from itertools import islice
from operator import le
from pathlib import Path

import pytest

from config.errors import ConfigError, NoRows, SourceError, Unavailable, Unreachable
from config.use_case import UseCase
from tasks import cancellation
from tasks.references import DatasetVersion
from tasks.sources.source import Source
from tasks.streaming import micro_batches as module
from tasks.streaming.micro_batches import micro_batches, stream_of
from tests.kafka_brokers import Brokers
from tests.patience import PATIENCE, until
from tests.sagemaker_local.support import unique
from tests.tasks.streaming.consumers import Written, kafka, kill, kinesis, problems, start_consumer
from tests.tasks.streaming.sqlite_landing import SqliteLanding, version
from tests.use_cases import small_use_case

KILLS = 5


@pytest.fixture(params=["kafka", "kinesis"])
def written(request: pytest.FixtureRequest) -> Written:
    """A new stream of each kind, which is read in small micro-batches, of about 20 ms each."""
    if request.param == "kafka":
        return kafka(request.getfixturevalue("brokers"), unique("topic"), max_records=20, max_seconds=0.8)
    return kinesis(request.getfixturevalue("kinesis"), unique("stream"), max_records=100, max_seconds=0.8)


def land_all(written: Written, landing: SqliteLanding) -> None:
    """Land micro-batches until one has no records."""
    before = None
    for after in micro_batches(small_use_case(source=written.source), landing):
        if after == before:
            return
        before = after


def test_a_consumer_that_is_killed_again_and_again_lands_each_record_once_in_order(
    written: Written, tmp_path: Path
) -> None:
    landing, chance, landed = SqliteLanding(tmp_path / "rows"), random.Random(11), []  # noqa: S311  seeded
    for number in range(KILLS):
        written.send(range(number * written.part, (number + 1) * written.part))
        written.reshard()
        killed_at = len(landing.rows()) + chance.randrange(1, written.part // 2)
        consumer = start_consumer(written.source, landing.path)
        until(lambda: len(landing.rows()), partial(le, killed_at))
        threading.Event().wait(chance.uniform(0, 0.02))  # into the next micro-batch
        kill(consumer)
        landed.append(len(landing.rows()) - number * written.part)
    assert min(landed) < written.part  # a kill hit a consumer in the middle
    land_all(written, landing)
    assert problems(landing.rows(), KILLS * written.part) == []


def test_of_two_consumers_at_once_one_is_refused_and_continues_from_the_other_s_position(
    written: Written, tmp_path: Path
) -> None:
    written.send(range(200))
    full = {**written.source, "max_seconds": PATIENCE}
    case, path = small_use_case(source=full), tmp_path / "rows"
    waiting = [micro_batches(case, SqliteLanding(path))]

    def other_is_faster() -> None:
        if waiting:
            next(waiting.pop())

    landing = SqliteLanding(path, before_commit=other_is_faster)
    assert next(micro_batches(case, landing)).digest == "2"
    assert not waiting
    land_all(written, SqliteLanding(path))
    assert problems(SqliteLanding(path).rows(), 200) == []


def test_a_micro_batch_is_landed_when_it_is_full_or_its_time_is_over(written: Written, tmp_path: Path) -> None:
    full = written.source["max_records"]
    written.send(range(full + 5))
    landing = SqliteLanding(tmp_path / "rows")
    batches = micro_batches(small_use_case(source=written.source), landing)
    assert [len(landing.rows()) for _ in islice(batches, 3)] == [full, full + 5, full + 5]
    assert landing.latest()[0] == 2


class Failing:
    """A landing that raises each of these errors once, where it is not None, and counts its calls."""

    def __init__(self, *errors: Exception | None) -> None:
        self.errors, self.calls = list(errors), 0

    def __call__(self, use_case: UseCase, source: Source) -> DatasetVersion:
        self.calls += 1
        if self.errors and (error := self.errors.pop(0)):
            raise error
        return version(use_case, self.calls)


class Reading:
    """A landing that only reads."""

    def __call__(self, use_case: UseCase, source: Source) -> DatasetVersion:
        return version(use_case, sum(map(len, source.batches())))


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits in seconds, none of which takes time."""
    found: list[float] = []
    monkeypatch.setattr(cancellation, "wait", found.append)
    return found


@pytest.fixture
def empty(brokers: Brokers) -> UseCase:
    """A use case whose topic has one record."""
    brokers.send(topic := unique("topic"), [(0, b'{"id": 1}')])
    return small_use_case(source=brokers.source(topic, max_records=1))


def test_a_lost_connection_is_waited_for_longer_each_time(empty: UseCase, waits: list[float]) -> None:
    lost = [Unreachable("gone"), Unavailable("throttled"), Unreachable("gone")]
    batches = micro_batches(empty, Failing(None, *lost, None, Unreachable("gone")))
    assert len([*islice(batches, 3)]) == 3
    assert waits == [1.0, 2.0, 4.0, 1.0]


def test_a_stream_without_a_record_yet_is_waited_for(empty: UseCase, waits: list[float]) -> None:
    landing = Failing(NoRows("none yet"), NoRows("none yet"))
    assert next(micro_batches(empty, landing)).digest == "3"
    assert waits == []


@pytest.mark.parametrize("errors", [[Unreachable("gone")], [None, SourceError("wrong")]])
def test_an_error_at_the_beginning_or_for_good_ends_the_stream(
    empty: UseCase, waits: list[float], errors: list[Exception | None]
) -> None:
    with pytest.raises((Unreachable, SourceError), match=r"gone|wrong"):
        list(islice(micro_batches(empty, Failing(*errors)), 3))
    assert waits == []


def test_a_source_that_is_no_stream_is_refused() -> None:
    case = small_use_case(source={"kind": "location"})
    with pytest.raises(ConfigError, match=r"source.kind: expected a stream \(kinesis or kafka\), found location"):
        next(micro_batches(case))


def test_the_connection_ends_with_the_stream(empty: UseCase, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = stream_of(empty)
    monkeypatch.setattr(module, "stream_of", lambda _: stream)
    batches = micro_batches(empty, Reading())
    next(batches)
    assert "_consumer" in vars(stream.reader)
    batches.close()
    assert "_consumer" not in vars(stream.reader)
