"""The media types of requests and responses, and their parameters (RFC 9110, sections 5.6.6 and 8.3)."""

import re
from dataclasses import dataclass, field
from functools import lru_cache

JSON, CSV = "application/json", "text/csv"
JSON_LINES = "application/jsonlines"
PARQUET = "application/vnd.apache.parquet"
ARROW_STREAM, ARROW_FILE = "application/vnd.apache.arrow.stream", "application/vnd.apache.arrow.file"
OTHER_NAMES = {
    "application/x-parquet": PARQUET,
    "application/jsonl": JSON_LINES,
    "application/x-jsonlines": JSON_LINES,
    "application/x-ndjson": JSON_LINES,
}
"""Other names in use, and the types that they mean."""
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105
_PARAMETER = re.compile(rf'\s*;\s*(?:({_TOKEN})\s*=\s*("(?:[^"\\]|\\.)*"|[^";,\s]*))?\s*')
_TYPE = re.compile(rf"\s*({_TOKEN})\s*/\s*({_TOKEN})\s*")


@dataclass(frozen=True)
class MediaType:
    """A media type, or in an Accept header a range of them."""

    name: str
    """In lower case, such as `text/csv` or `text/*`."""
    parameters: dict[str, str] = field(default_factory=dict)
    """The values by names in lower case."""

    @property
    def standard_name(self) -> str:
        """The name that is used here for this type."""
        return OTHER_NAMES.get(self.name, self.name)


@lru_cache(maxsize=256)
def media_type(text: str) -> MediaType | None:
    """Read one media type with its parameters. Returns None for a text that is not a media type."""
    found = _TYPE.match(text)
    if not found:
        return None
    parameters: dict[str, str] = {}
    place = found.end()
    while place < len(text):
        parameter = _PARAMETER.match(text, place)
        if not parameter:
            return None
        if parameter[1]:
            parameters.setdefault(parameter[1].lower(), _unquoted(parameter[2]))
        place = parameter.end()
    return MediaType(f"{found[1]}/{found[2]}".lower(), parameters)


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
