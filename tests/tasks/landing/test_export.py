"""Versions as files of this machine."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from config.errors import ConfigError, MissingInput
from config.use_case import UseCase
from tasks.ingest import ingest
from tasks.landing.export import check_path, export
from tests.tasks.landing.support import case

SOURCE = "No.,age,seen,passed\n1,11,31.01.2026,yes\n2,old,01.02.2026,no\n3,short\n"
COLUMNS: dict[str, Any] = {
    "id": {"type": "integer", "header": "No."},
    "age": {"type": "integer", "nullable": True},
    "seen": {"type": "date", "format": "%d.%m.%Y"},
    "passed": {"type": "category", "categories": ["no", "yes"]},
}


@pytest.fixture
def use_case() -> UseCase:
    return case("export_rows", columns=COLUMNS)


@pytest.fixture
def source(tmp_path: Path) -> str:
    (tmp_path / "rows.csv").write_text(SOURCE)
    return str(tmp_path / "rows.csv")


def test_csv_has_the_headers_and_texts_of_the_source_without_malformed_rows(
    bucket: str, tmp_path: Path, use_case: UseCase, source: str
) -> None:
    assert export(use_case, ingest.fn(use_case, source), tmp_path / "out.csv") == 2
    assert (tmp_path / "out.csv").read_text() == SOURCE.replace("3,short\n", "")


def test_parquet_has_every_stored_column_and_row(bucket: str, tmp_path: Path, use_case: UseCase, source: str) -> None:
    assert export(use_case, ingest.fn(use_case, source), tmp_path / "out.parquet") == 3
    found = pq.read_table(tmp_path / "out.parquet").to_pydict()
    assert (found["id"], found["age"]) == ([1, 2, None], [11, None, None])
    assert (found["unread_cells"][1], found["text"][2]) == ('{"age": "old"}', "3,short")


def test_a_version_that_is_gone_leaves_an_earlier_file_as_it_is(
    bucket: str, tmp_path: Path, use_case: UseCase, source: str
) -> None:
    gone = ingest.fn(use_case, source).model_copy(update={"snapshot": 1})
    (tmp_path / "out.csv").write_text("earlier")
    with pytest.raises(MissingInput, match="it has been deleted"):
        export(use_case, gone, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "earlier"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "rows.csv"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("rows.json", r"ends in \.parquet or \.csv; found \.json"),
        ("rows", "found none"),
        ("no/rows.csv", "in a folder that exists"),
    ],
)
def test_a_file_of_another_format_or_in_no_folder_is_refused(tmp_path: Path, name: str, expected: str) -> None:
    with pytest.raises(ConfigError, match=expected):
        check_path(tmp_path / name)
