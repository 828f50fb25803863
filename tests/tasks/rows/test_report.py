"""The report of a validation: each check with its verdict, and what stops the flow."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tasks.rows.checking import BatchCheck, Checked
from tasks.rows.quarantine import Quarantine
from tasks.rows.report import report_of
from tasks.rows.row_database import row_database
from tasks.rows.rules import UNREAD_CELL, Rule
from tasks.rows.separation import Separated
from tasks.rows.typed_rows import stored_schema
from tests.references import a_dataset
from tests.use_cases import small_use_case

CASE = small_use_case(quality={"minimum_rows": 5, "maximum_quarantined_share": 0.1})
RULES = [
    Rule(0, "expectation", ("age",), "a whole number from 10 to 30"),
    Rule(1, "expectation", ("passed",), "one of no, yes", excused=True, checked="not missing"),
    Rule(2, UNREAD_CELL, ("colour",), "one of green, red"),
]


def file_of(folder: Path, name: str, rows: int) -> Path:
    path = folder / name
    pq.write_table(pa.table({"id": list(range(rows))}), path)
    return path


def report(folder: Path, kept: int, bad: int, batch: list[BatchCheck]) -> dict[str, Any]:
    stored = stored_schema(CASE)
    rows = folder / "rows.parquet"
    pq.write_table(stored.empty_table(), rows)
    quarantined = Quarantine(RULES, CASE.columns, stored)
    quarantined.rows = bad
    quarantined.by_column.update({"age": bad})
    quarantined.examples[0] = ["line 3: age: expected a whole number from 10 to 30, found 99"]
    good, lacking, other = file_of(folder, "kept", kept), file_of(folder, "without", 1), file_of(folder, "bad", bad)
    found = Separated(good, lacking, other, rows=kept + bad + 3, dropped=2, quarantined=quarantined)
    checked = Checked(RULES, batch=batch, duplicates=2, failures={0: bad, 1: 1})
    with row_database([rows], list(CASE.columns)) as database:
        return report_of(CASE, a_dataset(), database, checked, found)


def test_counts_add_up_and_a_check_has_its_verdict_and_examples(tmp_path: Path) -> None:
    found = report(tmp_path, kept=96, bad=1, batch=[])
    assert found["rows"] == found["kept"] + found["quarantined"] + found["without_target"] + found["duplicates_dropped"]
    age, passed = found["checks"]  # cells are listed only when one does not fit
    assert age == {
        "check": "age: a whole number from 10 to 30", "severity": "quarantine", "passed": False, "rows": 1, "found": "",
        "examples": ["line 3: age: expected a whole number from 10 to 30, found 99"],
    }  # fmt: skip
    assert (passed["check"], passed["severity"]) == ("passed: not missing", "without target")
    assert found["broken"] == []


def test_the_gate_and_checks_of_severity_stop_are_broken_by_name(tmp_path: Path) -> None:
    batch = [BatchCheck("rows: at least 9", "stop", False, "3"), BatchCheck("day: new", "warn", False, "old")]
    assert report(tmp_path, kept=3, bad=4, batch=batch)["broken"] == [
        "good rows: expected at least 5, found 3",
        "quarantined rows: expected at most 10.0%, found 40.0%",
        "rows: at least 9 (severity: stop): found 3",
    ]
