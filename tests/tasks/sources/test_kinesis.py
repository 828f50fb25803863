import base64
import json
from typing import Any

import pytest

from config.errors import SourceError
from tasks.sources import kinesis as source
from tasks.sources import source_of
from tasks.sources.source import FILE_COLUMN, LINE_COLUMN, REASON_COLUMN, Incremental
from tasks.sources.streams import Limits, Stream
from tests.aws_answers import answering, forget_clients, refusal
from tests.kinesis_server import Kinesis
from tests.patience import PATIENCE
from tests.sagemaker_local.support import unique
from tests.use_cases import small_use_case

DAY = 86_400
MIDDLE = str(2**127)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """An idle shard is asked again as soon as it allows it."""
    monkeypatch.setattr(source, "IDLE_SECONDS", source.PAUSE_SECONDS)


def stream_of(name: str, **changes: Any) -> Stream:
    """The source of a stream."""
    found = source_of(small_use_case(source={"kind": "kinesis", "stream": name, **changes}), None)
    assert isinstance(found, Stream)
    return found


def values(start: int, end: int) -> list[tuple[str, bytes]]:
    """Records with eight partition keys."""
    return [(str(number % 8), json.dumps({"id": number}).encode()) for number in range(start, end)]


def read(stream: Stream) -> list[dict[str, Any]]:
    return [row for batch in stream.batches() for row in batch.to_pylist()]


def ids(rows: list[dict[str, Any]]) -> list[int]:
    return [int(row["id"]) for row in rows]


def of_key(rows: list[dict[str, Any]], key: int) -> list[int]:
    return [number for number in ids(rows) if number % 8 == key]


def position_of(stream: Stream) -> Any:
    return json.loads(json.dumps(stream.position()))


def test_each_record_is_read_once_in_the_order_of_its_shard(kinesis: Kinesis) -> None:
    name = kinesis.create(unique("order"), shards=3)
    kinesis.send(name, values(0, 400))
    stream = stream_of(name).after(None)
    assert isinstance(stream, Incremental)
    rows = read(stream)
    assert sorted(ids(rows)) == list(range(400))
    assert all(of_key(rows, key) == list(range(key, 400, 8)) for key in range(8))
    assert {row[FILE_COLUMN] for row in rows} == set(kinesis.shards(name))
    assert {row[LINE_COLUMN] for row in rows} == {None}
    assert stream.reader.lag() == "0.0 s behind"


def test_a_reading_begins_after_the_position(kinesis: Kinesis) -> None:
    name = kinesis.create(unique("after"))
    kinesis.send(name, values(0, 50))
    first = stream_of(name).after(None)
    read(first)
    kinesis.send(name, values(50, 60))
    second = stream_of(name).after(position_of(first))
    assert sorted(ids(read(second))) == list(range(50, 60))
    assert read(second.after(position_of(second))) == []
    assert sorted(ids(read(second.after(position_of(first))))) == list(range(50, 60))


def test_parents_are_read_to_their_end_before_their_children(kinesis: Kinesis) -> None:
    name = kinesis.create(unique("reshard"), shards=1)
    kinesis.send(name, values(0, 40))
    kinesis.client.split_shard(StreamName=name, ShardToSplit=kinesis.shards(name)[0], NewStartingHashKey=MIDDLE)
    kinesis.send(name, values(40, 80))
    _, low, high = kinesis.shards(name)
    kinesis.client.merge_shards(StreamName=name, ShardToMerge=high, AdjacentShardToMerge=low)
    kinesis.send(name, values(80, 120))
    stream, whole = stream_of(name).within(Limits(records=20, seconds=20)), list[dict[str, Any]]()
    position = None
    while len(whole) < 120:
        reading = stream.after(position)
        whole += read(reading)
        position = position_of(reading)
    assert sorted(ids(whole)) == list(range(120))
    assert all(of_key(whole, key) == list(range(key, 120, 8)) for key in range(8))


def test_a_shard_that_is_split_while_it_is_read_loses_and_repeats_nothing(kinesis: Kinesis) -> None:
    name = kinesis.create(unique("live"), shards=1)
    kinesis.send(name, values(0, 40))
    stream = stream_of(name).within(Limits(records=30, seconds=20))
    first = stream.after(None)
    rows = read(first)
    kinesis.client.split_shard(StreamName=name, ShardToSplit=kinesis.shards(name)[0], NewStartingHashKey=MIDDLE)
    kinesis.send(name, values(40, 80))
    rows += read(first.within(Limits()).after(position_of(first)))
    assert sorted(ids(rows)) == list(range(80))
    assert all(of_key(rows, key) == list(range(key, 80, 8)) for key in range(8))


def test_an_expired_iterator_is_replaced(kinesis: Kinesis) -> None:
    name = kinesis.create(unique("expired"), shards=1)
    kinesis.send(name, values(0, 10))
    stream = stream_of(name).within(Limits(records=10, seconds=20))
    first = stream.after(None)
    assert len(read(first)) == 10
    kinesis.clock.advance(301)
    kinesis.send(name, values(10, 20))
    assert ids(read(first.after(position_of(first)))) == list(range(10, 20))


def test_a_throttled_shard_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = refusal("ProvisionedThroughputExceededException", "Rate exceeded for shard")
    requests = answered(monkeypatch, *[refused] * 4, RECORD)  # the client itself tries twice
    assert [json.loads(body).get("ShardIterator") for body in requests] == ["a"] * 5


