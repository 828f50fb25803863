"""The address of a database and its secret, in LocalStack's Secrets Manager."""

import json

import pytest

from config.errors import SourceError
from tasks import clients
from tasks.sources.databases.connections import Connection

RDS = {
    "engine": "postgres",
    "username": "me",
    "password": "p/w",
    "host": "db.example.com",
    "port": 5433,
    "dbname": "school",
}


@pytest.fixture(scope="module")
def secret(bucket: str) -> str:
    made = clients.client("secretsmanager").create_secret(Name="connections/rds", SecretString=json.dumps(RDS))
    return str(made["ARN"])


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", "postgresql://me:p%2Fw@db.example.com:5433/school"),
        ("postgresql://you@other/exams?sslmode=require", "postgresql://you:p%2Fw@other/exams?sslmode=require"),
        ("postgresql:///?host=/run/db", "postgresql://me:p%2Fw@db.example.com:5433/school?host=/run/db"),
        ("mysql+pymysql://you:mine@other/exams", "mysql+pymysql://you:mine@other/exams"),
    ],
)
def test_the_url_takes_precedence_over_the_fields_of_a_secret(secret: str, written: str, expected: str) -> None:
    assert Connection(written, secret).address() == expected


def test_a_plain_secret_is_a_password(bucket: str) -> None:
    clients.client("secretsmanager").create_secret(Name="connections/plain", SecretString="hunter2\n")
    found = Connection("postgresql://me@host/school", "connections/plain")
    assert found.address() == "postgresql://me:hunter2@host/school"
    assert (found.shown, found.hidden("hunter2 of me@host")) == ("postgresql://host/school", "... of host")
    with pytest.raises(SourceError, match=r"expected a URL such as .* or a secret with the field `engine`"):
        assert Connection("", "connections/plain").scheme


def test_a_password_in_a_url_is_hidden_also_when_it_is_decoded() -> None:
    found = Connection("postgresql://me:p%2Fw@host/school?password=x1y2")
    assert found.hidden("wrong p/w and p%2Fw, x1y2") == "wrong ... and ..., ..."
    assert "p%2Fw" not in repr(found)
