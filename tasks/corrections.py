"""The corrections of a use case's rows, stored as immutable objects in S3.

A fix is what one command corrects. A release is the list of all corrections that are in effect: the table's property
CORRECTIONS has its name, so that it changes in the same commit as the rows.
"""

import json
import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from config.errors import MissingInput
from tasks import digests, locations, storage
from tasks.rows.corrections import Correction

if TYPE_CHECKING:
    from pyiceberg.table import Table

PROPERTY = "vishwaops.corrections"
"""The table's property that names the release in effect."""


class Fix(BaseModel):
    """Corrections that one person has made at one time."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: str
    at: datetime
    dataset: str
    """The digest of the dataset version whose rows were corrected."""
    corrections: tuple[Correction, ...]


class Released(BaseModel):
    """All corrections in effect, in the order in which they are applied."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    corrections: tuple[Correction, ...] = ()


def release_of(table: "Table | None") -> str | None:
    """Return the name of the release that is in effect in a table; None before the first."""
    return table.properties.get(PROPERTY) if table else None


def save_fix(use_case: str, by: str, dataset: str, corrections: Iterable[Correction]) -> str:
    """Store a fix, and return its address. Its corrections wait until they are released."""
    name = f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}-{secrets.token_hex(2)}"
    numbered = tuple(each.model_copy(update={"ids": (f"{name}/{at}",)}) for at, each in enumerate(corrections))
    fix = Fix(by=by, at=datetime.now(UTC), dataset=dataset, corrections=numbered)
    uri = f"{locations.fixes(use_case)}/{name}.json"
    storage.put_if(uri, fix.model_dump_json(indent=1).encode(), None)
    return uri


def fixes(use_case: str) -> list[Fix]:
    """Return all fixes, oldest first."""
    folder = locations.fixes(use_case)
    uris = [f"{folder}/{name}" for name in sorted(storage.names(folder))]
    return [storage.parsed(uri, storage.get(uri), Fix) for uri in uris]


def pending(use_case: str, release: str | None) -> list[Correction]:
    """Return the corrections that are not in a release, in the order of their fixes.

    Those of the same row and content are one. Of the same cell, the latest is used.
    """
    done = {each for correction in released(use_case, release) for each in correction.ids}
    found: dict[object, Correction] = {}
    for correction in (each for fix in fixes(use_case) for each in fix.corrections):
        if done.isdisjoint(correction.ids):
            found[correction.key] = _both(found.get(correction.key), correction)
    return list(found.values())


def _both(before: Correction | None, after: Correction) -> Correction:
    if before is None:
        return after
    together = {"cells": {**before.cells, **after.cells}, "ids": (*before.ids, *after.ids)}
    return after.model_copy(update=together)


def released(use_case: str, release: str | None) -> Sequence[Correction]:
    """Return the corrections of a release; none without its name. Raises MissingInput when it has been deleted."""
    if release is None:
        return ()
    uri = locations.released(use_case, release)
    try:
        return storage.parsed(uri, storage.get(uri), Released).corrections
    except FileNotFoundError as error:
        raise MissingInput(
            f"{uri}: expected the corrections that the table names, found no such object. Restore it: without them the "
            "next ingest would undo what people corrected"
        ) from error


def save_release(use_case: str, corrections: Iterable[Correction]) -> str:
    """Store a release under the digest of its content, and return its name. It is in effect when a table has it."""
    content = Released(corrections=tuple(corrections)).model_dump(mode="json")
    name = digests.of_json(content)
    storage.put(locations.released(use_case, name), json.dumps(content, indent=1).encode())
    return name
