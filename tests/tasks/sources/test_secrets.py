"""Secrets in LocalStack's Secrets Manager."""

import json
from uuid import uuid4

import pytest

from config.errors import SourceError
from tasks import clients
from tasks.sources.secrets import forget, hidden, secret_fields, secret_text, secret_value


def stored(text: str | bytes) -> str:
    name = f"secrets/{uuid4().hex}"
    content = {"SecretString": text} if isinstance(text, str) else {"SecretBinary": text}
    clients.client("secretsmanager").create_secret(Name=name, **content)
    return name


@pytest.mark.usefixtures("bucket")
class TestSecrets:
    def test_a_secret_is_read_once_until_it_is_forgotten(self) -> None:
        name = stored(" first one\n")
        assert secret_text(name, "source.secret") == "first one"
        clients.client("secretsmanager").put_secret_value(SecretId=name, SecretString="second one")
        assert secret_text(name, "source.secret") == "first one"
        forget(name)
        assert secret_text(name, "source.secret") == "second one"
        assert hidden("first one, second one, third one") == "..., ..., third one"

    def test_a_value_is_the_plain_text_or_the_first_field_that_is_named(self) -> None:
        assert secret_value(stored("a-token"), ["token"], "source.secret") == "a-token"
        name = stored(json.dumps({"user": "me", "api_key": "k-123", "port": 5432}))
        assert secret_value(name, ["token", "api_key"], "source.secret") == "k-123"
        assert secret_fields(name, "source.secret") == {"user": "me", "api_key": "k-123", "port": "5432"}
        assert secret_fields(stored("a-token"), "source.secret") == {}
        with pytest.raises(
            SourceError, match="a field token or bearer, found the fields api_key, port, user"
        ) as refused:
            secret_value(name, ["token", "bearer"], "source.secret")
        assert "k-123" not in str(refused.value)
        assert hidden("sent k-123 to port 5432") == "sent ... to port 5432"

    def test_a_secret_that_can_t_be_used_is_named(self) -> None:
        with pytest.raises(
            SourceError, match=r"^source\.secret: expected a secret of AWS Secrets Manager, found none called no"
        ):
            secret_text("nowhere", "source.secret")
        for content, kind in ((b"x", "a binary one"), ("  ", "an empty one")):
            with pytest.raises(SourceError, match=f"to be a text or JSON, found {kind}. Store it as text"):
                secret_text(stored(content), "source.secret")
