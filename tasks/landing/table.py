"""The Iceberg table of a use case: found in the Glue catalog, or registered again from its metadata in S3, or made."""

import re
from contextlib import suppress

from pyiceberg.exceptions import NoSuchNamespaceError, NoSuchTableError, TableAlreadyExistsError
from pyiceberg.schema import Schema
from pyiceberg.table import Table

from config.errors import NoPlatform
from tasks import locations, storage
from tasks.landing.catalog import catalog, database
from tasks.progress import log

PROPERTIES = {
    "commit.retry.num-retries": "0",  # a commit that lost a race is planned again, see tasks.landing.commit
    "write.metadata.compression-codec": "none",
    "write.parquet.compression-codec": "zstd",
}
"""The properties of a new table (Apache Iceberg, "Configuration")."""
METADATA = re.compile(r"(\d+)-[-0-9a-f]+\.metadata\.json")
"""The name of a metadata file: the number of the table's version, and a random part."""


def name_of(use_case: str) -> tuple[str, str]:
    """Return the database and the name of a use case's table."""
    return database(), use_case


def find_table(use_case: str) -> Table | None:
    """Return the table as it is now; None when the use case has none yet.

    A table that is missing in Glue, but has metadata in S3, is registered again: offline, Glue forgets its tables when
    its server ends.
    """
    name = name_of(use_case)
    with suppress(NoSuchTableError):
        return catalog().load_table(name)
    return _registered_again(use_case)


def require_table(use_case: str, schema: Schema) -> Table:
    """Return the table, which is made with these columns if there is none. Raises NoPlatform without the database."""
    if found := find_table(use_case):
        return found
    name, location = name_of(use_case), locations.table(use_case)
    try:
        return catalog().create_table(name, schema, location=location, properties=PROPERTIES)
    except TableAlreadyExistsError:  # another ingest has just made it
        return catalog().load_table(name)
    except NoSuchNamespaceError as error:
        raise NoPlatform(
            f"{name[0]}: expected a Glue database that Terraform makes, found none. Apply it first: make tf-apply"
        ) from error


def _registered_again(use_case: str) -> Table | None:
    """Register the table's newest metadata, except a file whose snapshot was given up."""
    folder = f"{locations.table(use_case)}/metadata"
    for name in _newest_first(folder):
        if not _is_whole(f"{folder}/{name}"):
            continue
        log.warning("table     %s is missing in Glue; registered again from %s/%s", use_case, folder, name)
        with suppress(TableAlreadyExistsError):
            return catalog().register_table(name_of(use_case), f"{folder}/{name}")
        return catalog().load_table(name_of(use_case))
    return None


def _newest_first(folder: str) -> list[str]:
    found = [(METADATA.fullmatch(item.name), item) for item in storage.listed(folder)]
    numbered = [(int(match[1]), item.written, item.name) for match, item in found if match]
    return [name for _, _, name in sorted(numbered, reverse=True)]


def _is_whole(metadata: str) -> bool:
    found = storage.get_json(metadata)
    current = found.get("current-snapshot-id")
    lists = [each["manifest-list"] for each in found.get("snapshots", []) if each["snapshot-id"] == current]
    return all(storage.exists(uri) for uri in lists)