def test_records_older_than_the_retention_are_refused_or_accepted(
    kinesis: Kinesis, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = kinesis.create(unique("lost"), shards=1)
    kinesis.send(name, values(0, 10))
    first = stream_of(name).after(None)
    read(first)
    kinesis.send(name, values(10, 20))
    kinesis.clock.advance(DAY + 60)
    monkeypatch.setattr(source, "time", kinesis.clock.now)
    kinesis.send(name, values(20, 30))
    until = position_of(first)["shards"]["shardId-000000000000"]["until"]
    with pytest.raises(SourceError, match=f"{name}: shardId-0+: records .* between {until} and .* may be gone"):
        read(stream_of(name).after(position_of(first)))
    allowed = stream_of(name, fail_on_data_loss=False).after(position_of(first))
    assert ids(read(allowed)) == list(range(20, 30))
    assert "may be gone" in caplog.text


def test_a_shard_that_was_idle_for_longer_than_the_retention_has_lost_nothing(
    kinesis: Kinesis, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = kinesis.create(unique("idle"), shards=1)
    kinesis.send(name, values(0, 10))
    first = stream_of(name).after(None)
    read(first)
    monkeypatch.setattr(source, "time", kinesis.clock.now)
    kinesis.clock.advance(DAY - 60)
    assert read(first.after(position_of(first))) == []
    kinesis.clock.advance(120)
    kinesis.send(name, values(10, 20))
    assert ids(read(stream_of(name).after(position_of(first)))) == list(range(10, 20))


def test_a_stream_that_was_made_again_is_refused(kinesis: Kinesis) -> None:
    name = kinesis.create(unique("again"), shards=1)
    kinesis.send(name, values(0, 1))
    first = stream_of(name).after(None)
    read(first)
    kinesis.client.delete_stream(StreamName=name)
    kinesis.create(name, shards=1)
    kinesis.send(name, values(1, 3))
    with pytest.raises(SourceError, match="the stream was made again at"):
        read(stream_of(name).after(position_of(first)))
    assert ids(read(stream_of(name, fail_on_data_loss=False).after(position_of(first)))) == [1, 2]


def test_the_position_of_another_stream_is_refused(kinesis: Kinesis) -> None:
    name = kinesis.create(unique("one"), shards=1)
    position = {"kind": "kinesis", "stream": "other", "created": "", "shards": {}}
    with pytest.raises(SourceError, match="was read from kinesis other up to its last version"):
        read(stream_of(name).after(position))


def test_a_stream_that_does_not_exist_is_named(kinesis: Kinesis) -> None:
    with pytest.raises(SourceError, match=r"kinesis:nowhere: source.stream: expected a stream of this account"):
        read(stream_of("nowhere").after(None))


def test_an_arn_names_a_stream(kinesis: Kinesis) -> None:
    name = kinesis.create(unique("arn"), shards=1)
    kinesis.send(name, values(0, 2))
    arn = kinesis.client.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]
    assert ids(read(stream_of(arn).after(None))) == [0, 1]


def test_records_of_the_producer_library_s_aggregation_are_refused(kinesis: Kinesis) -> None:
    name = kinesis.create(unique("kpl"), shards=1)
    kinesis.send(name, [("a", b"\xf3\x89\x9a\xc2\x0a\x01a" + bytes(16))])
    with pytest.raises(SourceError, match=r"found several in record \d+, .* Set AggregationEnabled = false"):
        read(stream_of(name).after(None))


def test_a_malformed_record_is_found_by_its_sequence_number(kinesis: Kinesis) -> None:
    name = kinesis.create(unique("bad"), shards=1)
    kinesis.send(name, [("a", b"{")])
    row = read(stream_of(name).after(None))[0]
    assert "(sequence number 4" in row[REASON_COLUMN]
    assert row[FILE_COLUMN] == "shardId-000000000000"


def test_an_empty_answer_is_not_the_end_of_a_shard(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = [{"Records": [], "NextShardIterator": name, "MillisBehindLatest": int(1_000 * PATIENCE)} for name in "bc"]
    requests = answered(monkeypatch, *[(200, json.dumps(answer).encode()) for answer in empty], RECORD)
    assert [json.loads(body).get("ShardIterator") for body in requests] == ["a", "b", "c"]


RECORD = 200, json.dumps({
    "Records": [{
        "SequenceNumber": "49" + "0" * 54, "ApproximateArrivalTimestamp": 1_700_000_000.5, "PartitionKey": "k",
        "Data": base64.b64encode(b'{"id": 1}').decode(),
    }],
    "NextShardIterator": "d",
    "MillisBehindLatest": 0,
}).encode()  # fmt: skip


def answered(monkeypatch: pytest.MonkeyPatch, *answers: tuple[int, bytes]) -> list[bytes]:
    """The calls of GetRecords of a reading that gets these answers, the last of which has the only record."""
    summary = {"StreamCreationTimestamp": 1_700_000_000, "RetentionPeriodHours": 24}
    shards = {"Shards": [{"ShardId": "shardId-000000000000"}]}
    before = [{"StreamDescriptionSummary": summary}, shards, {"ShardIterator": "a"}]
    with answering(*[(200, json.dumps(answer).encode()) for answer in before], *answers) as server:
        with monkeypatch.context() as patch:
            patch.setenv("AWS_ENDPOINT_URL_KINESIS", server.url)
            patch.setenv("AWS_ACCESS_KEY_ID", "test")
            patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
            forget_clients()
            assert ids(read(stream_of("s").after(None))) == [1]
        forget_clients()
    return server.requests[3:]
