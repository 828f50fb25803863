"""A Kafka topic. Partitions are assigned by hand, from the position of the dataset: no consumer group takes part."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from config.errors import SourceError, Unreachable
from config.sources import KafkaSource
from config.sources.kafka import KafkaSecurity
from config.variables import expand, without_secrets
from tasks import cancellation
from tasks.progress import log
from tasks.sources.source import Position
from tasks.sources.stream_records import Record, RecordRows
from tasks.sources.streams import Stream, refuse_other_stream

if TYPE_CHECKING:
    from confluent_kafka import Consumer, KafkaError, KafkaException, Message

ANSWER_SECONDS = 15.0
"""How long to wait for an answer of the brokers about the topic."""
SILENT_SECONDS = 60.0
"""After this time without a record that is known to be there, the brokers count as unreachable."""
RELIST_SECONDS = 60.0
"""How often a stream that is read without an end looks for new partitions."""
START = {
    "group.id": "vishwaops",  # librdkafka requires one; nothing is committed and no group is joined
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "isolation.level": "read_committed",
    "auto.offset.reset": "error",
    "enable.partition.eof": True,
    "allow.auto.create.topics": False,
    "fetch.wait.max.ms": 100,
    "queued.max.messages.kbytes": 65_536,
    "log_level": 0,  # errors are reported by `error_cb`
}


def open_source(source: KafkaSource, use_case: str, headers: Sequence[str]) -> Stream:
    """Return the configured topic. Connects when it is read."""
    return Stream(KafkaReader(source), RecordRows(source, headers))


class KafkaReader:
    """Reads one topic."""

    def __init__(self, source: KafkaSource) -> None:
        self._source = source
        self._next: dict[int, int] = {}
        """The offset of the next record, by partition. Empty before `begin`."""
        self._ends: dict[int, int] | None = None
        """The end of each partition when the reading began. None until it is needed."""
        self._listed = -RELIST_SECONDS
        self._error = ""
        self._heard = 0.0

    def describe(self) -> str:
        """The topic, and the first broker."""
        return f"kafka:{self._source.topic} at {without_secrets(self._source.brokers).partition(',')[0]}"

    def begin(self, position: Position | None) -> None:
        """Go to a position, or to the oldest record for None. Raises SourceError and Unreachable."""
        if position is not None:
            refuse_other_stream(position, "kafka", self._source.topic)
        known = {int(partition): int(offset) for partition, offset in (position or {}).get("offsets", {}).items()}
        self._heard = time.monotonic()
        self._ends = None
        if self._next and known == self._next and self._heard - self._listed < RELIST_SECONDS:
            return
        starts, self._ends = {}, {}
        for partition in self._partitions():
            low, self._ends[partition] = bounds = self._range(partition)
            # A partition that was added later is expected from its first record on.
            expected = low if position is None else known.get(partition, 0)
            starts[partition] = self._start(partition, expected, bounds)
        if starts != self._next:
            self._assign(starts)
        self._listed = self._heard

    def read(self, at_most: int, seconds: float) -> list[Record]:
        """Return the next records, after at most `seconds`. Raises SourceError and Unreachable."""
        cancellation.current().check()
        try:
            records = self._consume(at_most, seconds)
        except BaseException:
            self._next = {}  # what was received and not returned is fetched again
            raise
        if records or self._ends is None or self.has_caught_up():
            self._heard = time.monotonic()
        elif time.monotonic() - self._heard > SILENT_SECONDS:
            raise self._unreachable(f"no record for {SILENT_SECONDS:.0f} s, although there are more")
        return records

    def _consume(self, at_most: int, seconds: float) -> list[Record]:
        records = []
        messages = self._asked(lambda: self._consumer.consume(1, seconds))  # this call waits for all that it asks for
        messages += self._asked(lambda: self._consumer.consume(at_most - 1, 0)) if messages and at_most > 1 else []
        for message in messages:
            if error := message.error():
                self._handle(error, message)
            elif message.offset() >= self._next[message.partition()]:
                self._next[message.partition()] = message.offset() + 1
                records.append(self._record(message))
        return records

    def has_caught_up(self) -> bool:
        """Whether every record has been read that was there at `begin`."""
        if self._ends is None:
            self._ends = {partition: self._range(partition)[1] for partition in self._next}
        return all(self._next.get(partition, 0) >= end for partition, end in self._ends.items())

    def position(self) -> Position:
        """Return the offset of the next record of each partition."""
        offsets = {str(partition): offset for partition, offset in sorted(self._next.items())}
        return {"kind": "kafka", "stream": self._source.topic, "offsets": offsets}

    def lag(self) -> str:
        """The number of records behind the ends that the brokers have sent last."""
        behind = 0
        for partition, offset in self._next.items():
            _, high = self._consumer.get_watermark_offsets(self._place(partition), cached=True)
            behind += max(0, high - offset)
        return f"{behind:,} records behind"

    def close(self) -> None:
        """Leave the brokers."""
        if "_consumer" in self.__dict__:
            self._consumer.close()
            del self.__dict__["_consumer"]
            self._next = {}

    @cached_property
    def _consumer(self) -> "Consumer":
        from confluent_kafka import Consumer

        settings = {**START, "bootstrap.servers": self._source.addresses(), "error_cb": self._note}
        return Consumer({**settings, **_security(self._source.security)})

    def _note(self, error: "KafkaError") -> None:
        self._error = error.str()

    def _partitions(self) -> list[int]:
        from confluent_kafka import KafkaError

        topic = self._source.topic
        found = self._asked(lambda: self._consumer.list_topics(topic, timeout=ANSWER_SECONDS)).topics[topic]
        if found.error and found.error.retriable() and found.error.code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
            raise self._unreachable(found.error.str())
        if found.error and found.error.code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
            raise SourceError(f"{self.describe()}: the brokers refuse it: {found.error.str()}")
        if found.error or not found.partitions:
            raise SourceError(
                f"{self.describe()}: source.topic: expected a topic of these brokers, found none of this name. "
                "Create it, or correct the name"
            )
        return sorted(found.partitions)

    def _range(self, partition: int) -> tuple[int, int]:
        """The offset of the oldest record of a partition, and the one after the newest of a committed transaction."""
        place = self._place(partition)
        low, high = self._asked(lambda: self._consumer.get_watermark_offsets(place, timeout=ANSWER_SECONDS))
        return low, high

    def _start(self, partition: int, offset: int, bounds: tuple[int, int]) -> int:
        """The offset to read from. Raises SourceError when records after `offset` are missing, unless allowed."""
        low, high = bounds
        if low <= offset <= high:
            return offset
        if offset < low:
            problem = (
                f"expected offset {offset:,}, the next one to read, found {low:,} as the oldest: up to "
                f"{low - offset:,} records were deleted before they were read, by the retention of the topic"
            )
        else:
            problem = (
                f"expected offset {offset:,}, the next one to read, found {high:,} as the end: the topic was made "
                "again, or has lost records"
            )
        self._lost(f"{self.describe()}, partition {partition}: {problem}")
        return low

    def _lost(self, problem: str) -> None:
        if self._source.fail_on_data_loss:
            raise SourceError(f"{problem}. To continue with the oldest record, set source.fail_on_data_loss: false")
        log.warning("%s. Continues with the oldest record (source.fail_on_data_loss: false)", problem)

    def _assign(self, starts: Mapping[int, int]) -> None:
        self._consumer.assign([self._place(partition, offset) for partition, offset in starts.items()])
        self._next = dict(starts)

    def _handle(self, error: "KafkaError", message: Any) -> None:
        """Act on an event of a partition: its end, an offset that was deleted meanwhile, or an error."""
        from confluent_kafka import KafkaError

        partition = message.partition()
        if error.code() == KafkaError._PARTITION_EOF:
            # Offsets of transaction markers and compacted records have no record.
            self._next[partition] = max(self._next[partition], message.offset())
        elif error.code() in (KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE):
            self._assign(
                {**self._next, partition: self._start(partition, self._next[partition], self._range(partition))}
            )
        elif error.fatal() or not error.retriable():
            raise SourceError(f"{self.describe()}: the brokers refuse to send records: {error.str()}")

    def _record(self, message: "Message") -> Record:
        partition, (kind, milliseconds) = message.partition(), message.timestamp()
        return Record(
            value=_bytes(message.value()),
            key=_bytes(message.key()),
            arrived=milliseconds / 1000 if kind else None,
            partition=str(partition),
            offset=str(message.offset()),
            line=message.offset(),
            file=f"{self._source.topic}/{partition}",
        )

    def _place(self, partition: int, offset: int = -1) -> Any:
        from confluent_kafka import TopicPartition

        return TopicPartition(self._source.topic, partition, offset)

    def _asked(self, question: Callable[[], Any]) -> Any:
        """Ask the brokers. Raises SourceError when they refuse, and Unreachable when they do not answer."""
        from confluent_kafka import KafkaError, KafkaException

        unheard = (KafkaError._TRANSPORT, KafkaError._TIMED_OUT, KafkaError._ALL_BROKERS_DOWN, KafkaError._RESOLVE)
        try:
            return question()
        except KafkaException as failure:
            error = _error(failure)
            if error.code() in unheard or error.retriable():
                raise self._unreachable(error.str()) from None
            raise SourceError(f"{self.describe()}: the brokers refuse: {error.str()}") from None

    def _unreachable(self, found: str) -> Unreachable:
        self._next = {}
        self._consumer.poll(0)  # calls `_note`, and may drop a record
        detail = f" ({self._error})" if self._error else ""
        return Unreachable(
            f"{self.describe()}: expected an answer of the brokers, found: {found}{detail}. "
            "Check source.brokers, source.security and the network"
        )


def _error(failure: "KafkaException") -> "KafkaError":
    return failure.args[0]  # type: ignore[no-any-return]


def _bytes(value: str | bytes | None) -> bytes | None:
    return value.encode() if isinstance(value, str) else value


def _security(security: KafkaSecurity | None) -> dict[str, str]:
    """The settings of librdkafka. Raises ConfigError and SourceError when a password is missing."""
    if security is None:
        return {}
    settings = {
        "security.protocol": security.protocol,
        "ssl.ca.location": security.ca_location,
        "ssl.certificate.location": security.certificate_location,
        "ssl.key.location": security.key_location,
        "ssl.key.password": expand(security.key_password or "", "source.security.key_password") or None,
    }
    if security.uses_sasl:
        username, password = _credentials(security)
        settings |= {
            "sasl.mechanism": security.mechanism,
            "sasl.username": username,
            "sasl.password": password,
        }
    return {name: value for name, value in settings.items() if value is not None}


def _credentials(security: KafkaSecurity) -> tuple[str, str]:
    if security.secret is None:
        return security.username or "", expand(security.password or "", "source.security.password")
    from tasks.sources.secrets import secret_fields

    fields = secret_fields(security.secret, "source.security.secret")
    if missing := [name for name in ("username", "password") if name not in fields]:
        raise SourceError(
            f"source.security.secret: {security.secret}: expected JSON with the members username and password; "
            f"it lacks {', '.join(missing)}"
        )
    return fields["username"], fields["password"]
