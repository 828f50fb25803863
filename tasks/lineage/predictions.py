"""The lineage of a prediction. Its id is `<use case>/<predictions>/<row>`, with the row's number in its source, from 0.

`<predictions>` is the folder of what `predict` stored, or the digest of the results of `score`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

import pyarrow as pa
import pyarrow.compute as pc

from config.errors import ConfigError, MissingInput
from config.use_case import UseCase
from tasks import digests, locations, storage
from tasks.lineage.link import Link
from tasks.rows import shards
from tasks.rows.answer_columns import PREDICTION
from tasks.rows.input_rows import INPUT_ROW

ID = re.compile(r"(?P<use_case>[a-z][a-z0-9_]*)/(?P<batch>[0-9a-f-]+)/(?P<row>[0-9]+)")
EXAMPLE = "student_grades/20260131-120000-0a1b2c3d/17"
FILE = "predictions.parquet"


@dataclass(frozen=True)
class PredictionId:
    """Names one prediction."""

    use_case: str
    batch: str
    row: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an id. Raises ConfigError for another text."""
        found = ID.fullmatch(text)
        if found is None:
            raise ConfigError(
                f"--prediction: expected an id <use case>/<predictions>/<row>, such as {EXAMPLE}; found {text!r}. "
                "`vishwaops predict` prints the ids of its answers"
            )
        return cls(found["use_case"], found["batch"], int(found["row"]))

    def __str__(self) -> str:
        return f"{self.use_case}/{self.batch}/{self.row}"

    @property
    def folder(self) -> str:
        """The folder of the predictions: `predict`'s, or the results of `score`, whose name is a digest."""
        if "-" in self.batch:
            return locations.predictions(self.use_case, self.batch)
        return f"{locations.scores(self.use_case)}/results/{self.batch}"


def read_manifest(wanted: PredictionId) -> Mapping[str, Any]:
    """Return what is stored about the predictions: the version and the address. Raises MissingInput without them."""
    found = storage.find_manifest(wanted.folder)
    if found is None:
        raise MissingInput(
            f"{wanted}: expected predictions with their version in {wanted.folder}, found none: they were deleted, or "
            "an earlier version of VishwaOps wrote them, which did not store the version"
        )
    return found


def prediction_link(
    use_case: UseCase, wanted: PredictionId, manifest: Mapping[str, Any], version: Link, verify: bool
) -> Link:
    """Return the lineage of a prediction: its row, its file and the version. Raises MissingInput for an unknown row."""
    row = next(_rows(use_case, wanted, manifest["uri"]), None)
    if row is None:
        raise MissingInput(
            f"{wanted}: expected a prediction for row {wanted.row} in {manifest['uri']}, found none: the row is in "
            "quarantine, was removed by request (vishwaops forget), or the source has fewer rows"
        )
    shown = ", ".join(f"{name} {value}" for name, value in row.items() if name != INPUT_ROW)
    return Link("prediction", str(wanted), detail=shown, sources=(_file(manifest, verify), version))


def _file(manifest: Mapping[str, Any], verify: bool) -> Link:
    uri, expected = str(manifest["uri"]), manifest.get("sha256")
    origin = f"endpoint {manifest['endpoint_name']}" if "endpoint_name" in manifest else "a batch transform job"
    detail = f"{manifest['rows']:,} rows by {origin}"
    if not verify or not expected:
        return Link("predictions", uri, detail=detail)
    with storage.opened(uri) as file:
        found = digests.of_file(file)
    if found != expected:
        return Link("predictions", uri, "differs", f"expected SHA-256 {expected}, found {found}")
    return Link("predictions", uri, "verified", detail)


def _rows(use_case: UseCase, wanted: PredictionId, uri: str) -> Iterator[dict[str, Any]]:
    """Yield the row's number, its key without sensitive columns, and its prediction."""
    columns = [INPUT_ROW, *(name for name in use_case.key if not use_case.columns[name].sensitive), PREDICTION]
    batches = storage.get_batches(uri, columns) if uri.endswith(FILE) else shards.batches(uri, columns)
    try:
        for batch in batches:
            yield from batch.filter(pc.equal(batch[INPUT_ROW], wanted.row)).to_pylist()
    except (FileNotFoundError, pa.ArrowInvalid) as error:
        raise MissingInput(f"{wanted}: expected its predictions in {uri}, found none: {error}") from error
