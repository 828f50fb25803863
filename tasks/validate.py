"""validate: rows that break the schema go to quarantine with their reasons; the others are published."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from config.errors import GateError
from config.use_case import UseCase
from tabular.columns import Column
from tasks import digests, locations, storage, suites
from tasks.model_contract import LINE, UNREAD, columns
from tasks.progress import log
from tasks.references import DatasetVersion, ValidatedDataset
from tasks.sources import row_numbers
from tasks.steps import step

REASONS, ROW, TEXT = "reasons", "row", "text"
SHOWN_REASONS = 3
MALFORMED = "malformed row"
"""What the report counts malformed rows under, where others are counted under their columns."""
Reasons = dict[int, list[str]]
"""`column: expected ..., found ...`, by position from 0."""


@dataclass(frozen=True)
class Judged:
    """A dataset's rows, separated by the verdict on each."""

    kept: pd.DataFrame
    without_target: pd.DataFrame
    """Rows that fit the schema but for a missing target."""
    quarantined: pd.DataFrame
    """The others, with number from 0, line in the source and reasons; the malformed ones as text."""


@step(cached=True)
def validate(use_case: UseCase, dataset: DatasetVersion) -> ValidatedDataset:
    """Judge every row by the use case's suite and publish the good ones, the quarantine and a report.

    Rows that lack only the target are published on their own. Raises GateError when too few rows are left or too many
    were quarantined; the report is published all the same.
    """
    frame = storage.get_parquet(dataset.uri)
    malformed = storage.get_parquet(f"{locations.dataset(use_case.name, dataset.digest)}/{locations.MALFORMED}")
    suite = suites.load_suite(use_case)
    reasons = reasons_by_row(use_case, suite, frame)
    judged = separate(frame, malformed, reasons, missing_target(use_case, frame, reasons))
    report = _report(use_case, dataset, judged)
    digest = digests.of_json([dataset.digest, suite, use_case.quality.model_dump()])
    folder = locations.validated(use_case.name, digest)
    storage.publish(
        folder,
        {
            "rows.parquet": storage.parquet(judged.kept),
            "quarantine.parquet": storage.parquet(judged.quarantined),
            "without_target.parquet": storage.parquet(judged.without_target),
            "report.json": json.dumps(report, indent=2, default=str).encode(),
        },
        {"use_case": use_case.name, "digest": digest, "dataset": dataset.digest, "rows": len(judged.kept)},
    )
    _log(report, folder)
    for reason in first_reasons(judged.quarantined):
        log.info("          %s", reason)
    if report["broken"]:
        raise GateError(f"{use_case.name}: {'; '.join(report['broken'])}. Report: {folder}/report.json")
    return ValidatedDataset(
        use_case=use_case.name,
        dataset=dataset,
        uri=f"{folder}/rows.parquet",
        quarantine_uri=f"{folder}/quarantine.parquet",
        report_uri=f"{folder}/report.json",
        rows=len(judged.kept),
        quarantined=len(judged.quarantined),
        without_target=len(judged.without_target),
    )


def reasons_by_row(use_case: UseCase, suite: suites.Suite, frame: pd.DataFrame) -> Reasons:
    """Return why each row that breaks the schema does so: `column: expected ..., found ...`, by position from 0."""
    known = columns(use_case)
    unread = {row: json.loads(frame[UNREAD].iloc[row]) for row in _positions(frame[UNREAD] != "")}
    reasons: Reasons = defaultdict(list)
    for row, cells in unread.items():
        reasons[row] += [_reason(known[name], value) for name, value in cells.items()]
    for expectation, rows in suites.failures(suite, frame.drop(columns=[UNREAD, LINE])):
        names = _columns_of(expectation)
        for row in rows:
            if names[0] in unread.get(row, {}) and len(names) == 1:
                continue  # it is missing only because it could not be read, which is a reason already
            if "unique" in expectation["type"]:
                reasons[row].append(f"{', '.join(names)}: expected no two rows with the same, found another")
            else:
                reasons[row].append(_reason(known[names[0]], frame[names[0]].iloc[row]))
    return dict(reasons)


def _positions(mask: pd.Series) -> list[int]:
    return [int(position) for position in np.flatnonzero(mask.to_numpy(bool))]


def _columns_of(expectation: Mapping[str, Any]) -> list[str]:
    kwargs = expectation["kwargs"]
    return [kwargs["column"]] if "column" in kwargs else list(kwargs["column_list"])


