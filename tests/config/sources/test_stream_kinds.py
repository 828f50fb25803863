"""The keys of Kinesis and Kafka."""

from typing import Any

import pytest
from pydantic import ValidationError

from config.sources import KafkaSource, KinesisSource
from tests.use_cases import small_use_case

KINESIS = {"kind": "kinesis", "stream": "clicks"}
KAFKA = {"kind": "kafka", "brokers": "b:9092", "topic": "clicks"}
SASL = {"username": "ada", "password": "${KAFKA_PASSWORD}"}


def test_a_stream_has_defaults() -> None:
    source = small_use_case(source=KINESIS).source
    assert isinstance(source, KinesisSource)
    assert (source.value_format, source.max_records, source.max_seconds) == ("json", 10_000, 60.0)
    assert source.fail_on_data_loss
    assert source.readable


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({**KINESIS, "max_records": 0}, "max_records"),
        ({**KINESIS, "max_seconds": 0}, "max_seconds"),
        ({**KINESIS, "value_format": "avro"}, "value_format"),
        ({**KINESIS, "skip_lines": 1}, "skip_lines: expected none, because each record of a stream is one row"),
        ({**KINESIS, "topic": "t"}, "expected only the keys"),
        ({**KAFKA, "security": {"username": "ada"}}, "expected `username` and `password`, or `secret`, for SASL_SSL"),
        ({**KAFKA, "security": {**SASL, "secret": "s"}}, "expected `username` and `password`, or `secret`"),
        ({**KAFKA, "security": {**SASL, "password": "plain"}}, "password: expected an environment variable"),
        ({**KAFKA, "security": {"protocol": "SSL", "key_password": "plain"}}, "key_password: expected an environment"),
    ],
)
def test_a_key_that_can_not_be_is_refused(keys: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        small_use_case(source=keys)


@pytest.mark.parametrize(
    "security",
    [SASL, {"secret": "msk/ada"}, {"protocol": "SSL", "certificate_location": "c.pem"}, {**SASL, "mechanism": "PLAIN"}],
)
def test_each_way_to_prove_who_one_is_is_accepted(security: dict[str, str]) -> None:
    source = small_use_case(source={**KAFKA, "security": security}).source
    assert isinstance(source, KafkaSource)
    assert source.security
    assert source.security.uses_sasl == (security.get("protocol") != "SSL")


def test_brokers_may_be_in_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROKERS", "one:9092,two:9092")
    source = small_use_case(source={**KAFKA, "brokers": "${BROKERS}"}).source
    assert isinstance(source, KafkaSource)
    assert source.addresses() == "one:9092,two:9092"
