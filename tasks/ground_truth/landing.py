"""Lands ground truth: the rows of a source become one batch, named by their digest."""
# ruff: noqa: S608  the names in queries are quoted

import shutil
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import pyarrow as pa

from config.errors import InvalidRows
from config.use_case import UseCase
from tasks import digests, locations, storage
from tasks.ground_truth import batches
from tasks.ground_truth.batches import BatchList, BatchRecord
from tasks.ground_truth.columns import TARGET
from tasks.ground_truth.database import GIVEN, ROWS_OF_A_BATCH, truth_database
from tasks.ground_truth.intake import TruthRows, read_rows
from tasks.model_contract import LINE
from tasks.progress import log
from tasks.references.ground_truth import GroundTruthBatch
from tasks.rows.input_rows import INPUT_ROW
from tasks.rows.quarantine import REASONS
from tasks.rows.stored_rows import RowFile
from tasks.sources import open_source
from tasks.sources.source import FrameSource, Source

SHOWN_REASONS = 5


def land(use_case: UseCase, rows: str | pa.Table, file: str | None = None) -> GroundTruthBatch:
    """Take ground truth: the rows of a file at a path, `s3://` or `https://` address, or of a table in memory.

    A row has `inference_id` and, unless it is 0, `inference_row`, or the columns of the use case's key; and the target
    or the columns of its rule. `time`, in UTC unless it has an offset, is when the truth was known, and groups are
    optional. The same rows again change nothing. Rows that do not fit go to quarantine with their reasons. `file` is
    the token of a file that is read once (`tasks.ground_truth.arrivals`).

    Raises SourceError when the rows can't be read or lack a column, and InvalidRows, after storing the quarantine, when
    none of them could be taken.
    """
    source = _table_source(rows) if isinstance(rows, pa.Table) else _opened(use_case, rows)
    with Landing(use_case, source) as landing:
        for each in read_rows(use_case, source):
            landing.add(each)
        batch = landing.landed(file)
    log.info("feedback  %s", batch.headline)
    if batch.quarantined and not (batch.rows or batch.without_target):
        shown = "".join(f"\n  {reason}" for reason in batch.reasons)
        raise InvalidRows(
            f"{batch.source}: expected rows of ground truth, found none that fits among {batch.quarantined:,}{shown}"
            f"\n  all of them: {batch.quarantine_uri}"
        )
    return batch


def _opened(use_case: UseCase, location: str) -> Source:
    return open_source(use_case.source, location, use_case.name, list(use_case.headers.values()))


def _table_source(rows: pa.Table) -> Source:
    return FrameSource("a table", "", lambda: rows.to_pandas(integer_object_nulls=True))


class Landing:
    """The rows of one source, on their way to a batch. Closing deletes the temporary files."""

    def __init__(self, use_case: UseCase, source: Source) -> None:
        self._use_case, self._source = use_case, source
        self._files = ExitStack()
        self._taken: RowFile | None = None
        self._aside: RowFile | None = None
        self._digests: list[digests.RowDigest] = []
        self._without_target = 0
        self._reasons: list[str] = []

    def add(self, rows: TruthRows) -> None:
        """Add n rows of the source."""
        if self._taken is None or self._aside is None:
            self._taken = self._files.enter_context(RowFile(rows.taken.schema))
            self._aside = self._files.enter_context(RowFile(rows.aside.schema))
            self._digests = [digests.RowDigest(each.schema) for each in (rows.taken, _plain(rows.aside))]
        for file, digest, batch, plain in zip(
            (self._taken, self._aside), self._digests, (rows.taken, rows.aside), (rows.taken, _plain(rows.aside)),
            strict=True,
        ):  # fmt: skip
            file.write(batch)
            digest.update(plain)
        self._without_target += rows.without_target
        self._note(rows.aside)

    def _note(self, aside: pa.RecordBatch) -> None:
        for row in aside.slice(0, SHOWN_REASONS - len(self._reasons)).to_pylist():
            place = f"row {row[INPUT_ROW]}" if row[LINE] is None else f"line {row[LINE]}"
            self._reasons += [f"{place}: {why}" for why in row[REASONS]]
        del self._reasons[SHOWN_REASONS:]

    def landed(self, file: str | None) -> GroundTruthBatch:
        """Store the batch, unless an earlier one has the same rows."""
        digest = digests.of_json([each.hexdigest() for each in self._digests])
        known = batches.load(self._use_case.name)
        if known.find(digest) is None:
            self._store(digest)
        before, after = batches.change(self._use_case.name, lambda known: self._with(known, digest).with_file(file))
        landed_before = before.find(digest) is not None
        return after.batch(digest).reference(self._use_case.name, landed_before=landed_before)

    def _store(self, digest: str) -> None:
        name = f"{digest}.parquet"
        if self._taken and self._taken.rows:
            storage.put(locations.ground_truth_batch(self._use_case.name, name), self._taken.finished())
        if self._aside and self._aside.rows:
            storage.put(locations.ground_truth_quarantine(self._use_case.name, name), self._aside.finished())

    def _with(self, known: BatchList, digest: str) -> BatchList:
        """Return the list with this batch, whose rows are counted against those of the batches before."""
        if known.find(digest) is not None:
            return known
        name, rows = f"{digest}.parquet", self._taken.rows if self._taken else 0
        aside = self._aside.rows if self._aside else 0
        duplicates, corrected = _repeated(self._use_case.name, known, self._taken) if self._taken and rows else (0, 0)
        return known.with_batch(
            BatchRecord(
                digest=digest,
                source=self._source.describe(),
                received=datetime.now(UTC),
                rows=rows,
                new=rows - duplicates - corrected,
                duplicates=duplicates,
                corrected=corrected,
                without_target=self._without_target,
                quarantined=aside,
                reasons=tuple(self._reasons),
                object=name if rows else None,
                quarantine=name if aside else None,
            )
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self._files.close()


def _plain(aside: pa.RecordBatch) -> pa.RecordBatch:
    """Return quarantined rows without the lists of reasons, whose digest is not needed."""
    return aside.drop_columns([REASONS])


def _repeated(use_case: str, known: BatchList, taken: RowFile) -> tuple[int, int]:
    """Return how many of the taken rows were given before with the same value, and with another one."""
    with TemporaryDirectory(prefix="vishwaops-") as folder:
        path = Path(folder) / "batch.parquet"
        with path.open("wb") as copy:
            shutil.copyfileobj(taken.finished(), copy)
        with truth_database(use_case, known, path) as truths:
            identity = ", ".join(truths.identity.values())
            last = f"lag({TARGET}) OVER (PARTITION BY {identity} ORDER BY place) AS last"
            of_batch = f"place >= {len(known.batches) * ROWS_OF_A_BATCH} AND last IS NOT NULL"
            earlier = f"FROM (SELECT {TARGET}, place, {last} FROM {GIVEN}) WHERE {of_batch}"
            same, other = (f"SELECT count(*) {earlier} AND {TARGET} {sign} last" for sign in ("=", "<>"))
            return truths.number(same), truths.number(other)
