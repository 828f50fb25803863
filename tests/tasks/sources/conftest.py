from collections.abc import Iterator

import pytest

from tests.kafka_brokers import Brokers, running_brokers
from tests.kinesis_server import Kinesis, running_kinesis


@pytest.fixture(scope="package")
def brokers() -> Iterator[Brokers]:
    """Kafka brokers."""
    with running_brokers() as running:
        yield running


@pytest.fixture(scope="package")
def kinesis() -> Iterator[Kinesis]:
    """A Kinesis."""
    with running_kinesis() as running:
        yield running
