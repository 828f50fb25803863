"""Kinesis as AWS has it, where moto differs. `install` changes moto's classes in this process.

From the API reference of Kinesis Data Streams (GetRecords, GetShardIterator, SplitShard, MergeShards, Shard) and the
Developer Guide ("Resharding", "Data retention period"):

- A sequence number is unique in its stream and increases with time. It has up to 56 digits. moto counts from 1 in each
  shard.
- A shard that is split or merged keeps its records. moto moves them to the new shards, where they are read twice.
- Only an open shard receives records, and both ends of its hash key range belong to it.
- The last answer of a closed shard has no NextShardIterator, but ChildShards. In moto a shard never ends.
- An iterator expires after five minutes. Records expire after the retention period.
- Five calls of GetRecords in a second are allowed for a shard.
"""

from __future__ import annotations

import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from threading import RLock
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.kinesis import models, responses
from moto.kinesis.exceptions import InvalidArgumentError, ResourceNotFoundError, ShardNotFoundError
from moto.utilities.utils import md5_hash

from sagemaker_local.clock import Clock, SystemClock

ITERATOR_SECONDS = 300
CALLS_PER_SECOND = 5
LARGEST_ANSWER = 10_000
_HOUR = 3600
_clock: Clock = SystemClock()
_numbers = count(1)
_changing = RLock()
"""Held while a record is added, a shard is closed, or records are read."""
_latest = 0


def install(clock: Clock | None = None) -> None:
    """Replace the classes and the actions of moto's Kinesis that differ from AWS. `clock` dates the records."""
    global _clock
    _clock = clock or SystemClock()
    models.Shard, models.Stream = Shard, Stream  # type: ignore[misc]
    responses.KinesisResponse.get_shard_iterator = _get_shard_iterator  # type: ignore[method-assign]
    responses.KinesisResponse.get_records = _get_records  # type: ignore[method-assign]


def sequence_number(shard: int) -> int:
    """The next sequence number: a version, the time, a counter and the number of the shard, as AWS's 56 digits."""
    global _latest
    with _changing:
        _latest = max(_latest, int(_clock.now() * 1000))
        return (2 << 184) + (_latest << 120) + (next(_numbers) << 32) + shard


