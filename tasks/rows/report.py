"""The report of a validation, as JSON: counts, each check with its severity, and examples of each reason."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from config.use_case import UseCase
from tasks.model_contract import columns
from tasks.references import DatasetVersion
from tasks.rows.checking import BatchCheck, Checked
from tasks.rows.quarantine import warnings
from tasks.rows.row_database import RowDatabase
from tasks.rows.rules import UNREAD_CELL, Rule
from tasks.rows.separation import Separated

Check = dict[str, Any]
"""`check`, `severity`, `passed`, `rows` that fail (null for a check of the batch), `found`, `examples`."""


def report_of(
    use_case: UseCase, dataset: DatasetVersion, database: RowDatabase, checked: Checked, found: Separated
) -> dict[str, Any]:
    """Return the report. Values of sensitive columns are hidden in it."""
    checks = [*_row_checks(use_case, database, checked, found), *map(_batch_check, checked.batch)]
    return {
        "use_case": use_case.name,
        "dataset": dataset.digest,
        "source": dataset.source,
        "rows": found.rows,
        "kept": found.kept_rows,
        "without_target": found.without_target_rows,
        "duplicates": checked.duplicates,
        "duplicates_dropped": found.dropped,
        "quarantined": found.quarantined.rows,
        "quarantined_by_column": dict(found.quarantined.by_column.most_common()),
        "checks": checks,
        "broken": [*_gate(use_case, found), *_stopped(checks)],
        "validated_at": datetime.now(UTC),
    }


def _row_checks(use_case: UseCase, database: RowDatabase, checked: Checked, found: Separated) -> Iterator[Check]:
    known = columns(use_case)
    for rule in checked.rules:
        rows = checked.failures.get(rule.number, 0)
        if rule.kind == UNREAD_CELL and not rows:
            continue
        shown = found.quarantined.examples.get(rule.number, [])
        if rows and rule.severity == "warn":
            shown = warnings(database, rule, known)
        yield {**_check(rule), "passed": rows == 0, "rows": rows, "found": "", "examples": shown}


def _check(rule: Rule) -> Check:
    severity = "without target" if rule.excused and rule.severity == "quarantine" else rule.severity
    return {"check": rule.title, "severity": severity}


def _batch_check(check: BatchCheck) -> Check:
    return {
        "check": check.title, "severity": check.severity, "passed": check.passed, "rows": None, "found": check.found,
        "examples": [],
    }  # fmt: skip


def _gate(use_case: UseCase, found: Separated) -> Iterator[str]:
    """Yield the rules of the quality gate that the rows do not pass."""
    quality, kept = use_case.quality, found.kept_rows
    share = found.quarantined.rows / found.rows if found.rows else 1.0
    if kept < quality.minimum_rows:
        yield f"good rows: expected at least {quality.minimum_rows:,}, found {kept:,}"
    if share > quality.maximum_quarantined_share:
        yield f"quarantined rows: expected at most {quality.maximum_quarantined_share:.1%}, found {share:.1%}"


def _stopped(checks: list[Check]) -> Iterator[str]:
    for each in checks:
        if each["severity"] == "stop" and not each["passed"]:
            found = f"{each['rows']:,} rows that fail" if each["rows"] else each["found"]
            yield f"{each['check']} (severity: stop): found {found}"