def _reason(column: Column, value: Any) -> str:
    return f"{column.name}: expected {column.expected}, found {column.shown(value)}"


def missing_target(use_case: UseCase, frame: pd.DataFrame, reasons: Reasons) -> np.ndarray:
    """The (n,) mask of the rows that lack what the target is made of and have no other fault.

    Their reasons are taken out of `reasons`. A nullable column of a rule may be missing: the rule says what that means.
    """
    known = columns(use_case)
    sources = [name for name in sorted(use_case.target_sources) if not known[name].nullable]
    excused = {_reason(known[name], pd.NA) for name in sources}
    missing = np.zeros(len(frame), dtype=bool)
    for row in _positions(frame[sources].isna().any(axis=1) & (frame[UNREAD] == "")):
        if set(reasons.get(row, ())) <= excused:
            reasons.pop(row, None)
            missing[row] = True
    return missing


def separate(frame: pd.DataFrame, malformed: pd.DataFrame, reasons: Reasons, without_target: np.ndarray) -> Judged:
    """Separate the n rows of a dataset, and its malformed rows, by their reasons."""
    bad = np.zeros(len(frame), dtype=bool)
    bad[list(reasons)] = True
    rows = frame.drop(columns=[UNREAD, LINE])
    return Judged(
        kept=rows[~bad & ~without_target].reset_index(drop=True),
        without_target=rows[without_target].reset_index(drop=True),
        quarantined=_quarantined(frame, malformed, reasons, bad),
    )


def _quarantined(frame: pd.DataFrame, malformed: pd.DataFrame, reasons: Reasons, bad: np.ndarray) -> pd.DataFrame:
    lines = None if frame[LINE].isna().any() else frame[LINE].to_numpy("int64")
    numbers, malformed_numbers = row_numbers(lines, malformed["line"].to_numpy("int64"), len(frame))
    unfit = frame[bad].copy()
    unfit.insert(0, ROW, numbers[bad])
    unfit[REASONS] = pd.Series([reasons[row] for row in sorted(reasons)], index=unfit.index, dtype=object)
    unfit[TEXT] = pd.array([None] * len(unfit), dtype="string")
    broken = pd.DataFrame({name: pd.array([None] * len(malformed), dtype=frame[name].dtype) for name in frame})
    broken = broken.assign(**{LINE: malformed["line"].astype("Int64"), TEXT: malformed["text"], ROW: malformed_numbers})
    broken[REASONS] = pd.Series([[f"{MALFORMED}: {why}"] for why in malformed["reason"]], dtype=object)
    parts = [part for part in (unfit, broken[unfit.columns]) if len(part)] or [unfit]
    return pd.concat(parts).sort_values(ROW, ignore_index=True)


def _report(use_case: UseCase, dataset: DatasetVersion, judged: Judged) -> dict[str, Any]:
    quality = use_case.quality
    kept, without, quarantined = len(judged.kept), len(judged.without_target), len(judged.quarantined)
    rows = kept + without + quarantined
    share = quarantined / rows if rows else 1.0
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
        "kept": kept,
        "without_target": without,
        "quarantined": quarantined,
        "quarantined_by_column": _by_column(judged.quarantined),
        "broken": broken,
        "validated_at": datetime.now(UTC),
    }


def _by_column(quarantined: pd.DataFrame) -> dict[str, int]:
    faults = Counter(name for row in quarantined[REASONS] for name in {reason.split(":", 1)[0] for reason in row})
    return dict(faults.most_common())


def first_reasons(quarantined: pd.DataFrame) -> list[str]:
    """The first SHOWN_REASONS rows of a quarantine, each with its place and its first reason, for a person."""
    first = quarantined.head(SHOWN_REASONS)
    return [
        f"{f'row {row}' if pd.isna(line) else f'line {line}'}: {reasons[0]}"
        for row, line, reasons in zip(first[ROW], first[LINE], first[REASONS], strict=True)
    ]


def _log(report: Mapping[str, Any], folder: str) -> None:
    without = f", {report['without_target']:,} without a target" if report["without_target"] else ""
    log.info("validate  %s rows kept, %s quarantined%s", f"{report['kept']:,}", f"{report['quarantined']:,}", without)
    if report["quarantined"]:
        columns_at_fault = ", ".join(f"{name} {rows:,}" for name, rows in report["quarantined_by_column"].items())
        log.info("          by column: %s; reasons: %s/quarantine.parquet", columns_at_fault, folder)
