import json
from typing import Any

import boto3
import pytest
from confluent_kafka import Consumer, TopicPartition

from config.errors import ConfigError, SourceError, Unreachable
from tasks.sources import kafka, secrets, source_of
from tasks.sources.source import FILE_COLUMN, LINE_COLUMN, REASON_COLUMN, Incremental
from tasks.sources.streams import Limits, Stream
from tests.kafka_brokers import PARTITIONS, Brokers
from tests.patience import until
from tests.sagemaker_local.support import unique
from tests.use_cases import small_use_case

LARGE = b'{"id": 1, "colour": "' + b"x" * 900_000 + b'"}'
"""A partition of the mock brokers keeps 5 MB."""


def stream_of(brokers: Brokers, topic: str, **changes: Any) -> Stream:
    """The source of a topic."""
    source = source_of(small_use_case(source=brokers.source(topic, **changes)), None)
    assert isinstance(source, Stream)
    return source


def value(number: int) -> bytes:
    return json.dumps({"id": number}).encode()


def read(stream: Stream) -> list[dict[str, Any]]:
    """The rows of a source, with the position after them in JSON."""
    rows = [row for batch in stream.batches() for row in batch.to_pylist()]
    json.dumps(stream.position())
    return rows


def ids(rows: list[dict[str, Any]]) -> list[int]:
    return [int(row["id"]) for row in rows]


