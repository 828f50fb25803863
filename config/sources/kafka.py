"""A Kafka topic."""

from typing import Literal, Self

from pydantic import Field, model_validator

from config.documents import Document
from config.sources.stream import StreamSource
from config.variables import expand


class KafkaSecurity(Document):
    """How brokers and client prove who they are. See the README for Amazon MSK."""

    protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "SASL_SSL"
    mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    """Of SASL."""
    username: str | None = None
    password: str | None = None
    """`${NAME}`: the environment variable that has it."""
    secret: str | None = None
    """The name or ARN of a secret in AWS Secrets Manager with the members `username` and `password`, instead of both
    keys."""
    ca_location: str | None = None
    """The path of the certificates of the authorities, in PEM. None: those of the machine."""
    certificate_location: str | None = None
    """The path of the client's certificate, for mutual TLS."""
    key_location: str | None = None
    """The path of the private key of the certificate."""
    key_password: str | None = None
    """`${NAME}`: the environment variable that has it."""

    @property
    def uses_sasl(self) -> bool:
        """Whether the client has a name and a password."""
        return self.protocol.startswith("SASL")

    @model_validator(mode="after")
    def _has_one_password(self) -> Self:
        both = self.username is not None and self.password is not None
        if self.uses_sasl and both == (self.secret is not None):
            raise ValueError(f"expected `username` and `password`, or `secret`, for {self.protocol}, not both")
        for key in ("password", "key_password"):
            if (value := getattr(self, key)) and "${" not in value:
                raise ValueError(f"{key}: expected an environment variable, such as ${{KAFKA_PASSWORD}}, found a text")
        return self


class KafkaSource(StreamSource):
    """A Kafka topic. New records are added to the dataset. Only records of committed transactions are read."""

    kind: Literal["kafka"]
    brokers: str = Field(min_length=1)
    """`host:port`, separated by commas."""
    topic: str = Field(min_length=1, max_length=249)
    security: KafkaSecurity | None = None
    """None: without encryption and without a password."""

    def addresses(self) -> str:
        """Return the brokers with environment variables expanded. Raises ConfigError for a variable that is not set."""
        return expand(self.brokers, "source.brokers")
