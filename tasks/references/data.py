"""What the stages of data leave: dataset versions, validated rows, splits."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import Field

from tasks.references.reference import Reference


class DatasetVersion(Reference):
    """Typed rows under the digest of their content, left by `ingest`."""

    digest: str
    source: str
    uri: str
    """Parquet."""
    manifest_uri: str
    rows: int
    malformed: int = 0
    """Rows that are not well formed; they are not among `rows`."""

    @property
    def headline(self) -> str:
        malformed = f", {self.malformed:,} malformed" if self.malformed else ""
        return f"{self.rows:,} rows from {self.source}{malformed}; version {self.digest}"


class ValidatedDataset(Reference):
    """The rows of a dataset version that fit its schema, left by `validate`."""

    dataset: DatasetVersion
    uri: str
    quarantine_uri: str
    """Parquet: the rows that do not, each with its reasons."""
    report_uri: str
    rows: int
    quarantined: int
    without_target: int = 0
    """Good rows without a target; they are neither among `rows` nor in quarantine."""
    duplicates: int = 0
    """Rows of the dataset that are the same as an earlier one in every column. They are not removed."""

    @property
    def headline(self) -> str:
        without = f", {self.without_target:,} without a target" if self.without_target else ""
        return f"{self.rows:,} rows fit the schema, {self.quarantined:,} in quarantine{without}"


class DataSplit(Reference):
    """Rows to train on, to choose by, and to judge by; with the contract that a model of them keeps."""

    digest: str
    dataset_digest: str
    train_uri: str
    validation_uri: str
    test_uri: str
    contract_uri: str
    """Each an S3 prefix that holds one file, as a training channel wants it."""
    train_rows: int
    validation_rows: int
    test_rows: int
    unused_features: dict[str, str] = Field(default_factory=dict)
    """Features that models are trained without, by name: `empty` or `constant` in the training rows."""

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
