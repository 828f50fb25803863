"""Kinesis where moto differs from AWS; what AWS does is in the module's docstring."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.kinesis_server import Kinesis, running_kinesis
from tests.sagemaker_local.support import unique

HALF = 2**127
DAY = 86_400


@pytest.fixture(scope="module")
def kinesis() -> Iterator[Kinesis]:
    with running_kinesis() as running:
        yield running


def iterator(kinesis: Kinesis, name: str, shard: int = 0, kind: str = "TRIM_HORIZON", **more: Any) -> str:
    place = {"StreamName": name, "ShardId": f"shardId-{shard:012}", "ShardIteratorType": kind}
    found: str = kinesis.client.get_shard_iterator(**place, **more)["ShardIterator"]
    return found


def answer(kinesis: Kinesis, name: str, shard: int = 0, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = kinesis.client.get_records(ShardIterator=iterator(kinesis, name, shard), **more)
    return found


def data(found: dict[str, Any]) -> list[bytes]:
    return [record["Data"] for record in found["Records"]]


def put(kinesis: Kinesis, name: str, value: bytes, hash_key: int = 0) -> dict[str, Any]:
    request = {"StreamName": name, "Data": value, "PartitionKey": "key", "ExplicitHashKey": str(hash_key)}
    written: dict[str, Any] = kinesis.client.put_record(**request)
    return written


def test_sequence_numbers_are_unique_in_the_stream_and_increase(kinesis: Kinesis) -> None:
    name = kinesis.create(unique("numbers"), shards=2)
    numbers = [put(kinesis, name, b"x", key)["SequenceNumber"] for key in (0, HALF, 0, HALF)]
    assert numbers == sorted(set(numbers), key=int)
    assert {len(number) for number in numbers} == {56}
    shards = kinesis.client.list_shards(StreamName=name)["Shards"]
    assert int(shards[0]["SequenceNumberRange"]["StartingSequenceNumber"]) < int(numbers[0])


def test_a_split_shard_keeps_its_records_and_ends(kinesis: Kinesis) -> None:
    name = kinesis.create(unique("split"), shards=1)
    before = iterator(kinesis, name)
    put(kinesis, name, b"parent")
    assert "NextShardIterator" in answer(kinesis, name)
    kinesis.client.split_shard(StreamName=name, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(HALF))
    put(kinesis, name, b"low", HALF - 1)
    put(kinesis, name, b"high", 2**128 - 1)
    ended = kinesis.client.get_records(ShardIterator=before)
    assert data(ended) == [b"parent"]
    assert "NextShardIterator" not in ended
    assert [child["ShardId"][-1] for child in ended["ChildShards"]] == ["1", "2"]
    assert [data(answer(kinesis, name, shard)) for shard in (1, 2)] == [[b"low"], [b"high"]]
    parent, low, high = kinesis.client.list_shards(StreamName=name)["Shards"]
    assert "EndingSequenceNumber" in parent["SequenceNumberRange"]
    assert [shard["ParentShardId"] for shard in (low, high)] == [parent["ShardId"]] * 2
    summary = kinesis.client.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
    assert summary["OpenShardCount"] == 2


def test_shards_are_merged_in_any_order_and_keep_their_records(kinesis: Kinesis) -> None:
    name = kinesis.create(unique("merge"), shards=2)
    put(kinesis, name, b"low", 0)
    put(kinesis, name, b"high", HALF)
    request = {"ShardToMerge": "shardId-000000000001", "AdjacentShardToMerge": "shardId-000000000000"}
    kinesis.client.merge_shards(StreamName=name, **request)
    put(kinesis, name, b"child", HALF)
    assert [data(answer(kinesis, name, shard)) for shard in (0, 1, 2)] == [[b"low"], [b"high"], [b"child"]]
    child = kinesis.client.list_shards(StreamName=name)["Shards"][-1]
    assert (child["ParentShardId"], child["AdjacentParentShardId"]) == tuple(request.values())
    assert child["HashKeyRange"] == {"StartingHashKey": "0", "EndingHashKey": str(2**128 - 1)}
    with pytest.raises(ClientError, match="has already been merged or split"):
        kinesis.client.merge_shards(StreamName=name, **request)


def test_an_iterator_expires_after_five_minutes(kinesis: Kinesis) -> None:
    name = kinesis.create(unique("expiry"), shards=1)
    old = iterator(kinesis, name)
    kinesis.clock.advance(299)
    kinesis.client.get_records(ShardIterator=old)
    kinesis.clock.advance(2)
    with pytest.raises(kinesis.client.exceptions.ExpiredIteratorException):
        kinesis.client.get_records(ShardIterator=old)


def test_records_expire_after_the_retention(kinesis: Kinesis) -> None:
    name = kinesis.create(unique("retention"), shards=1)
    put(kinesis, name, b"old")
    kinesis.clock.advance(DAY - 10)
    put(kinesis, name, b"new")
    assert data(answer(kinesis, name)) == [b"old", b"new"]
    kinesis.clock.advance(11)
    found = answer(kinesis, name)
    assert data(found) == [b"new"]
    assert found["MillisBehindLatest"] == 0


def test_five_calls_in_a_second_are_allowed_for_a_shard(kinesis: Kinesis) -> None:
    name = kinesis.create(unique("throttle"), shards=2)
    once = type(kinesis)(_without_retries(), kinesis.clock)
    first, second = iterator(kinesis, name), iterator(kinesis, name, 1)
    for _ in range(5):
        once.client.get_records(ShardIterator=first)
    once.client.get_records(ShardIterator=second)
    with pytest.raises(kinesis.client.exceptions.ProvisionedThroughputExceededException, match="Rate exceeded"):
        once.client.get_records(ShardIterator=first)


def _without_retries() -> Any:
    import boto3

    return boto3.client("kinesis", "us-east-1", config=Config(retries={"total_max_attempts": 1}))


def test_iterators_begin_where_their_type_says(kinesis: Kinesis) -> None:
    name = kinesis.create(unique("types"), shards=1)
    first = put(kinesis, name, b"1")["SequenceNumber"]
    put(kinesis, name, b"2")
    kinesis.clock.advance(10)
    later = kinesis.clock.now() - 5
    put(kinesis, name, b"3")

    def read(kind: str, **more: Any) -> list[bytes]:
        found = kinesis.client.get_records(ShardIterator=iterator(kinesis, name, kind=kind, **more))
        return data(found)

    assert read("AT_SEQUENCE_NUMBER", StartingSequenceNumber=first) == [b"1", b"2", b"3"]
    assert read("AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=first) == [b"2", b"3"]
    assert read("AT_TIMESTAMP", Timestamp=later) == [b"3"]
    assert read("LATEST") == []


def test_a_sequence_number_of_another_stream_is_refused(kinesis: Kinesis) -> None:
    name = kinesis.create(unique("foreign"), shards=1)
    with pytest.raises(ClientError, match="because it did not come from this stream"):
        iterator(kinesis, name, kind="AFTER_SEQUENCE_NUMBER", StartingSequenceNumber="5")


def test_an_answer_has_at_most_the_limit_and_how_far_it_is_behind(kinesis: Kinesis) -> None:
    name = kinesis.create(unique("limit"), shards=1)
    for value in (b"1", b"2", b"3"):
        put(kinesis, name, value)
    kinesis.clock.advance(60)
    found = answer(kinesis, name, Limit=2)
    assert data(found) == [b"1", b"2"]
    assert 60_000 <= found["MillisBehindLatest"] < 90_000
    assert kinesis.client.get_records(ShardIterator=found["NextShardIterator"])["MillisBehindLatest"] == 0


@pytest.mark.parametrize("wrong", ["nonsense", "bm9uc2Vuc2U="])
def test_an_iterator_that_nobody_issued_is_refused(kinesis: Kinesis, wrong: str) -> None:
    with pytest.raises(ClientError, match="Invalid ShardIterator"):
        kinesis.client.get_records(ShardIterator=wrong)


def test_a_stream_is_read_by_its_arn_alone(kinesis: Kinesis) -> None:
    name = kinesis.create(unique("arn"), shards=1)
    put(kinesis, name, b"1")
    arn = kinesis.client.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]
    request = {"ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"}
    begin = kinesis.client.get_shard_iterator(StreamARN=arn, **request)["ShardIterator"]
    assert data(kinesis.client.get_records(StreamARN=arn, ShardIterator=begin)) == [b"1"]
    with pytest.raises(ClientError, match="does not exist"):
        kinesis.client.get_shard_iterator(StreamARN=arn, **{**request, "ShardId": "shardId-000000000009"})
