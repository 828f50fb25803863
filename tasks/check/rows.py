"""Types and judges a sample of rows as `ingest` and `validate` do, and groups the reasons of the bad ones."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from config.use_case import UseCase
from tasks.model_contract import LINE
from tasks.rows import judging
from tasks.rows.judging import Judge
from tasks.rows.stored_rows import RowFile, frame_of
from tasks.rows.suites import Suite
from tasks.rows.typed_rows import TypedRows, stored_schema
from tasks.sources.samples import Sample
from tasks.sources.source import REASON_COLUMN, Source

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

    @property
    def quarantined_share(self) -> float:
        """The share of quarantined rows."""
        return self.quarantined / self.rows if self.rows else 1.0


def judged_rows(use_case: UseCase, source: Source, sample: Sample, suite: Suite) -> JudgedRows:
    """Return the results for a sample.

    Raises SourceError when a column is missing, or another format fits the cells, and ConfigError for a suite that
    can't be run.
    """
    with RowFile(stored_schema(use_case)) as typed:
        typing = TypedRows(use_case, source.describe(), source.format)
        for raw in sample.batches:
            typed.write(typing.typed(raw))
        typing.readings.refuse(sum(batch[REASON_COLUMN].null_count for batch in sample.batches))
        return _judged(use_case, suite, pq.ParquetFile(typed.finished()))


def _judged(use_case: UseCase, suite: Suite, file: pq.ParquetFile) -> JudgedRows:
    table = file.read().combine_chunks()
    batch = table.to_batches()[0] if table.num_rows else pa.RecordBatch.from_pylist([], schema=table.schema)
    found = Judge(use_case, suite, judging.among_all_rows(suite, file)).judge(batch)
    counts, examples = Counter[str](), defaultdict[str, list[str]](list)
    lines = batch[LINE].to_pylist()
    for row, reasons in found.reasons.items():
        for reason in reasons:
            expected, _, value = reason.partition(FOUND)
            counts[expected] += 1
            if len(examples[expected]) < EXAMPLES:
                examples[expected].append(f"{_where(lines[row], row)}: {value or 'see the reason'}")
    good = frame_of(batch.filter(pa.array(found.kept)).select(list(use_case.columns)))
    return JudgedRows(good, len(batch), len(found.reasons), int(found.without_target.sum()), counts, dict(examples))


def _where(line: int | None, row: int) -> str:
    return f"row {row} of the sample" if line is None else f"line {line}"
