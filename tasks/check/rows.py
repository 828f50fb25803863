"""Types and judges a sample of rows as `ingest` and `validate` do, and groups the reasons of the bad ones."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pyarrow.parquet as pq

from config.use_case import UseCase
from tasks.model_contract import LINE
from tasks.rows.checking import Checks
from tasks.rows.quarantine import REASONS
from tasks.rows.row_database import ROW, row_database
from tasks.rows.separation import separate
from tasks.rows.suites import Suite
from tasks.rows.typed_rows import TypedRows, stored_schema
from tasks.sources.samples import Sample
from tasks.sources.source import REASON_COLUMN, Source

BATCH_ROWS = 50_000
EXAMPLES = 3
"""The number of rows that are shown for each reason."""
FOUND = ", found "
"""What comes between the expected and the found value of a reason."""


@dataclass(frozen=True)
class JudgedRows:
    """The results for the rows of a sample."""

    good: pd.DataFrame
    """The typed rows that would be kept."""
    rows: int
    quarantined: int
    without_target: int
    counts: Counter[str] = field(default_factory=Counter)
    """The number of rows by reason, without the value that was found."""
    examples: dict[str, list[str]] = field(default_factory=dict)
    """The first rows of each reason, each with its line and what was found; hidden for a sensitive column."""

    stopped: list[str] = field(default_factory=list)
    """The checks of the whole batch that would stop a run."""

    @property
    def quarantined_share(self) -> float:
        """The share of quarantined rows."""
        return self.quarantined / self.rows if self.rows else 1.0


def judged_rows(use_case: UseCase, source: Source, sample: Sample, suite: Suite) -> JudgedRows:
    """Return the results for a sample. References to other tables are not checked: they may need the cloud.

    Raises SourceError when a column is missing, or another format fits the cells, and ConfigError for a suite that
    can't be run.
    """
    typing = TypedRows(use_case, source.describe(), source.format)
    with TemporaryDirectory(prefix="vishwaops-") as folder:
        path = Path(folder) / "rows.parquet"
        with pq.ParquetWriter(path, stored_schema(use_case), compression="none") as file:
            for raw in sample.batches:
                file.write_batch(typing.typed(raw))
        typing.readings.refuse(sum(batch[REASON_COLUMN].null_count for batch in sample.batches))
        alone = use_case.model_copy(update={"quality": use_case.quality.model_copy(update={"references": ()})})
        return _judged(alone, suite, path)


def _judged(use_case: UseCase, suite: Suite, path: Path) -> JudgedRows:
    with row_database([path], list(use_case.columns)) as database:
        checked = Checks(database, use_case, suite).run({})
        found = separate(database, use_case, checked, BATCH_ROWS)
        bad = pq.read_table(found.quarantine, columns=[ROW, LINE, REASONS]).to_pylist()
        good = pq.read_table(found.kept).to_pandas()
        counts, examples = Counter[str](), defaultdict[str, list[str]](list)
        for row in bad:
            for reason in row[REASONS]:
                expected, _, value = reason.partition(FOUND)
                counts[expected] += 1
                if len(examples[expected]) < EXAMPLES:
                    examples[expected].append(f"{_where(row[LINE], row[ROW])}: {value or 'see the reason'}")
        stopped = [
            f"{each.title}: found {each.found}" for each in checked.batch if each.severity == "stop" and not each.passed
        ]
        return JudgedRows(good, found.rows, len(bad), found.without_target_rows, counts, dict(examples), stopped)


def _where(line: int | None, row: int) -> str:
    return f"row {row} of the sample" if line is None else f"line {line}"
