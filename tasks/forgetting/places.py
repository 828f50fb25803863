"""Where a use case's rows are in S3, besides its table, and which of these objects have rows of a person."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pyarrow as pa

from tasks import locations, storage
from tasks.forgetting.person import Person
from tasks.forgetting.rows import matching
from tasks.platform import Purpose

BUCKETS: Sequence[Purpose] = ("data", "artefacts", "monitoring")
OWN_WAY = ("table", "audit", "forgotten", "corrections", "ground_truth", "capture", "traffic")
"""The folders that are not a set of independent Parquet objects."""
TEXTS = (".json", ".jsonl", ".html", ".csv", ".txt", ".log", ".svg", ".md")
PARALLEL = 8


@dataclass(frozen=True)
class FoundObject:
    """A Parquet object with rows of the person."""

    uri: str
    place: str
    """The folder below the use case's, such as `splits`."""
    folder: str
    """The address of the folder of its version, such as `s3://.../splits/<digest>`."""
    rows: pa.Table
    """The person's rows."""


def find_objects(use_case: str, person: Person) -> list[FoundObject]:
    """Return the Parquet objects with rows of the person."""
    with ThreadPoolExecutor(PARALLEL, "forget") as pool:
        found = pool.map(lambda each: _found(each[0], each[1], person), list(_parquet(use_case)))
        return [each for each in found if each]


def texts(use_case: str) -> Iterator[tuple[str, str]]:
    """Yield the address and the name of each text below the use case's folders."""
    roots = [*(locations.root(use_case, purpose) for purpose in BUCKETS), locations.experiments(use_case)]
    for root in roots:
        for name in storage.names(root):
            if name.endswith(TEXTS) and name.partition("/")[0] not in OWN_WAY:
                yield f"{root}/{name}", name


def _parquet(use_case: str) -> Iterator[tuple[str, str]]:
    for purpose in BUCKETS:
        root = locations.root(use_case, purpose)
        for name in storage.names(root):
            if name.endswith(".parquet") and name.partition("/")[0] not in OWN_WAY:
                yield root, name


def _found(root: str, name: str, person: Person) -> FoundObject | None:
    rows = matching(f"{root}/{name}", person.mask)
    if rows is None:
        return None
    place, _, rest = name.partition("/")
    version = f"{place}/{rest.partition('/')[0]}"
    if place == "scores":
        version = "/".join(name.split("/")[:3])
    return FoundObject(f"{root}/{name}", place, f"{root}/{version}", rows)
