"""Rows of a database."""

import re
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from config.documents import Integer
from config.sources.written import WrittenSource
from config.variables import expand, without_secrets

_PASSWORD = re.compile(r"://[^/@\s:]*:(?P<password>[^/@\s]+)@")


class SqlSource(WrittenSource):
    """The rows of a table or of a query, in one consistent snapshot. See the README."""

    kind: Literal["sql"]
    connection: str | None = None
    """`postgresql://USER@HOST/DATABASE`, `sqlite:///FILE`, or the URL of another database that SQLAlchemy reads."""
    secret: str | None = None
    """The name or ARN of a secret in AWS Secrets Manager: a password, or JSON with it as Amazon RDS writes it."""
    table: str | None = None
    """The name of a table or view, also as `SCHEMA.TABLE`. Instead of `query`."""
    query: str | None = None
    """One SELECT."""
    watermark: str | None = None
    """The column that grows with every new row: a time, a date or an integer. A run reads the rows after the last."""
    key: str | None = None
    """A column whose values are unique. It orders rows, also those of equal watermarks."""
    lag: Integer | None = Field(default=None, ge=0)
    """How much later than its watermark a row may be committed: in seconds, for a date in days."""
    timezone: str | None = None
    """The time zone of a watermark without one, such as `Europe/Berlin`. None: the database's."""

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, name: str | None) -> str | None:
        try:
            return ZoneInfo(name).key if name else None
        except (KeyError, ValueError, OSError):
            raise ValueError(f"expected a time zone such as UTC or Europe/Berlin, found {name!r}") from None

    @field_validator("connection")
    @classmethod
    def _has_no_password(cls, written: str | None) -> str | None:
        found = _PASSWORD.search(written or "")
        if found and "${" not in found["password"]:
            raise ValueError(
                "expected no password, because this file is shared; found one. Write ${NAME} for an environment "
                "variable, or leave it out and set `secret`"
            )
        return written

    @model_validator(mode="after")
    def _keys_fit_each_other(self) -> Self:
        if (self.table is None) == (self.query is None):
            raise ValueError(f"expected either `table` or `query`, found {'both' if self.table else 'neither'}")
        if self.connection is None and self.secret is None:
            raise ValueError("expected `connection`, or a `secret` with the host of the database; found neither")
        for name in ("lag", "timezone"):
            if getattr(self, name) is not None and self.watermark is None:
                raise ValueError(f"{name}: expected `watermark` too, because it is about the watermark; found none")
        return self

    def address(self) -> str:
        """The connection with its environment variables expanded: it may hold a password. Raises ConfigError."""
        return expand(self.connection or "", "source.connection")

    def described(self) -> dict[str, Any]:
        """What an incremental read continues: the table, if there is one, and the watermark."""
        return {"table": self.table, "watermark": self.watermark}

    def shown(self, address: str) -> str:
        """Describe the rows, with the address of the database but no secret."""
        where = without_secrets(address) or f"secret {self.secret}"
        return f"{where} {f'table {self.table}' if self.table else 'query'}"
