"""The only module that makes PyIceberg's catalog: Glue and S3 by the project's own clients, on AWS and offline."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from pyiceberg.catalog.glue import GlueCatalog, _construct_table_input
from pyiceberg.exceptions import CommitFailedException
from pyiceberg.io import PY_IO_IMPL
from pyiceberg.table import CommitTableResponse, Table
from pyiceberg.table.metadata import TableMetadata
from pyiceberg.table.update import AddSnapshotUpdate, TableRequirement, TableUpdate

from config.profile import active_profile
from tasks import clients
from tasks.platform import platform


@dataclass(frozen=True)
class Unchanged:
    """Requires the table to be as it was when the commit was planned.

    PyIceberg's own requirements let an expiry remove a snapshot that has been tagged since.
    """

    planned_on: TableMetadata

    def validate(self, base_metadata: TableMetadata | None) -> None:
        """Raise CommitFailedException when the table has changed."""
        if base_metadata != self.planned_on:
            raise CommitFailedException("the table has changed since the commit was planned")


class Catalog(GlueCatalog):
    """Glue's catalog, which recognises a commit that is in the table although its response was lost."""

    def commit_table(
        self, table: Table, requirements: tuple[TableRequirement, ...], updates: tuple[TableUpdate, ...]
    ) -> CommitTableResponse:
        """Commit as Glue's catalog does. Raises CommitFailedException when another writer was faster.

        botocore repeats an update whose response was lost. Glue refuses the second one, because the table has changed:
        by the first one. PyIceberg would then delete the files of the committed snapshot.
        """
        try:
            unchanged: Any = Unchanged(planned_on=table.metadata)
            return super().commit_table(table, (*requirements, unchanged), updates)
        except CommitFailedException:
            new = {update.snapshot.snapshot_id for update in updates if isinstance(update, AddSnapshotUpdate)}
            found = self.load_table(table.name())
            if new and new <= {snapshot.snapshot_id for snapshot in found.snapshots()}:
                return CommitTableResponse.model_validate(
                    {"metadata": found.metadata, "metadata-location": found.metadata_location}
                )
            raise

    def replace_metadata(self, table: Table, metadata: TableMetadata) -> None:
        """Make `metadata` the table's, if the table is still as it was read.

        For what no update of the table can express: snapshots that keep their ids and have other files. Raises
        CommitFailedException when another writer was faster.
        """
        (namespace, name), number = table.name(), int(table.metadata_location.rpartition("/")[2].partition("-")[0])
        before = self._get_glue_table(namespace, name)
        if before["Parameters"]["metadata_location"] != table.metadata_location:
            raise CommitFailedException("the table has changed since the change was planned")
        location = table.location_provider().new_table_metadata_file_location(number + 1)
        self._write_metadata(metadata, table.io, location)
        new = _construct_table_input(
            name, location, metadata.properties, metadata, before, prev_metadata_location=table.metadata_location
        )
        self._update_glue_table(namespace, name, new, before["VersionId"])

    def _is_s3tables_database(self, database_name: str) -> bool:
        """The database is not one of S3 Tables: PyIceberg need not ask for it, which needs another permission."""
        return False


def catalog() -> Catalog:
    """Return the Glue catalog of the active profile's account and region. Its tables are read and written by boto3."""
    return _catalog_of(clients.client("glue"))


@cache
def _catalog_of(client: Any) -> Catalog:
    return Catalog("glue", client=client, **{PY_IO_IMPL: "tasks.landing.s3_files.S3Files"})


def database() -> str:
    """Return the environment's Glue database, which Terraform makes.

    Offline, Glue forgets its databases when its server ends: then it is made again.
    """
    name = platform().database
    if active_profile().offline:
        make_database_again(name)
    return name


def make_database_again(name: str) -> None:
    """Make a Glue database unless it exists."""
    glue = catalog().glue
    try:
        glue.get_database(Name=name)
    except glue.exceptions.EntityNotFoundException:
        glue.create_database(DatabaseInput={"Name": name})
