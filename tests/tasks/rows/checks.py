"""Runs the checks of `validate` on a few rows, without S3."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from config.use_case import UseCase
from tasks.rows.checking import Checked, Checks
from tasks.rows.row_database import row_database
from tasks.rows.separation import Separated, separate
from tasks.rows.suites import Expectation, build_suite
from tasks.rows.typed_rows import stored_schema
from tests.use_cases import small_use_case

CASE = small_use_case()
GOOD: dict[str, Any] = {
    "id": 1, "age": 15, "colour": "red", "origin": "here", "passed": "no", "unread_cells": "", "source_file": None,
    "source_line": 2, "malformed": None, "text": None,
}  # fmt: skip


def parquet_files(case: UseCase, folder: Path, *files: Sequence[dict[str, Any]]) -> list[Path]:
    """Write good rows with unique ids, each with changes, to a file for each list of changes."""
    paths, first = [], 1
    for number, changes in enumerate(files):
        rows = [{**GOOD, "id": place, **change} for place, change in enumerate(changes, first)]
        paths.append(folder / f"part-{number}.parquet")
        pq.write_table(pa.Table.from_pylist(rows, schema=stored_schema(case)), paths[-1])
        first += len(changes)
    return paths


class Found:
    """The checked and separated rows."""

    def __init__(self, case: UseCase, checked: Checked, separated: Separated) -> None:
        self.checked, self.separated = checked, separated
        self.kept = pq.read_table(separated.kept)
        self.quarantine = pq.read_table(separated.quarantine)
        self.lacking = pq.read_table(separated.without_target)

    @property
    def reasons(self) -> dict[int, list[str]]:
        """The reasons of each quarantined row, by its number."""
        return dict(zip(self.quarantine["row"].to_pylist(), self.quarantine["reasons"].to_pylist(), strict=True))

    @property
    def ids(self) -> list[int]:
        """The ids of the good rows, in order."""
        return list(self.kept["id"].to_pylist())


def check(
    folder: Path,
    *changes: dict[str, Any],
    case: UseCase = CASE,
    expectations: Sequence[Expectation] = (),
    references: dict[int, pa.Table] | None = None,
    batch_rows: int = 1000,
) -> Found:
    """Check good rows with changes, by the suite of the schema and further expectations."""
    suite = build_suite(case)
    suite["expectations"] += expectations
    with row_database(parquet_files(case, folder, changes), list(case.columns)) as database:
        checked = Checks(database, case, suite).run(references or {})
        return Found(case, checked, separate(database, case, checked, batch_rows))
