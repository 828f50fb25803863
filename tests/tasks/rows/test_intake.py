"""Reading a source as typed rows."""

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tabular import delimited, plain_blocks
from tasks.model_contract import FILE, LINE, MALFORMED, UNREAD
from tasks.rows.corrections import Correction, Corrections, content_digest
from tasks.rows.intake import Intake
from tasks.rows.typed_rows import TypedRows
from tasks.sources import delimited_files
from tasks.sources.location import Location, open_address
from tests.use_cases import small_use_case

HEADER = "id,age,colour,origin,passed\n"


def file_of(folder: Path, *rows: str) -> Location:
    path = folder / "rows.csv"
    path.write_text(HEADER + "".join(row + "\n" for row in rows))
    return open_address(str(path))  # type: ignore[return-value]


def table(intake: Intake) -> pa.Table:
    return pa.Table.from_batches(list(intake.batches()), schema=intake.schema)


def random_rows(count: int) -> list[str]:
    source = random.Random(5)  # noqa: S311  it has to be repeatable
    ages = ["15", "16", "", "NA", "0x1f", "+17", "old", " 18"]
    rows = [f"{row},{source.choice(ages)},{source.choice(['red', 'green', ''])},here,yes" for row in range(count)]
    rows[count // 3] = 'a,"b,c'
    rows[count // 2] = f'{count // 2},15,"red",here'
    return rows


def test_blocks_and_single_rows_give_the_same_table_counts_and_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = file_of(tmp_path, *random_rows(900))
    exact = Intake(small_use_case(), source)
    monkeypatch.setattr(plain_blocks, "FEWEST_BYTES", 10**9)
    rows = table(exact)
    monkeypatch.setattr(plain_blocks, "FEWEST_BYTES", 0)
    monkeypatch.setattr(delimited, "CHUNK_BYTES", 3_000)
    monkeypatch.setattr(delimited_files, "BATCH_ROWS", 77)
    fast = Intake(small_use_case(), source)
    assert table(fast).equals(rows)
    assert (fast.rows, fast.malformed, fast.first_malformed) == (exact.rows, exact.malformed, exact.first_malformed)
    assert fast.digest == exact.digest
    assert exact.rows + exact.malformed == 900
    assert exact.malformed >= 2
    assert sum(text != "" for text in rows[UNREAD].to_pylist()) > 100


def test_equal_rows_of_another_format_have_the_same_digest(tmp_path: Path) -> None:
    case, source = small_use_case(), file_of(tmp_path, "1,15,red,here,no", "2,,,there,yes")
    written = Intake(case, source)
    cells = table(written).select(list(case.columns))
    pq.write_table(cells, tmp_path / "rows.parquet")
    again = Intake(case, open_address(str(tmp_path / "rows.parquet")))
    assert table(again).select(list(case.columns)).equals(cells)
    assert again.digest == written.digest


def test_the_first_malformed_rows_have_their_lines(tmp_path: Path) -> None:
    intake = Intake(small_use_case(), file_of(tmp_path, "1,15,red,here,no", "2,16", "3,15,red,here,no,1"))
    found = table(intake)
    assert (intake.rows, intake.malformed) == (1, 2)
    assert [text.partition(":")[0] for text in intake.first_malformed] == ["line 3", "line 4"]
    assert found[LINE].to_pylist() == [2, 3, 4]


def correction(rows: list[dict[str, Any]], at: int, cells: dict[str, Any]) -> Correction:
    original = content_digest(rows[at])
    return Correction(file=rows[at][FILE], line=rows[at][LINE], row=at, original=original, cells=cells)


def test_a_corrected_row_is_read_as_if_the_source_had_it(tmp_path: Path) -> None:
    broken = file_of(tmp_path, "1,15,red,here,no", "2,old,red,here,no", "3,16")
    cells = {"id": 3, "age": 16, "colour": "red", "origin": "here", "passed": "no"}
    before = table(Intake(small_use_case(), broken)).to_pylist()
    corrections = Corrections([correction(before, 1, {"age": 15}), correction(before, 2, cells)])
    corrected = Intake(small_use_case(), broken, corrections)
    found = table(corrected)
    (tmp_path / "sound").mkdir()
    sound = Intake(
        small_use_case(), file_of(tmp_path / "sound", "1,15,red,here,no", "2,15,red,here,no", "3,16,red,here,no")
    )
    assert found.equals(table(sound))
    assert (corrected.rows, corrected.malformed) == (3, 0)
    assert corrected.digest == sound.digest


def test_rows_without_lines_are_corrected_by_their_number(tmp_path: Path) -> None:
    case = small_use_case()
    cells = {"id": [1, 2], "age": [15, 16], "colour": ["red"] * 2, "origin": ["here"] * 2, "passed": ["no"] * 2}
    pq.write_table(pa.table(cells), tmp_path / "rows.parquet")
    source = open_address(str(tmp_path / "rows.parquet"))
    one = correction(table(Intake(case, source)).to_pylist(), 1, {"age": None})
    found = table(Intake(case, source, Corrections([one])))
    assert found["age"].to_pylist() == [15, None]
    assert found[MALFORMED].null_count == 2


def test_a_source_that_fails_in_the_middle_raises_its_error(tmp_path: Path) -> None:
    source = replace(file_of(tmp_path, "1,15,red,here,no"), address=str(tmp_path / "absent.csv"))
    with pytest.raises(Exception, match="absent"):
        list(Intake(small_use_case(), source).batches())


def test_columns_that_have_been_plain_are_converted_by_the_reader_until_a_cell_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain_blocks, "FEWEST_BYTES", 0)
    monkeypatch.setattr(delimited, "CHUNK_BYTES", 200)
    rows = [f"{row},{15 + row % 3},red,here,yes" for row in range(300)]
    rows[200] = "200,old,red,here,yes"
    source = file_of(tmp_path, *rows)
    typing = TypedRows(small_use_case(), "rows.csv", source.format)
    raw, typed = [], []
    for batch in source.converted(typing.plain):
        raw += [str(batch.schema.field("age").type)] * len(batch)
        typed += typing.typed(batch).to_pylist()
    assert raw[0] == "large_string"
    assert raw[100] == "int64"
    assert set(raw[200:]) == {"large_string"}
    assert [row["age"] for row in typed] == [15 + row % 3 if row != 200 else None for row in range(300)]
    assert typed[200][UNREAD] == '{"age": "old"}'