def by_partition(rows: list[dict[str, Any]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for row in rows:
        found.setdefault(row[FILE_COLUMN], []).append(int(row["id"]))
    return found


def test_each_record_is_read_once_in_the_order_of_its_partition(brokers: Brokers) -> None:
    sent = [(number % PARTITIONS, value(number)) for number in range(400)]
    brokers.send("order", sent)
    stream = stream_of(brokers, "order")
    assert isinstance(stream, Incremental)
    assert stream.fingerprint() is None
    rows = read(stream.after(None))
    assert by_partition(rows) == {f"order/{part}": list(range(part, 400, PARTITIONS)) for part in range(PARTITIONS)}
    assert [row[LINE_COLUMN] for row in rows if row[FILE_COLUMN] == "order/2"] == list(range(100))
    assert stream.reader.lag() == "0 records behind"


def test_a_reading_begins_after_the_position_and_ends_with_what_was_there(brokers: Brokers) -> None:
    brokers.send("after", [(number % 2, value(number)) for number in range(10)])
    first = stream_of(brokers, "after").after(None)
    assert sorted(ids(read(first))) == list(range(10))
    position = json.loads(json.dumps(first.position()))
    brokers.send("after", [(0, value(10)), (3, value(11))])
    second = stream_of(brokers, "after").after(position)
    assert sorted(ids(read(second))) == [10, 11]
    assert read(second.after(second.position())) == []
    assert sorted(ids(read(second.after(position)))) == [10, 11]  # as after a commit that another consumer has won


def test_a_reading_ends_at_its_limits(brokers: Brokers) -> None:
    brokers.send("limits", [(0, value(number)) for number in range(10)])
    stream = stream_of(brokers, "limits")
    first = stream.within(Limits(records=4, seconds=60)).after(None)
    assert ids(read(first)) == [0, 1, 2, 3]
    assert ids(read(first.after(first.position()))) == [4, 5, 6, 7]
    assert ids(read(first.within(Limits(records=4, seconds=0.3)).after(first.position()))) == [8, 9]


def test_the_offsets_of_a_consumer_group_have_no_effect(brokers: Brokers) -> None:
    brokers.send("group", [(0, value(number)) for number in range(5)])
    group = Consumer({"bootstrap.servers": brokers.addresses, "group.id": "vishwaops", "log_level": 0})
    group.commit(offsets=[TopicPartition("group", 0, 3)], asynchronous=False)
    group.close()
    assert ids(read(stream_of(brokers, "group").after(None))) == [0, 1, 2, 3, 4]


def test_a_malformed_record_keeps_its_partition_and_offset(brokers: Brokers) -> None:
    brokers.send("malformed", [(1, value(0)), (1, b"{"), (1, None), (1, value(3))])
    rows = read(stream_of(brokers, "malformed").after(None))
    assert [(row[FILE_COLUMN], row[LINE_COLUMN], row["id"]) for row in rows] == [
        ("malformed/1", 0, "0"), ("malformed/1", 1, None), ("malformed/1", 2, None), ("malformed/1", 3, "3"),
    ]  # fmt: skip
    assert [bool(row[REASON_COLUMN]) for row in rows] == [False, True, True, False]


def test_records_that_were_deleted_before_they_were_read_are_refused_or_accepted(
    brokers: Brokers, caplog: pytest.LogCaptureFixture
) -> None:
    brokers.send("deleted", [(0, value(0))])
    first = stream_of(brokers, "deleted").after(None)
    read(first)
    brokers.send("deleted", [(0, LARGE)] * 8)
    with pytest.raises(SourceError, match=r"partition 0: expected offset 1, .* found \d as the oldest: up to \d"):
        read(stream_of(brokers, "deleted").after(first.position()))
    allowed = stream_of(brokers, "deleted", fail_on_data_loss=False).after(first.position())
    assert 0 < len(read(allowed)) < 8
    assert "were deleted before they were read" in caplog.text


def test_records_that_are_deleted_during_a_reading_are_refused(brokers: Brokers) -> None:
    brokers.send("trimmed", [(0, value(0))])
    stream = stream_of(brokers, "trimmed").after(None)
    reader = stream.reader
    reader.begin({"kind": "kafka", "stream": "trimmed", "offsets": {"0": 1}})
    assert reader.read(10, 0.2) == []
    brokers.send("trimmed", [(0, LARGE)] * 8)
    reader._assign({**reader._next, 0: 1})  # type: ignore[attr-defined]
    with pytest.raises(SourceError, match="were deleted before they were read"):
        until(lambda: reader.read(10, 0.5) or None)


def test_an_offset_beyond_the_end_is_refused(brokers: Brokers) -> None:
    brokers.send("again", [(0, value(0))])
    position = {"kind": "kafka", "stream": "again", "offsets": {"0": 5}}
    with pytest.raises(SourceError, match=r"expected offset 5, .* found 1 as the end: the topic was made again"):
        read(stream_of(brokers, "again").after(position))


@pytest.mark.parametrize("position", [{"kind": "kafka", "stream": "other", "offsets": {}}, {"kind": "sql", "at": 5}])
def test_the_position_of_another_source_is_refused(brokers: Brokers, position: dict[str, Any]) -> None:
    with pytest.raises(SourceError, match=r"expected the same stream. Set `source` back"):
        read(stream_of(brokers, "topic").after(position))


def test_a_topic_that_does_not_exist_is_named(brokers: Brokers) -> None:
    with pytest.raises(SourceError, match=r"kafka:nowhere at .*: source.topic: expected a topic of these brokers"):
        read(stream_of(brokers, "nowhere").after(None))


def test_brokers_that_do_not_answer_are_named(brokers: Brokers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka, "ANSWER_SECONDS", 0.3)
    stream = source_of(small_use_case(source={"kind": "kafka", "brokers": "127.0.0.1:9", "topic": "t"}), None)
    with pytest.raises(Unreachable, match=r"kafka:t at 127.0.0.1:9: expected an answer of the brokers, .*refused"):
        list(stream.batches())


def test_a_password_is_read_from_its_variable_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka, "ANSWER_SECONDS", 0.3)
    security = {"protocol": "SASL_PLAINTEXT", "username": "ada", "password": "${KAFKA_PASSWORD}"}
    source = {"kind": "kafka", "brokers": "127.0.0.1:9", "topic": "t", "security": security}
    case = small_use_case(source=source)
    with pytest.raises(ConfigError, match=r"source.security.password: needs the environment variable KAFKA_PASSWORD"):
        list(source_of(case, None).batches())
    monkeypatch.setenv("KAFKA_PASSWORD", "top secret")
    settings = kafka._security(case.source.security)  # type: ignore[union-attr]
    assert settings == {
        "security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "SCRAM-SHA-512", "sasl.username": "ada",
        "sasl.password": "top secret",
    }  # fmt: skip
    with pytest.raises(Unreachable) as refused:
        list(source_of(case, None).batches())
    assert "top secret" not in str(refused.value)


def test_user_name_and_password_are_read_from_a_secret(bucket: str) -> None:
    manager = boto3.client("secretsmanager", "us-east-1")
    source = {"kind": "kafka", "brokers": "b:9", "topic": "t", "security": {"secret": (name := unique("AmazonMSK"))}}
    security = small_use_case(source=source).source.security  # type: ignore[union-attr]
    manager.create_secret(Name=name, SecretString=json.dumps({"username": "ada", "password": "top secret"}))
    settings = kafka._security(security)
    assert (settings["sasl.username"], settings["sasl.password"]) == ("ada", "top secret")
    assert settings["security.protocol"] == "SASL_SSL"
    secrets.forget(name)
    manager.put_secret_value(SecretId=name, SecretString=json.dumps({"user": "ada", "password": "top secret"}))
    with pytest.raises(SourceError, match="members username and password; it lacks username") as refused:
        kafka._security(security)
    assert "top secret" not in str(refused.value)
