"""validate: publish the rows that fit the schema, and quarantine the others with their reasons."""

import json
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any, Self

import pandas as pd
import pyarrow as pa

from config.errors import GateError
from config.use_case import UseCase
from tasks import digests, locations, storage
from tasks.landing import reading
from tasks.model_contract import FILE, LINE, MALFORMED, TEXT
from tasks.progress import log
from tasks.references import DatasetVersion, ValidatedDataset
from tasks.rows import judging, stored_rows, suites
from tasks.rows.duplicates import Duplicates
from tasks.rows.judging import Judge
from tasks.rows.stored_rows import RowFile
from tasks.steps import step

REASONS, ROW = "reasons", "row"
SHOWN_REASONS = 3
BATCH_ROWS = 200_000
"""Rows in a batch. Great Expectations takes about as long for a few rows as for some thousands."""


@step(cached=True)
def validate(use_case: UseCase, dataset: DatasetVersion) -> ValidatedDataset:
    """Check every row by the use case's suite, and publish the good rows, the quarantine and a report.

    Rows that lack only the target are published in a separate file. Rows that equal an earlier row are counted and
    kept. Raises GateError when too few rows are good or too many are quarantined; the report is published anyway.
    """
    suite = suites.load_suite(use_case)
    with reading.opened(dataset) as file, Separated(use_case, file.schema) as rows:
        judge = Judge(use_case, suite, judging.among_all_rows(suite, file))
        for batch in file.iter_batches(BATCH_ROWS):
            rows.add(batch, judge.judge(batch))
        return _publish(use_case, dataset, suite, rows)


class Separated:
    """A dataset's rows in three files: good rows, rows without a target, and quarantine."""

    def __init__(self, use_case: UseCase, stored: pa.Schema) -> None:
        own = pa.schema([stored.field(name) for name in use_case.columns], stored.metadata)
        self._quarantine = judging.quarantine_schema(stored, ROW, REASONS)
        self._files = ExitStack()
        self.kept = self._files.enter_context(RowFile(own))
        self.without_target = self._files.enter_context(RowFile(own))
        self.quarantined = self._files.enter_context(RowFile(self._quarantine))
        self.by_column: Counter[str] = Counter()
        """The number of quarantined rows by column."""
        self.first_reasons: list[str] = []
        self._duplicates = Duplicates()
        self._rows = 0

    def add(self, batch: pa.RecordBatch, judged: judging.Judged) -> None:
        """Add the next rows and their results."""
        own = batch.select(self.kept.schema.names).replace_schema_metadata(self.kept.schema.metadata)
        self.kept.write(own.filter(pa.array(judged.kept)))
        self.without_target.write(own.filter(pa.array(judged.without_target)))
        bad = judging.quarantined(batch, self._rows, judged.reasons, self._quarantine)
        self.quarantined.write(bad)
        self._count(batch, judged, bad)

    def _count(self, batch: pa.RecordBatch, judged: judging.Judged, bad: pa.RecordBatch) -> None:
        self._rows += len(batch)
        sound = batch.filter(batch[MALFORMED].is_null()) if batch[MALFORMED].null_count < len(batch) else batch
        self._duplicates.add(sound.drop_columns([FILE, LINE, MALFORMED, TEXT]))
        for why in judged.reasons.values():
            self.by_column.update({reason.split(":", 1)[0] for reason in why})
        if len(self.first_reasons) < SHOWN_REASONS:
            self.first_reasons += first_reasons(stored_rows.frame_of(bad.slice(0, SHOWN_REASONS)))

    @property
    def rows(self) -> int:
        """The number of all rows, including malformed ones."""
        return self._rows

    @property
    def duplicates(self) -> int:
        """The number of rows that equal an earlier row."""
        return self._duplicates.count()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self._files.close()


def _publish(use_case: UseCase, dataset: DatasetVersion, suite: suites.Suite, rows: Separated) -> ValidatedDataset:
    report = _report(use_case, dataset, rows)
    digest = digests.of_json([dataset.digest, suite, use_case.quality.model_dump()])
    folder = locations.validated(use_case.name, digest)
    storage.publish(
        folder,
        {
            "rows.parquet": rows.kept.finished(),
            "quarantine.parquet": rows.quarantined.finished(),
            "without_target.parquet": rows.without_target.finished(),
            "report.json": json.dumps(report, indent=2, default=str).encode(),
        },
        {"use_case": use_case.name, "digest": digest, "dataset": dataset.digest, "rows": rows.kept.rows},
    )
    _log(report, rows.first_reasons[:SHOWN_REASONS], folder)
    if report["broken"]:
        raise GateError(f"{use_case.name}: {'; '.join(report['broken'])}. Report: {folder}/report.json")
    return ValidatedDataset(
        use_case=use_case.name,
        dataset=dataset,
        uri=f"{folder}/rows.parquet",
        quarantine_uri=f"{folder}/quarantine.parquet",
        report_uri=f"{folder}/report.json",
        rows=rows.kept.rows,
        quarantined=rows.quarantined.rows,
        without_target=rows.without_target.rows,
        duplicates=report["duplicates"],
    )


def _report(use_case: UseCase, dataset: DatasetVersion, rows: Separated) -> dict[str, Any]:
    return {
        "use_case": use_case.name,
        "dataset": dataset.digest,
        "source": dataset.source,
        "rows": rows.rows,
        "kept": rows.kept.rows,
        "without_target": rows.without_target.rows,
        "duplicates": rows.duplicates,
        "quarantined": rows.quarantined.rows,
        "quarantined_by_column": dict(rows.by_column.most_common()),
        "broken": _broken(use_case, rows),
        "validated_at": datetime.now(UTC),
    }


def _broken(use_case: UseCase, rows: Separated) -> list[str]:
    """Return the rules of the quality gate that the rows do not pass."""
    quality, kept = use_case.quality, rows.kept.rows
    share = rows.quarantined.rows / rows.rows if rows.rows else 1.0
    broken = []
    if kept < quality.minimum_rows:
        broken.append(f"good rows: expected at least {quality.minimum_rows:,}, found {kept:,}")
    if share > quality.maximum_quarantined_share:
        broken.append(f"quarantined rows: expected at most {quality.maximum_quarantined_share:.1%}, found {share:.1%}")
    return broken


def first_reasons(quarantined: pd.DataFrame) -> list[str]:
    """Return the first SHOWN_REASONS rows of a quarantine as text, each with its line or row and its first reason."""
    first = quarantined.head(SHOWN_REASONS)
    return [
        f"{f'row {row}' if pd.isna(line) else f'line {line}'}: {reasons[0]}"
        for row, line, reasons in zip(first[ROW], first[LINE], first[REASONS], strict=True)
    ]


def _log(report: Mapping[str, Any], reasons: list[str], folder: str) -> None:
    others = {"without a target": report["without_target"], "equal to an earlier row": report["duplicates"]}
    more = "".join(f", {count:,} {what}" for what, count in others.items() if count)
    log.info("validate  %s rows kept, %s quarantined%s", f"{report['kept']:,}", f"{report['quarantined']:,}", more)
    if report["quarantined"]:
        columns_at_fault = ", ".join(f"{name} {rows:,}" for name, rows in report["quarantined_by_column"].items())
        log.info("          by column: %s; reasons: %s/quarantine.parquet", columns_at_fault, folder)
    for reason in reasons:
        log.info("          %s", reason)
