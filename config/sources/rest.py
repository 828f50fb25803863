"""The records of a REST API."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from config.documents import Document, Integer
from config.sources.written import WrittenSource
from config.variables import expand

REFERENCE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")
Parameter = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.\[\]$-]+$")]
"""The name of a parameter of the query."""
HEADER = r"^[A-Za-z0-9-]+$"


def _is_path(path: str) -> str:
    """Check an expression of JSONPath. Raises ValueError."""
    from jsonpath_ng.parser import parse

    try:
        parse(path)
    except Exception as error:  # noqa: BLE001  its lexer raises plain ones as well
        raise ValueError(f"expected JSONPath such as $.data, found {path!r}: {str(error).splitlines()[0]}") from None
    return path


class Link(Document):
    """The next page is the `Link` header of the answer, with `rel="next"` (RFC 8288)."""

    by: Literal["link"]


class Next(Document):
    """The address of the next page is in the answer."""

    by: Literal["next"]
    path: str = "$.next"
    """JSONPath of the address. Null or absent: this page is the last."""


class Cursor(Document):
    """The cursor of the next page is in the answer."""

    by: Literal["cursor"]
    path: str
    """JSONPath of the cursor. Null, empty or absent: this page is the last."""
    parameter: Parameter = "cursor"


class Page(Document):
    """Pages have numbers. The first page without records ends them."""

    by: Literal["page"]
    parameter: Parameter = "page"
    first: Annotated[Integer, Field(ge=0)] = 1


class Offset(Document):
    """A page begins after a number of records. The first page without records ends them."""

    by: Literal["offset"]
    parameter: Parameter = "offset"


class Since(Document):
    """A field that grows with every new or changed record. Each run reads the records after the last one."""

    field: str
    """The name of the field, such as `updated_at`: a time, a date or a number."""
    parameter: Parameter
    """The parameter of the query that gets the last value. The API may include it, or not."""
    first: str | Integer | None = None
    """The value of the first run. None: without the parameter."""


class RestSource(WrittenSource):
    """The records of a REST API that answers GET with JSON."""

    kind: Literal["rest"]
    location: str
    """The `https://` address of the first page."""
    records: str = "$"
    """JSONPath of the list of records in an answer, such as `$.data`. `$` is the answer itself."""
    pages: Annotated[Link | Next | Cursor | Page | Offset, Field(discriminator="by")] | None = None
    """How the next page is found. None: there is one page."""
    page_size: Annotated[Integer, Field(ge=1)] | None = None
    page_size_parameter: Parameter = "limit"
    maximum_pages: Annotated[Integer, Field(ge=1)] = 10_000
    """A run that needs more pages is refused."""
    token: str | None = None
    """`${NAME}`: the environment variable with the token."""
    secret: str | None = None
    """The name or ARN of the secret in AWS Secrets Manager with the token. Instead of `token`."""
    token_header: str = Field(default="Authorization", pattern=HEADER)
    """The header of the token. `Authorization` has `Bearer` before it."""
    since: Since | None = None
    """For an incremental source."""

    @field_validator("records")
    @classmethod
    def _records_is_a_path(cls, path: str) -> str:
        return _is_path(path)

    @field_validator("pages")
    @classmethod
    def _next_is_a_path(cls, pages: Any) -> Any:
        if isinstance(pages, Next | Cursor):
            _is_path(pages.path)
        return pages

    @field_validator("token")
    @classmethod
    def _token_is_a_variable(cls, token: str | None) -> str | None:
        if token is not None and not REFERENCE.fullmatch(token):
            raise ValueError("expected ${NAME} only, because this file is shared; found another text")
        return token

    @model_validator(mode="after")
    def _keys_fit_each_other(self) -> Self:
        if self.token is not None and self.secret is not None:
            raise ValueError("expected either `token` or `secret`, found both")
        return self

    def address(self) -> str:
        """The location with its environment variables expanded: it may hold a secret. Raises ConfigError."""
        return expand(self.location, "source.location")

    def environment_token(self) -> str | None:
        """The token of `token`. Raises ConfigError for a variable that is not set."""
        return None if self.token is None else expand(self.token, "source.token")
