"""Consumers as processes that a test kills, and how a test writes to each kind of stream."""

import json
import multiprocessing
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from tasks.streaming.micro_batches import micro_batches
from tests.kafka_brokers import PARTITIONS, Brokers
from tests.kinesis_server import Kinesis
from tests.tasks.streaming.sqlite_landing import SqliteLanding
from tests.use_cases import small_use_case

KEYS = 16
"""Records have one of so many keys: the number modulo KEYS."""
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.tasks.streaming.consumers"])


@dataclass(frozen=True)
class Written:
    """A stream that a test writes to."""

    source: Mapping[str, Any]
    """The `source` of a use case that reads it."""
    send: Callable[[Sequence[int]], None]
    """Writes a record for each number."""
    part: int
    """The number of records that are read in about a second."""
    reshard: Callable[[], None] = lambda: None


def kafka(brokers: Brokers, topic: str, **changes: Any) -> Written:
    """A topic. The key chooses the partition."""

    def send(numbers: Sequence[int]) -> None:
        brokers.send(topic, [(number % KEYS % PARTITIONS, _value(number)) for number in numbers])

    return Written(brokers.source(topic, **changes), send, part=2_000)


def kinesis(server: Kinesis, name: str, **changes: Any) -> Written:
    """A stream of three shards. `reshard` splits its first open shard, then merges the halves, in turn."""
    server.create(name, shards=3)

    def send(numbers: Sequence[int]) -> None:
        server.send(name, [(str(number % KEYS), _value(number)) for number in numbers])

    return Written({"kind": "kinesis", "stream": name, **changes}, send, 600, lambda: _reshard(server, name))


def _value(number: int) -> bytes:
    return json.dumps({"id": number, "age": 12, "colour": "red", "origin": "here", "passed": "yes"}).encode()


def _reshard(server: Kinesis, name: str) -> None:
    shards = server.client.list_shards(StreamName=name)["Shards"]
    named = [shard["ShardId"] for shard in shards if "EndingSequenceNumber" not in shard["SequenceNumberRange"]]
    if len(named) % 2:
        first = next(shard for shard in shards if shard["ShardId"] == named[0])["HashKeyRange"]
        middle = (int(first["StartingHashKey"]) + int(first["EndingHashKey"])) // 2
        server.client.split_shard(StreamName=name, ShardToSplit=named[0], NewStartingHashKey=str(middle))
    else:
        server.client.merge_shards(StreamName=name, ShardToMerge=named[-2], AdjacentShardToMerge=named[-1])


def start_consumer(source: Mapping[str, Any], landing: Path | None, name: str = "small_one") -> BaseProcess:
    """A process that lands micro-batches of a stream until it is killed: in SQLite, or for None as a dataset."""
    environment = {key: value for key, value in os.environ.items() if key.startswith(("AWS_", "VISHWAOPS_"))}
    process = _processes.Process(target=_consume, args=(dict(source), landing, name, environment), daemon=True)
    process.start()
    return process


def _consume(source: dict[str, Any], landing: Path | None, name: str, environment: dict[str, str]) -> None:
    os.environ.update(environment)
    case = small_use_case(name=name, source=source)
    for _ in micro_batches(case, SqliteLanding(landing)) if landing else micro_batches(case):
        pass


def kill(process: BaseProcess) -> None:
    """Kill a process that runs, with SIGKILL."""
    assert process.is_alive()
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL


def problems(rows: Sequence[tuple[str, int]], sent: int) -> list[str]:
    """What is wrong with the rows that landed: not each record once, or not in the order of its key."""
    ids = [number for _, number in rows]
    missing, extra = set(range(sent)) - set(ids), len(ids) - len(set(ids))
    found = [f"{len(missing)} missing"] if missing else []
    found += [f"{extra} twice"] if extra else []
    return found + [f"key {key} out of order" for key in out_of_order(ids)]


def out_of_order(ids: Sequence[int]) -> list[int]:
    """The keys whose records are in another order than they were sent."""
    by_key = {key: [number for number in ids if number % KEYS == key] for key in range(KEYS)}
    return [key for key, found in by_key.items() if found != sorted(found)]
