"""The pages of a REST API, and the records of each."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from email.message import Message
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from jsonpath_ng.parser import parse

from config.errors import SourceError
from config.sources import RestSource
from config.sources.rest import Cursor, Link, Next, Offset, Page
from config.variables import without_secrets
from tabular.suggestions import listed
from tasks.sources import web
from tasks.sources.rest_requests import Answer, Requests

_LINK = re.compile(r'<([^>]*)>\s*((?:;\s*[\w-]+\s*=\s*(?:"[^"]*"|[^",;\s]+)\s*)*)')
_REL = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^",;\s]+))', re.IGNORECASE)

_LOOP = "Correct `pages` in the source: the API may call the parameter or the field by another name"


def pages(source: RestSource, parameters: Mapping[str, Any]) -> Iterator[list[Any]]:
    """Yield the records of each page. `parameters` are added to the query of the first page.

    Raises SourceError, without secrets, when a page can't be read, has no list of records, or is repeated, and when
    there are more than the maximum.
    """
    size = {} if source.page_size is None else {source.page_size_parameter: source.page_size}
    turning = _Turning(source, with_parameters(source.address(), {**size, **parameters}))
    requests = Requests(source)
    for number in range(1, source.maximum_pages + 1):
        answer = requests.get(turning.url, number)
        records = _records(source, answer.body, turning.where(number))
        turning.refuse_repeated(records, number)
        yield records
        if not turning.turn(answer, records, number):
            return
    raise SourceError(
        f"{without_secrets(source.location)}: expected at most {source.maximum_pages:,} pages, found more. Set "
        "`maximum_pages`, or a larger `page_size`"
    )


class _Turning:
    """The address of the current page. `turn` changes it to that of the next one."""

    def __init__(self, source: RestSource, url: str) -> None:
        self._source, self._first = source, url
        self._count = 0
        self._visited = set[str]()
        self._last = ""
        self.url = self._numbered(0)

    def where(self, number: int) -> str:
        """Return a page for messages."""
        return f"{without_secrets(self._source.location)}: page {number:,}"

    def turn(self, answer: Answer, records: list[Any], number: int) -> bool:
        """Go to the next page. Returns False after the last one. Raises SourceError for a page that was visited."""
        self._visited.add(self.url)
        self._count += len(records)
        following = self._following(answer, records, number)
        if following is None:
            return False
        if following in self._visited:
            raise SourceError(f"{self.where(number)}: expected a new page after it, found one that was read. {_LOOP}")
        if web.origin(following) != web.origin(self._first):
            raise SourceError(
                f"{self.where(number)}: expected the next page on the same server, found it on "
                f"{urlsplit(following).hostname}, which must not get the token"
            )
        self.url = following
        return True

    def _following(self, answer: Answer, records: list[Any], number: int) -> str | None:
        match self._source.pages:
            case Link():
                target = next_link(answer.headers)
                return urljoin(self.url, target) if target else None
            case Next(path=path):
                target = _value(path, answer.body)
                return urljoin(self.url, str(target)) if target else None
            case Cursor(path=path, parameter=parameter):
                cursor = _value(path, answer.body)
                return with_parameters(self._first, {parameter: cursor}) if cursor not in (None, "") else None
            case Page() | Offset():
                return self._numbered(number) if records else None
            case _:
                return None

    def _numbered(self, number: int) -> str:
        """Return the address after `number` pages, if pages have numbers, or else the first one."""
        match self._source.pages:
            case Page(parameter=parameter, first=first):
                return with_parameters(self._first, {parameter: first + number})
            case Offset(parameter=parameter):
                return with_parameters(self._first, {parameter: self._count})
            case _:
                return self._first

    def refuse_repeated(self, records: list[Any], number: int) -> None:
        """Raise SourceError when a page has the same records as the one before: the server ignores the parameter."""
        found = hashlib.sha256(json.dumps(records).encode()).hexdigest()
        if records and found == self._last:
            raise SourceError(f"{self.where(number)}: expected other records than on the page before. {_LOOP}")
        self._last = found


def _records(source: RestSource, body: Any, where: str) -> list[Any]:
    path = source.records.removesuffix("[*]")
    found = [match.value for match in _parsed(path).find(body)]
    if not found or any(not isinstance(part, list | None) for part in found):
        there = f"an object with the keys {listed(list(body))}" if isinstance(body, dict) else "another value"
        raise SourceError(
            f"{where}: expected a list of records at `records: {source.records}`, found {there}. Write its JSONPath, "
            "such as `records: $.data`"
        )
    return [record for part in found for record in part or ()]


@cache
def _parsed(path: str) -> Any:
    return parse(path)


def _value(path: str, body: Any) -> Any:
    found = _parsed(path).find(body)
    return found[0].value if found else None


def next_link(headers: Message) -> str | None:
    """Return the target of the `Link` header with `rel="next"` (RFC 8288), or None."""
    for target, attributes in _LINK.findall(", ".join(headers.get_all("Link", []))):
        for quoted, plain in _REL.findall(attributes):
            if "next" in (quoted or plain).lower().split():
                return str(target)
    return None


def with_parameters(url: str, parameters: Mapping[str, Any]) -> str:
    """Return the address with these parameters in its query. They replace those of the same name."""
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in parameters]
    return parts._replace(query=urlencode([*kept, *parameters.items()])).geturl()
