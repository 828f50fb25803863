"""The outputs of the data stages: dataset versions, validated rows, splits."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import Field

from tasks.references.reference import Reference


class DatasetVersion(Reference):
    """The output of `ingest`: typed rows, a snapshot of an Iceberg table, named by the digest of their content."""

    digest: str
    source: str
    table: str
    """`<database>.<name>` in the Glue catalog."""
    snapshot: int
    uri: str
    """The snapshot's manifest list. It exists as long as the version."""
    rows: int
    malformed: int = 0
    """The number of malformed rows. They are not counted in `rows`."""

    @property
    def headline(self) -> str:
        malformed = f", {self.malformed:,} malformed" if self.malformed else ""
        return f"{self.rows:,} rows from {self.source}{malformed}; version {self.digest}"


class ValidatedDataset(Reference):
    """The output of `validate`: the rows of a dataset version that fit its schema."""

    dataset: DatasetVersion
    uri: str
    quarantine_uri: str
    """Parquet: the rows that do not fit, each with its reasons."""
    report_uri: str
    rows: int
    quarantined: int
    without_target: int = 0
    """The number of good rows without a target. They are neither counted in `rows` nor quarantined."""
    duplicates: int = 0
    """The number of rows that equal an earlier row."""
    duplicates_dropped: int = 0
    """Those of them that are in no file, because `quality.duplicates` is `drop`."""
    page: str | None = None
    """The file of the data report beside the page of a run; None on AWS."""
    page_uri: str | None = None
    """The data report."""

    @property
    def headline(self) -> str:
        without = f", {self.without_target:,} without a target" if self.without_target else ""
        return f"{self.rows:,} rows fit the schema, {self.quarantined:,} in quarantine{without}"


class DataSplit(Reference):
    """The output of `split`: training, validation and test rows, and the contract of the model."""

    digest: str
    dataset_digest: str
    train_uri: str
    validation_uri: str
    test_uri: str
    contract_uri: str
    """S3 prefixes, as training channels need them: one Parquet file or more for each part, one file of the contract."""
    train_rows: int
    validation_rows: int
    test_rows: int
    unused_features: dict[str, str] = Field(default_factory=dict)
    """Features that are not used in training, and why: `empty` or `constant` in the training rows."""

    @classmethod
    def of_manifest(cls, folder: str, manifest: Mapping[str, Any]) -> Self:
        """The split in a folder of S3, by the manifest there."""
        known = {name: manifest[name] for name in ("use_case", "digest", "unused_features")}
        parts = {f"{part}_uri": f"{folder}/{part}" for part in ("train", "validation", "test", "contract")}
        rows = {f"{part}_rows": count for part, count in manifest["rows"].items()}
        return cls.model_validate({**known, "dataset_digest": manifest["dataset"], **parts, **rows})

    @property
    def headline(self) -> str:
        unused = "".join(f"; without {name} ({why})" for name, why in self.unused_features.items())
        return f"{self.train_rows:,} train, {self.validation_rows:,} validation, {self.test_rows:,} test{unused}"
