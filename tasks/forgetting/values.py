"""The values that only the removed rows have, and their removal from texts: reasons, pages, logs."""

import html
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from config.use_case import UseCase
from tasks.forgetting.person import SHOWN_AS, Person
from tasks.model_contract import TEXT, UNREAD

LEAST_LETTERS, LEAST_DIGITS = 3, 4
"""A shorter text, or a number with fewer digits, is found everywhere: removing it would damage other texts."""
BEFORE, AFTER = r"(?<![\w/-])(?<![0-9][.,])", r"(?![\w/-])(?![.,][0-9])"
"""A value is removed only as a whole word or number, not from an address, a digest or a longer number."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Values:
    """Texts that are removed wherever they stand as a whole word."""

    texts: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.texts)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        longest_first = sorted(self.texts, key=lambda text: (-len(text), text))
        return re.compile(f"{BEFORE}(?:{'|'.join(map(re.escape, longest_first))}){AFTER}")

    def removed_from(self, text: str) -> str:
        """Return the text without the values."""
        return self._pattern.sub(SHOWN_AS, text) if self.texts else text

    def removed_from_json(self, content: Any) -> Any:
        """Return a JSON value whose texts are without the values. Its numbers stay."""
        if isinstance(content, str):
            return self.removed_from(content)
        if isinstance(content, list):
            return [self.removed_from_json(each) for each in content]
        if isinstance(content, dict):
            return {self.removed_from(name): self.removed_from_json(each) for name, each in content.items()}
        return content

    def removed_from_body(self, name: str, body: bytes) -> bytes:
        """Return an object's or a file's content without the values; the same bytes if it has none of them."""
        text = body.decode(errors="surrogateescape")
        if self.removed_from(text) == text:
            return body
        if name.endswith(".json"):
            try:
                content = json.loads(text)
            except ValueError:
                content = None
            if content is not None:
                new = self.removed_from_json(content)
                return body if new == content else json.dumps(new, indent=1, default=str).encode()
        return self.removed_from(text).encode(errors="surrogateescape")


def values_of(use_case: UseCase, person: Person, rows: Iterable[Row], others: Iterable[Any]) -> Values:
    """Return the texts that name the person or that only the person's rows have.

    `others` are values of other rows: they, and the categories of the use case, are not removed.
    """
    shared = {form for value in others for form in forms(value)}
    shared |= {category for column in use_case.columns.values() for category in column.categories or ()}
    found = {text for value in cells(use_case, rows) for form in forms(value) for text in _long_enough(form)} - shared
    found |= {text for key in person.keys for value in key for text in _long_enough(value)}
    found |= {f"key {text!r}" for text in person.identifiers}
    return Values(frozenset(found | {html.escape(text) for text in found}))


def cells(use_case: UseCase, rows: Iterable[Row]) -> list[Any]:
    """Return the different values of the use case's columns, also of unread cells and of malformed rows, as texts."""
    known = {*use_case.split_columns, TEXT, UNREAD}
    own = ({name: value for name, value in row.items() if name in known} for row in rows)
    return list(dict.fromkeys(value for row in own for value in _cells(row)))


def _cells(row: Row) -> Iterator[Any]:
    for name, value in row.items():
        if value is None or isinstance(value, list):
            continue
        if name == UNREAD:
            yield from (json.loads(value) if value else {}).values()
        elif name == TEXT:
            yield str(value)
            yield from (cell.strip('" ') for cell in re.split(r"[,;\t|]", str(value)))
        else:
            yield value


def forms(value: Any) -> set[str]:
    """How a value is written in messages, pages and JSON."""
    if isinstance(value, bool):
        return set()
    if isinstance(value, int):
        return {str(value), f"{value:,}"}
    if isinstance(value, float):
        if not math.isfinite(value):
            return set()
        whole = {str(int(value)), f"{int(value):,}"} if value == int(value) else set()
        return {repr(value), f"{value:g}", f"{value:.6g}", f"{value:.2f}", f"{value:,.2f}", *whole}
    if isinstance(value, datetime):
        return {value.isoformat(), str(value), f"{value:%Y-%m-%dT%H:%M:%S.000Z}"}
    if isinstance(value, date):
        return {value.isoformat()}
    return {str(value)}


def _long_enough(text: str) -> Iterator[str]:
    text = text.strip()
    digits = sum(map(str.isdigit, text))
    letters = sum(map(str.isalpha, text))
    if (letters and len(text) >= LEAST_LETTERS) or digits >= LEAST_DIGITS:
        yield text
