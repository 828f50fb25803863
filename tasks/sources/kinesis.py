"""An Amazon Kinesis data stream. A shard is read after its parents have been read to their end."""

from collections.abc import Iterator, Mapping, Sequence
from time import monotonic, time
from typing import Any

from botocore.exceptions import ClientError

from config.errors import SourceError, Unavailable
from config.sources import KinesisSource
from tasks import cancellation, clients
from tasks.progress import log
from tasks.sources.kinesis_shards import Shard, ready, shards_of
from tasks.sources.source import Position
from tasks.sources.stream_records import Record, RecordRows, iso
from tasks.sources.streams import Stream, refuse_other_stream

LARGEST_ANSWER = 10_000
"""The largest number of records of GetRecords (API reference)."""
PAUSE_SECONDS = 0.25
"""Between two calls for one shard: it allows five calls in a second, from all its consumers together."""
IDLE_SECONDS = 1.0
"""The same, for a shard that has been read to its newest record."""
LONGEST_PAUSE = 8.0
GIVE_UP_AFTER = 120.0
"""Seconds of throttling or internal errors of one shard."""
AGGREGATED = b"\xf3\x89\x9a\xc2"
"""The first bytes of a record that the Kinesis Producer Library has aggregated (its aggregation-format.md)."""


def open_source(source: KinesisSource, use_case: str, headers: Sequence[str]) -> Stream:
    """Return the configured stream. Connects when it is read."""
    return Stream(KinesisReader(source), RecordRows(source, headers))


