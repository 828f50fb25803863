"""Glue's optimistic locking, which moto lacks: an update of a table that has changed since it was read is refused.

Source: AWS Glue Web API Reference, UpdateTable: `VersionId` and ConcurrentModificationException.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

_updating = threading.Lock()
Ask = Callable[[str, dict[str, Any]], dict[str, Any]]
"""Asks moto for an action of Glue's with a request, and returns the response's members."""


class ConcurrentModification(Exception):
    """The table has another version than the request names."""


@contextmanager
def locked(service: str, action: str, request: Mapping[str, Any], ask: Ask) -> Iterator[None]:
    """Lets one update of a table at a time pass, if it has the table's version.

    Raises:
        ConcurrentModification: the request names another version than the table's.
    """
    if service != "glue" or action != "UpdateTable":
        yield
        return
    with _updating:
        if (wanted := request.get("VersionId")) is not None:
            table = {"DatabaseName": request.get("DatabaseName"), "Name": (request.get("TableInput") or {}).get("Name")}
            found = ask("GetTable", table).get("Table")
            if found is not None and found["VersionId"] != wanted:
                raise ConcurrentModification("Update table failed due to concurrent modifications.")
        yield
