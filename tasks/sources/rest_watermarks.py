"""How far the records of an API were read, by a field that grows."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from config.errors import SourceError
from config.sources import Since
from tasks.sources.source import Position

Order = tuple[str, float | str]
"""The kind of a value, and its place among the values of its kind."""


class Watermark:
    """The largest value until now.

    An API may include the records of the value that it is asked for, or not. So records of this value that were read
    before are known by a digest.
    """

    def __init__(self, since: Since, value: Any, seen: frozenset[str], address: str) -> None:
        self._since, self._address = since, address
        self._first, self._known = value, seen
        self._last, self._last_seen = value, set(seen)

    @classmethod
    def of(cls, since: Since, position: Position | None, address: str) -> Self:
        """Return the watermark of a position, or the first one. Raises SourceError for another source's position."""
        if position is None:
            return cls(since, None, frozenset(), address)
        if position.get("field") != since.field:
            raise SourceError(
                f"{address}: expected a position of the field {since.field!r}, found one of {position.get('field')!r}. "
                "The dataset's rows were read by another field: read this source with a use case of its own"
            )
        return cls(since, position["value"], frozenset(position["seen"]), address)

    def parameters(self) -> dict[str, Any]:
        """Return the parameter of the query for the records after the watermark."""
        value = self._since.first if self._first is None else self._first
        return {} if value is None else {self._since.parameter: value}

    def is_new(self, record: Any) -> bool:
        """Whether a record was not read before; then it counts as read. Raises SourceError when it lacks the field."""
        value = record.get(self._since.field) if isinstance(record, Mapping) else None
        order, digest = self._order(value), _digest(record)
        if self._first is not None:
            first = self._order(self._first)
            if order < first or (order == first and digest in self._known):
                return False
        last = None if self._last is None else self._order(self._last)
        if last is None or order > last:
            self._last, self._last_seen = value, {digest}
        elif order == last:
            self._last_seen.add(digest)
        return True

    def position(self) -> Position:
        """Return the watermark as JSON."""
        return {"field": self._since.field, "value": self._last, "seen": sorted(self._last_seen)}

    def _order(self, value: Any) -> Order:
        kind, place = _order(value)
        if not kind:
            raise SourceError(
                f"{self._address}: expected a time, a date or a number in {self._since.field!r} of each record, found "
                f"{'none' if value is None else type(value).__name__}. Correct `since.field`"
            )
        expected = None if self._last is None else _order(self._last)[0]
        if expected not in (None, kind):
            raise SourceError(
                f"{self._address}: expected values of one kind in {self._since.field!r}, found {expected} and {kind}"
            )
        return kind, place


def _order(value: Any) -> Order:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return "", ""
    if not isinstance(value, str):
        return "numbers", value
    try:
        return "numbers in texts", int(value)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return "texts", value
    return ("times", moment.timestamp()) if moment.tzinfo else ("times without a zone", moment.isoformat())


def _digest(record: Any) -> str:
    return hashlib.blake2b(json.dumps(record, sort_keys=True).encode(), digest_size=12).hexdigest()
