"""validate: rows that break the schema go to quarantine with their reasons, the rest go on."""

import json
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

import pandas as pd
from prefect import task

from config.errors import GateError
from config.use_case import UseCase
from tasks import digests, locations, storage, suites
from tasks.contracts import columns
from tasks.ingest import UNREAD
from tasks.progress import log
from tasks.references import DatasetVersion, ValidatedDataset

REASONS, ROW = "reasons", "row"


@task
def validate(use_case: UseCase, dataset: DatasetVersion) -> ValidatedDataset:
    """Judge every row by the use case's suite and publish the good ones, the quarantine and a report.

    Raises GateError when too few rows are left or too many were quarantined; the report is published all the same.
    """
    frame = storage.get_parquet(dataset.uri)
    suite = suites.load_suite(use_case)
    reasons = reasons_by_row(use_case, suite, frame)
    kept, quarantined = separate(frame, reasons)
    report = _report(use_case, dataset, reasons, len(frame))
    digest = digests.of_json([dataset.digest, suite, use_case.quality.model_dump()])
    folder = locations.validated(use_case.name, digest)
    storage.publish(
        folder,
        {
            "rows.parquet": storage.parquet(kept),
            "quarantine.parquet": storage.parquet(quarantined),
            "report.json": json.dumps(report, indent=2, default=str).encode(),
        },
        {"use_case": use_case.name, "digest": digest, "dataset": dataset.digest, "rows": len(kept)},
    )
    log.info("validate  %s rows kept, %s quarantined", f"{len(kept):,}", f"{len(quarantined):,}")
    if reasons:
        columns_at_fault = ", ".join(f"{name} {rows:,}" for name, rows in report["quarantined_by_column"].items())
        log.info("          by column: %s; reasons: %s/quarantine.parquet", columns_at_fault, folder)
    if report["broken"]:
        raise GateError(f"{use_case.name}: {'; '.join(report['broken'])}. Report: {folder}/report.json")
    return ValidatedDataset(
        use_case=use_case.name,
        dataset=dataset,
        uri=f"{folder}/rows.parquet",
        quarantine_uri=f"{folder}/quarantine.parquet",
        report_uri=f"{folder}/report.json",
        rows=len(kept),
        quarantined=len(quarantined),
    )


def reasons_by_row(use_case: UseCase, suite: suites.Suite, frame: pd.DataFrame) -> dict[int, list[str]]:
    """Say of each row that breaks the schema why: `column: expected ..., found ...`, by position from 0."""
    known = columns(use_case)
    reasons: dict[int, list[str]] = defaultdict(list)
    unread: dict[int, dict[str, str]] = {}
    for row, cells in enumerate(frame[UNREAD]):
        if cells:
            unread[row] = json.loads(cells)
            for name, value in unread[row].items():
                reasons[row].append(f"{name}: expected {known[name].expected}, found {known[name].shown(value)}")
    for expectation, rows in suites.failures(suite, frame.drop(columns=UNREAD)):
        kwargs = expectation["kwargs"]
        for row in rows:
            if (name := kwargs.get("column")) in unread.get(row, {}):
                continue  # missing only because it could not be read, which has been said
            if "unique" in expectation["type"]:
                names = [name] if name else kwargs["column_list"]
                reasons[row].append(f"{', '.join(names)}: expected no two rows with the same, found another")
            else:
                column = known[name]
                reasons[row].append(f"{name}: expected {column.expected}, found {column.shown(frame[name].iloc[row])}")
    return dict(reasons)


def separate(frame: pd.DataFrame, reasons: dict[int, list[str]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows without a reason, and those with one, with their position in the source and their reasons."""
    bad = sorted(reasons)
    quarantined = frame.iloc[bad].copy()
    quarantined.insert(0, ROW, bad)
    quarantined[REASONS] = pd.Series([reasons[row] for row in bad], index=quarantined.index, dtype=object)
    kept = frame.drop(index=frame.index[bad]).drop(columns=UNREAD).reset_index(drop=True)
    return kept, quarantined.reset_index(drop=True)


def _report(use_case: UseCase, dataset: DatasetVersion, reasons: dict[int, list[str]], rows: int) -> dict[str, Any]:
    quality = use_case.quality
    by_column: dict[str, int] = defaultdict(int)
    for row in reasons.values():
        for name in {reason.split(":", 1)[0] for reason in row}:
            by_column[name] += 1
    kept, share = rows - len(reasons), len(reasons) / rows if rows else 1.0
    broken = []
    if kept < quality.minimum_rows:
        broken.append(f"good rows: expected at least {quality.minimum_rows:,}, found {kept:,}")
    if share > quality.maximum_quarantined_share:
        broken.append(f"quarantined rows: expected at most {quality.maximum_quarantined_share:.1%}, found {share:.1%}")
    return {
        "use_case": use_case.name,
        "dataset": dataset.digest,
        "source": dataset.source,
        "rows": rows,
        "quarantined": len(reasons),
        "quarantined_by_column": dict(sorted(by_column.items(), key=lambda item: -item[1])),
        "broken": broken,
        "validated_at": datetime.now(UTC),
    }
