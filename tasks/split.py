"""split: divide the rows into training, validation and test rows, without leakage between them."""

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Self

import numpy as np
import pyarrow as pa

from config.use_case import UseCase
from tabular.derived import batch_with
from tasks import digests, locations, storage
from tasks import split_checks as checks
from tasks.deciding_rows import class_names, deciding_columns, read_deciding_rows
from tasks.model_contract import STORED, contract
from tasks.progress import log
from tasks.references import DataSplit, ValidatedDataset
from tasks.rows import shards, stored_rows
from tasks.split_positions import assigned
from tasks.steps import step
from tasks.windows.history import window_values, with_values


@step(cached=True)
def split(use_case: UseCase, validated: ValidatedDataset) -> DataSplit:
    """Publish the three parts and the model's contract. The digest covers the rows of each part, in order.

    Raises GateError when the rows can't be split so that every part has rows of every class.
    """
    with stored_rows.opened(validated.uri) as file, ExitStack() as open_parts:
        columns = deciding_columns(use_case)
        rows = read_deciding_rows(use_case, file.iter_batches(stored_rows.BATCH_ROWS, columns=columns))
        part_of = assigned(use_case, rows)
        schema = part_schema(use_case, file.schema_arrow)
        counts = [int((part_of == number).sum()) for number in range(len(checks.PARTS))]
        parts = {
            name: open_parts.enter_context(Part(use_case, schema, shard_limit(use_case, count)))
            for name, count in zip(checks.PARTS, counts, strict=True)
        }
        windows = window_values(use_case, validated.uri)
        first = 0
        for batch in file.iter_batches(stored_rows.BATCH_ROWS):
            within = slice(first, first + len(batch))
            stated = _stated(use_case, with_values(batch, windows, first), rows.target[within], schema)
            for number, part in enumerate(parts.values()):
                part.add(stated.filter(pa.array(part_of[within] == number)))
            first += len(batch)
        return _publish(use_case, validated, parts)


class Part:
    """The rows of one part of a split."""

    def __init__(self, use_case: UseCase, schema: pa.Schema, limit: int) -> None:
        self.shards, self.limit = shards.Shards(schema, limit), limit
        self.features = checks.FeatureValues(use_case.inputs)
        self._derived = use_case.resolved.expressions
        self._digest = digests.RowDigest(schema)

    def add(self, batch: pa.RecordBatch) -> None:
        """Add the next rows."""
        self.shards.write(batch)
        self.features.add(batch_with(batch, self._derived) if self._derived else batch)
        self._digest.update(batch)

    @property
    def rows(self) -> int:
        """The number of rows."""
        return self.shards.rows

    @property
    def digest(self) -> str:
        """The digest of the rows."""
        return self._digest.hexdigest()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.shards.__exit__(*failure)


def shard_limit(use_case: UseCase, rows: int) -> int:
    """Return the most rows of a shard of a part. Each instance of a training job needs one shard at least."""
    instances = use_case.training.instances
    if instances == 1:
        return shards.SHARD_ROWS
    even = max(-(-rows // instances), 1)
    if -(-rows // even) < instances:  # fewer shards than instances, because the last ones would be empty
        even = max(rows // instances, 1)
    return min(shards.SHARD_ROWS, even)


def part_schema(use_case: UseCase, stored: pa.Schema) -> pa.Schema:
    """Return the schema of a part: that of the validated rows, the windows, and the target if a rule computes it."""
    own = {name: STORED[column.type] for name, column in use_case.split_columns.items()}
    made = {use_case.target.column: "string"} if use_case.rule else {}
    return stored_rows.schema_of({**own, **made}) if made or use_case.windows else stored


def _stated(use_case: UseCase, batch: pa.RecordBatch, targets: np.ndarray, schema: pa.Schema) -> pa.RecordBatch:
    """Return the batch with the target's column, from the (n,) class numbers if it is not stored."""
    name = use_case.target.column
    made = {} if name in batch.schema.names else {name: class_names(use_case, targets)}
    columns = [made[each] if each in made else batch[each] for each in schema.names]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _publish(use_case: UseCase, validated: ValidatedDataset, parts: Mapping[str, Part]) -> DataSplit:
    unused = checks.unused_features(use_case, parts["train"].features.summary())
    terms = contract(use_case).json()
    limits = [part.limit for part in parts.values()]
    shard_rows = limits[0] if use_case.training.instances == 1 else limits
    files = {name: part.shards.finished() for name, part in parts.items()}
    digest = digests.of_split({name: part.digest for name, part in parts.items()}, terms, shard_rows)
    folder = locations.split(use_case.name, digest)
    manifest = storage.publish(
        folder,
        {
            **{f"{part}/{name}": body for part, bodies in files.items() for name, body in bodies.items()},
            "contract/contract.json": terms.encode(),
        },
        {
            "use_case": use_case.name,
            "digest": digest,
            "dataset": validated.dataset.digest,
            "split": use_case.split.model_dump(),
            "rows": {name: part.rows for name, part in parts.items()},
            "shard_rows": shard_rows,
            "shards": {part: list(bodies) for part, bodies in files.items()},
            "unused_features": unused,
        },
    )
    log.info("split     %s", ", ".join(f"{part.rows:,} {name}" for name, part in parts.items()))
    for name, why in unused.items():
        log.info("          trained without %s: %s in the training rows", name, why)
    return DataSplit.of_manifest(folder, manifest)
