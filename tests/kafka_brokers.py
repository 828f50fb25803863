"""Kafka brokers for tests: librdkafka's own mock cluster, on ports of 127.0.0.1."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Producer

PARTITIONS = 4
"""Of each topic, which is made when it is first written to."""


@dataclass(frozen=True)
class Brokers:
    """Running brokers. Each partition keeps its newest 5 MB or 100,000 records."""

    addresses: str
    _producer: Producer

    def send(self, topic: str, records: Iterable[tuple[int, bytes | None]], key: bytes | None = None) -> None:
        """Write values to partitions, in order."""
        for number, (partition, value) in enumerate(records):
            self._producer.produce(topic, value, key=key, partition=partition)
            if number % 1000 == 0:
                self._producer.poll(0)
        assert not self._producer.flush(60)

    def source(self, topic: str, **changes: Any) -> dict[str, Any]:
        """The `source` of a use case that reads a topic."""
        return {"kind": "kafka", "brokers": self.addresses, "topic": topic, **changes}


@contextmanager
def running_brokers() -> Iterator[Brokers]:
    """Brokers that run as long as the body, in this process."""
    cluster = Producer({"bootstrap.servers": "none", "test.mock.num.brokers": 2, "log_level": 0})
    found = cluster.list_topics(timeout=30).brokers.values()
    addresses = ",".join(f"{broker.host}:{broker.port}" for broker in found)
    producer = Producer({"bootstrap.servers": addresses, "linger.ms": 5, "log_level": 0})
    yield Brokers(addresses, producer)
    del producer
    cluster.poll(0)  # the brokers end with this client
