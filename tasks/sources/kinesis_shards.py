"""The shards of a Kinesis stream, and how far each has been read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tasks.sources.stream_records import iso, seconds_of


@dataclass
class Shard:
    """One shard."""

    name: str
    parents: tuple[str, ...]
    """The shards that it was split or merged from."""
    sequence: str | None = None
    """The sequence number of the last record that was read."""
    arrived: float | None = None
    """When that record arrived, in seconds since 1970."""
    until: float = 0.0
    """Every record that arrived before this time has been read, in seconds since 1970."""
    ended: bool = False
    """Whether it is closed and has been read to its end."""
    known: bool = False
    """Whether it comes from a position."""
    from_oldest: bool = False
    """Whether its last record is too old for an iterator after it."""
    iterator: str | None = None
    behind: float = 0.0
    """Seconds behind its newest record."""
    due: float = 0.0
    """When it may be asked again, by the monotonic clock."""
    pause: float = 0.25
    failing_since: float | None = field(default=None, repr=False)

    @classmethod
    def from_json(cls, name: str, parents: tuple[str, ...], found: Mapping[str, Any] | None) -> "Shard":
        """Return the shard at its part of a position; at its oldest record for None."""
        if found is None:
            return cls(name, parents)
        return cls(
            name,
            parents,
            sequence=found.get("sequence"),
            arrived=seconds_of(found["arrived"]) if "arrived" in found else None,
            until=seconds_of(found["until"]),
            ended=found.get("ended", False),
            known=True,
        )

    def as_json(self) -> dict[str, Any]:
        """Return the shard's part of a position."""
        read = {} if self.arrived is None else {"sequence": self.sequence, "arrived": iso(self.arrived)}
        return {**read, "until": iso(self.until), **({"ended": True} if self.ended else {})}

    def unread(self, records: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Return the records after the last one that was read."""
        last = int(self.sequence or -1)
        return [record for record in records if int(record["SequenceNumber"]) > last]

    def advance(self, answer: Mapping[str, Any], asked: float) -> None:
        """Note an answer of GetRecords to a request that was sent at the time `asked`."""
        if unread := self.unread(answer["Records"]):
            self.sequence = unread[-1]["SequenceNumber"]
            self.arrived = unread[-1]["ApproximateArrivalTimestamp"].timestamp()
        self.iterator = answer.get("NextShardIterator")
        self.behind = answer.get("MillisBehindLatest", 0) / 1000
        self.until = max(self.until, asked - self.behind)
        self.ended = self.iterator is None


def ready(shards: Mapping[str, Shard]) -> Iterator[Shard]:
    """Yield the shards with further records whose parents have been read to their end."""
    for shard in shards.values():
        if not shard.ended and all(parent not in shards or shards[parent].ended for parent in shard.parents):
            yield shard


def shards_of(client: Any, name: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the parents of each shard, also of those that are closed and still have records, by the shard's id."""
    found, request = dict[str, tuple[str, ...]](), dict(name)
    while request:
        answer = client.list_shards(**request)
        for shard in answer["Shards"]:
            parents = (shard.get("ParentShardId"), shard.get("AdjacentParentShardId"))
            found[shard["ShardId"]] = tuple(parent for parent in parents if parent)
        request = {"NextToken": answer["NextToken"]} if answer.get("NextToken") else {}
    return found