class Shard(models.Shard):
    """A shard with sequence numbers of AWS."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.opened, self.closed = sequence_number(self._shard_id), 0
        self.order: list[int] = []
        """The sequence numbers of all records, also of expired ones."""
        self.calls: deque[float] = deque(maxlen=CALLS_PER_SECOND)

    def put_record(self, partition_key: str, data: str, explicit_hash_key: str) -> str:
        """Add a record, and return its sequence number."""
        number = sequence_number(self._shard_id)
        record = models.Record(partition_key, data, number, explicit_hash_key)
        record.created_at = _clock.now()
        record.created_at_datetime = datetime.fromtimestamp(record.created_at, UTC).replace(tzinfo=None)
        self.records[number] = record
        self.order.append(number)
        return str(number)

    def after(self, number: int, limit: int, oldest: float) -> list[models.Record]:
        """At most `limit` records after a sequence number that arrived at the time `oldest` or later."""
        found: list[models.Record] = []
        for each in self.order[bisect_right(self.order, number) :]:
            if len(found) == limit:
                break
            if self.records[each].created_at >= oldest:
                found.append(self.records[each])
        return found

    def milliseconds_behind(self, number: int) -> int:
        """How long ago the first record after a sequence number arrived; 0 when there is none."""
        place = bisect_right(self.order, number)
        if place == len(self.order):
            return 0
        return max(1, int((_clock.now() - self.records[self.order[place]].created_at) * 1000))

    def last_expired(self, oldest: float) -> int:
        """The sequence number of the last record that arrived before the time `oldest`."""
        expired = 0
        for number in self.order:
            if self.records[number].created_at >= oldest:
                break
            expired = number
        return expired

    def to_json(self) -> dict[str, Any]:
        """Describe the shard."""
        described = super().to_json()
        described["SequenceNumberRange"] = {"StartingSequenceNumber": str(self.opened)}
        if not self.is_open:
            described["SequenceNumberRange"]["EndingSequenceNumber"] = str(self.closed)
        return described


class Stream(models.Stream):
    """A stream whose shards keep their records."""

    def split_shard(self, shard_to_split: str, new_starting_hash_key: str) -> None:
        """Close a shard and open two."""
        with _changing, _keeping_records(self.get_shard(shard_to_split)):
            super().split_shard(shard_to_split, new_starting_hash_key)

    def merge_shards(self, shard_to_merge: str, adjacent_shard_to_merge: str) -> None:
        """Close two adjacent shards, in any order, and open one."""
        pair = [self.get_shard(shard_to_merge), self.get_shard(adjacent_shard_to_merge)]
        if closed := [shard.shard_id for shard in pair if not shard.is_open]:
            raise InvalidArgumentError(
                f"Shard {closed[0]} in stream {self.stream_name} under account {self.account_id} has already been "
                "merged or split, and thus is not eligible for merging or splitting."
            )
        lower, upper = sorted(pair, key=lambda shard: shard.starting_hash)
        with _changing, _keeping_records(lower), _keeping_records(upper):
            super().merge_shards(lower.shard_id, upper.shard_id)
        made = list(self.shards.values())[-1]
        made.parent, made.adjacent_parent = shard_to_merge, adjacent_shard_to_merge

    def get_shard_for_key(self, partition_key: str, explicit_hash_key: str) -> models.Shard | None:
        """The open shard whose range has the key."""
        super().get_shard_for_key(partition_key, explicit_hash_key)  # raises for a key that is too long
        key = int(explicit_hash_key) if explicit_hash_key else int(md5_hash(partition_key.encode()).hexdigest(), 16)
        owners = [
            each for each in self.shards.values() if each.is_open and each.starting_hash <= key <= each.ending_hash
        ]
        return owners[0]

    def put_record(self, partition_key: str, explicit_hash_key: str, data: str) -> tuple[str, str]:
        """Add a record to its shard, which stays open meanwhile."""
        with _changing:
            return super().put_record(partition_key, explicit_hash_key, data)

    def to_json_summary(self) -> dict[str, Any]:
        """Describe the stream."""
        described = super().to_json_summary()
        described["StreamDescriptionSummary"]["OpenShardCount"] = sum(each.is_open for each in self.shards.values())
        return described


@contextmanager
def _keeping_records(shard: Any) -> Iterator[None]:
    """Hide the records of a shard that is being closed from moto, which would move them."""
    kept, shard.records = shard.records, {}
    try:
        yield
        shard.closed = sequence_number(shard._shard_id)
    finally:
        shard.records = kept


def _get_shard_iterator(self: responses.KinesisResponse) -> ActionResult:
    """GetShardIterator."""
    stream = self.kinesis_backend.describe_stream(self._get_param("StreamARN"), self._get_param("StreamName"))
    try:
        shard = stream.get_shard(self._get_param("ShardId"))
    except ShardNotFoundError:
        raise ResourceNotFoundError(
            f"Shard {self._get_param('ShardId')} in stream {stream.stream_name} under account {stream.account_id} "
            "does not exist"
        ) from None
    number = _start(shard, self._get_param("ShardIteratorType"), self._get_param)
    return ActionResult({"ShardIterator": _iterator(stream.stream_name, shard.shard_id, number)})


def _start(shard: Any, kind: str, parameter: Callable[[str], Any]) -> int:
    """The sequence number after which an iterator of this type reads."""
    if kind in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"):
        given = parameter("StartingSequenceNumber")
        if not str(given).isdecimal() or int(given) < shard.opened:
            raise InvalidArgumentError(
                f"StartingSequenceNumber {given} used in GetShardIterator on shard {shard.shard_id} is invalid because "
                "it did not come from this stream."
            )
        return int(given) - (kind == "AT_SEQUENCE_NUMBER")
    if kind == "AT_TIMESTAMP":
        later = (each for each in shard.order if shard.records[each].created_at >= float(parameter("Timestamp")))
        return next(later, shard.order[-1] + 1 if shard.order else 1) - 1
    if kind == "LATEST":
        return shard.order[-1] if shard.order else 0
    return 0


def _get_records(self: responses.KinesisResponse) -> ActionResult:
    """GetRecords."""
    name, shard_id, number, issued = _read_iterator(self._get_param("ShardIterator"))
    if _clock.now() - issued > ITERATOR_SECONDS:
        raise JsonRESTError("ExpiredIteratorException", f"Iterator expired. The iterator was created at time {issued}.")
    stream = self.kinesis_backend.describe_stream(None, name)
    shard: Any = stream.get_shard(shard_id)
    oldest = _clock.now() - stream.retention_period_hours * _HOUR
    limit = int(self._get_param("Limit") or LARGEST_ANSWER)
    with _changing:
        _meter(shard, name)
        records = shard.after(number, limit, oldest)
        last = records[-1].sequence_number if records else number
        behind = shard.milliseconds_behind(max(last, shard.last_expired(oldest)))
        answer: dict[str, Any] = {"Records": [each.to_json() for each in records], "MillisBehindLatest": behind}
        if shard.is_open or behind:
            answer["NextShardIterator"] = _iterator(name, shard_id, last)
        else:
            answer["ChildShards"] = [_child(each) for each in stream.shards.values() if shard_id in _parents(each)]
    return ActionResult(answer)


def _meter(shard: Any, stream: str) -> None:
    """Refuse more calls than a shard allows."""
    now = time.monotonic()
    if len(shard.calls) == CALLS_PER_SECOND and now - shard.calls[0] < 1:
        raise JsonRESTError(
            "ProvisionedThroughputExceededException", f"Rate exceeded for shard {shard.shard_id} in stream {stream}."
        )
    shard.calls.append(now)


def _parents(shard: models.Shard) -> list[str]:
    return [parent for parent in (shard.parent, shard.adjacent_parent) if parent]


def _child(shard: models.Shard) -> dict[str, Any]:
    ends = {"StartingHashKey": str(shard.starting_hash), "EndingHashKey": str(shard.ending_hash)}
    return {"ShardId": shard.shard_id, "ParentShards": _parents(shard), "HashKeyRange": ends}


def _iterator(stream: str, shard: str, number: int) -> str:
    return urlsafe_b64encode(f"{stream}:{shard}:{number}:{_clock.now()}".encode()).decode()


def _read_iterator(iterator: str) -> tuple[str, str, int, float]:
    try:
        stream, shard, number, issued = urlsafe_b64decode(iterator).decode().split(":")
        return stream, shard, int(number), float(issued)
    except ValueError:
        raise InvalidArgumentError("Invalid ShardIterator.") from None