class KinesisReader:
    """Reads one stream."""

    def __init__(self, source: KinesisSource) -> None:
        self._source = source
        self._shards: dict[str, Shard] = {}
        self._identity: dict[str, str] = {}
        self._begun = 0.0
        self._turn = 0

    def describe(self) -> str:
        """The stream's name."""
        return f"kinesis:{self._source.stream}"

    def begin(self, position: Position | None) -> None:
        """Go to a position, or to the oldest record for None. Raises SourceError and Unreachable."""
        self._begun = time()
        if self._shards and position is not None and _same_place(position, self.position()):
            return
        summary = self._summary()
        self._identity = {
            "stream": self._source.stream,
            "created": iso(summary["StreamCreationTimestamp"].timestamp()),
        }
        self._shards, start = {}, position
        if position is not None:
            refuse_other_stream(position, "kinesis", self._source.stream)
            if position["created"] != self._identity["created"]:
                self._lost(f"the stream was made again at {self._identity['created']}: its earlier records are gone")
                start = None
        self._discover(start, horizon=self._begun - summary["RetentionPeriodHours"] * 3600)

    def read(self, at_most: int, seconds: float) -> list[Record]:
        """Return the next records of one or more shards, after at most `seconds`. Raises SourceError, Unavailable."""
        deadline = monotonic() + seconds
        while True:
            cancellation.current().check()
            if shard := self._next_due():
                if records := self._read_shard(shard, min(at_most, LARGEST_ANSWER)):
                    return records
                if self.has_caught_up():
                    return []
            if (left := deadline - monotonic()) <= 0:
                return []
            due = min((each.due for each in ready(self._shards)), default=deadline)
            cancellation.wait(max(0.0, min(left, due - monotonic())))

    def has_caught_up(self) -> bool:
        """Whether every record has been read that was there at `begin`."""
        return all(shard.ended or shard.until >= self._begun for shard in self._shards.values())

    def position(self) -> Position:
        """Return the sequence number of the last record of each shard, and the time up to which it has been read."""
        return {
            "kind": "kinesis",
            **self._identity,
            "shards": {name: shard.as_json() for name, shard in sorted(self._shards.items()) if shard.until},
        }

    def lag(self) -> str:
        """The time by which the slowest shard is behind its newest record."""
        behind = [shard.behind for shard in self._shards.values() if not shard.ended]
        return f"{max(behind, default=0.0):,.1f} s behind"

    def close(self) -> None:
        """Forget the iterators."""
        self._shards = {}

    @property
    def _client(self) -> Any:
        return clients.client("kinesis")

    @property
    def _name(self) -> dict[str, Any]:
        key = "StreamARN" if self._source.stream.startswith("arn:") else "StreamName"
        return {key: self._source.stream}

    def _summary(self) -> Mapping[str, Any]:
        try:
            found: Mapping[str, Any] = self._client.describe_stream_summary(**self._name)["StreamDescriptionSummary"]
            return found
        except ClientError as error:
            if _code(error) != "ResourceNotFoundException":
                raise
            raise SourceError(
                f"{self.describe()}: source.stream: expected a stream of this account and region, found none. "
                "Create it, or correct the name"
            ) from None

    def _discover(self, position: Position | None = None, horizon: float = 0.0) -> None:
        """List the shards. Those that are not known yet begin at their position, or at their oldest record."""
        known = {} if position is None else position["shards"]
        listed = shards_of(self._client, self._name)
        for name, parents in listed.items():
            if name in self._shards:
                continue
            shard = Shard.from_json(name, parents, known.get(name))
            if shard.known and not shard.ended and shard.until < horizon:
                self._lost(f"{name}: records that arrived between {iso(shard.until)} and {iso(horizon)} may be gone")
            shard.from_oldest |= (shard.arrived or 0.0) < horizon
            self._shards[name] = shard
        for name in known.keys() - listed.keys():
            shard = Shard.from_json(name, (), known[name])
            if not shard.ended:
                self._lost(f"{name}: the shard is gone, and its records after {iso(shard.until)} with it")
        for name in [name for name, shard in self._shards.items() if shard.ended and name not in listed]:
            del self._shards[name]

    def _lost(self, problem: str) -> None:
        found = f"{self.describe()}: {problem}, because they are older than the retention of the stream"
        if self._source.fail_on_data_loss:
            raise SourceError(f"{found}. To continue with the oldest record, set source.fail_on_data_loss: false")
        log.warning("%s. Continues with the oldest record (source.fail_on_data_loss: false)", found)

    def _next_due(self) -> Shard | None:
        """The shard that has waited longest, of those that may be asked now."""
        due = [shard for shard in ready(self._shards) if shard.due <= monotonic()]
        return min(due, key=lambda shard: shard.due, default=None)

    def _read_shard(self, shard: Shard, at_most: int) -> list[Record]:
        asked = time()
        answer = self._records(shard, at_most)
        if answer is None:
            return []
        records = [self._record(shard, found) for found in shard.unread(answer["Records"])]
        shard.advance(answer, asked)
        shard.due = monotonic() + (PAUSE_SECONDS if shard.behind else IDLE_SECONDS)
        if shard.ended:
            self._discover()
        return records

    def _records(self, shard: Shard, at_most: int) -> Mapping[str, Any] | None:
        """The answer of GetRecords; None when it must be asked again later."""
        try:
            shard.iterator = shard.iterator or self._iterator(shard)
            answer: Mapping[str, Any] = self._client.get_records(ShardIterator=shard.iterator, Limit=at_most)
        except Unavailable as error:
            self._slow_down(shard, error)
            return None
        except ClientError as error:
            if _code(error) != "ExpiredIteratorException":
                raise
            shard.iterator = None
            return None
        shard.failing_since, shard.pause = None, PAUSE_SECONDS
        return answer

    def _slow_down(self, shard: Shard, error: Unavailable) -> None:
        """Ask this shard later, and later each time. Raises the error when that has lasted too long."""
        now = monotonic()
        shard.failing_since = shard.failing_since or now
        if now - shard.failing_since > GIVE_UP_AFTER:
            raise error
        shard.pause = min(2 * shard.pause, LONGEST_PAUSE)
        shard.due = now + shard.pause
        if shard.pause == LONGEST_PAUSE:
            log.info("%s: %s is throttled: asked again every %.0f s", self.describe(), shard.name, shard.pause)

    def _iterator(self, shard: Shard) -> str:
        """An iterator after the last record that was read, or at the oldest record."""
        kind, place = "AFTER_SEQUENCE_NUMBER", {**self._name, "ShardId": shard.name}
        if shard.sequence is not None and not shard.from_oldest:
            try:
                answer = self._client.get_shard_iterator(
                    **place, ShardIteratorType=kind, StartingSequenceNumber=shard.sequence
                )
                return str(answer["ShardIterator"])
            except ClientError as error:
                if _code(error) != "InvalidArgumentException":
                    raise
        # Records that were read before are skipped by their sequence numbers.
        return str(self._client.get_shard_iterator(**place, ShardIteratorType="TRIM_HORIZON")["ShardIterator"])

    def _record(self, shard: Shard, found: Mapping[str, Any]) -> Record:
        data, number = found["Data"], found["SequenceNumber"]
        if data.startswith(AGGREGATED):
            raise SourceError(
                f"{self.describe()}: {shard.name}: expected one row in each record, found several in record {number}, "
                "which the Kinesis Producer Library has aggregated. Set AggregationEnabled = false in the producer's "
                "configuration"
            )
        return Record(
            value=data,
            key=found["PartitionKey"].encode(),
            arrived=found["ApproximateArrivalTimestamp"].timestamp(),
            partition=shard.name,
            offset=number,
            file=shard.name,
        )


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


def _same_place(first: Position, second: Position) -> bool:
    """Whether two positions have the same last records of the same stream."""

    def places(position: Position) -> Iterator[tuple[str, str | None]]:
        return ((name, shard.get("sequence")) for name, shard in sorted(position["shards"].items()))

    return first.get("created") == second.get("created") and [*places(first)] == [*places(second)]
