from tests.tasks.sources.conftest import brokers, kinesis

__all__ = ["brokers", "kinesis"]
