"""The command `vishwaops stream`, its flow, and its end."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.use_case import load_use_case
from tasks.landing.reading import opened
from tasks.landing.versions import latest, reference, versions
from tests.flows.conftest import Command, start
from tests.flows.endings import SECONDS
from tests.kafka_brokers import Brokers, running_brokers
from tests.patience import PATIENCE, at_this_load, until
from tests.sagemaker_local.support import unique
from tests.use_cases import small_use_case


@pytest.fixture(scope="module")
def brokers() -> Iterator[Brokers]:
    with running_brokers() as running:
        yield running


@pytest.fixture
def file(brokers: Brokers, tmp_path: Path) -> str:
    """The YAML file of a use case that reads a topic of its own, with 30 records."""
    topic = unique("topic")
    source = brokers.source(topic, max_records=20, max_seconds=1.0)
    case = small_use_case(name=unique("stream").replace("-", "_"), source=source)
    path = tmp_path / f"{case.name}.yaml"
    path.write_text(yaml.safe_dump(case.model_dump(mode="json", exclude_unset=True, by_alias=True)))
    brokers.send(topic, [(number % 2, record(number)) for number in range(30)])
    return str(path)


def record(number: int) -> bytes:
    return b'{"id": %d, "age": 12, "colour": "red", "origin": "here", "passed": "yes"}' % number


def ids_of(name: str) -> list[Any]:
    """The ids of the current version's rows."""
    version = latest(name)
    assert version
    with opened(reference(name, version)) as rows:
        found: list[Any] = rows.read(["id"])["id"].to_pylist()
        return found


def test_a_stream_is_landed_in_micro_batches_and_ingest_reads_on_from_there(
    command: Command, brokers: Brokers, file: str
) -> None:
    case = load_use_case(file)
    status, printed = command("stream", "--use-case", file, "--commits", "2")
    assert status == 0, printed
    assert [version.added_rows for version in versions(case.name)] == [10, 20]
    brokers.send(case.source.topic, [(3, record(30)), (3, b"{")])  # type: ignore[union-attr]
    status, printed = command("run", "ingest", "--use-case", file)
    assert status == 0, printed
    assert "line 1: expected a JSON object, found text that is not JSON" in printed
    assert sorted(each for each in ids_of(case.name) if each is not None) == list(range(31))
    status, printed = command("run", "ingest", "--use-case", file)
    assert ", as before" in printed
    assert len(versions(case.name)) == 3


def test_a_signal_ends_the_stream_in_time(prefect: str, file: str) -> None:
    name = load_use_case(file).name
    process = start("stream", "--use-case", file)
    until(lambda: process.poll() is not None or (latest(name) and len(ids_of(name)) == 30))
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 128 + signal.SIGTERM, output
    assert time.monotonic() - begun < at_this_load(SECONDS)
    assert "internal error" not in output


def test_another_source_than_a_stream_is_refused_before_anything_starts(command: Command) -> None:
    status, printed = command("stream", "--use-case", "cake_popularity")
    assert status == 1
    assert "cake_popularity: source.kind: expected a stream (kinesis or kafka), found" in printed
