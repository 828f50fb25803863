from pathlib import Path

import pytest

from config.errors import ConfigError, SourceError
from tasks.quarantine.rows import QuarantinedRow
from tasks.quarantine.sheet import CONTENT, read_sheet, write_sheet
from tests.tasks.quarantine.quarantines import SOUND
from tests.use_cases import small_use_case

ROW = QuarantinedRow({**SOUND, "colour": '-red, "so"', "age": None, "text": None}, 3, "=a.csv", None, ("age: bad", "x"))


def test_a_file_is_read_as_it_was_written_and_formulas_do_not_run(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    assert write_sheet(small_use_case(), [ROW], path) == 1
    assert "'=a.csv" in path.read_text()
    assert '"\'-red, ""so"""' in path.read_text()
    (found,) = read_sheet(small_use_case(), path)
    assert found.key == ("3", "=a.csv", "", ROW.original)
    assert found.texts == {"id": "1", "age": "", "colour": '-red, "so"', "passed": "yes"}


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    for name in ("rows.xlsx", "none/rows.csv"):
        with pytest.raises(ConfigError, match=r"expected a file that ends in \.csv, in a folder that exists"):
            write_sheet(small_use_case(), [], tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("row,age\n1,2\n", "lacks 'source_file', 'source_line', 'row_content'"),
        ("", "lacks 'row'"),
        (f"row,source_file,source_line,{CONTENT},age\n1,,,abc\n", "line 2: expected 5 cells, found 4"),
        ('row,"', "expected a CSV file in UTF-8, found"),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(SourceError, match=message):
        list(read_sheet(small_use_case(), path))


def test_a_file_of_another_encoding_or_that_is_absent_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    with pytest.raises(SourceError, match=r"found: .*No such file"):
        list(read_sheet(small_use_case(), path))
    path.write_bytes(f"row,source_file,source_line,{CONTENT}\n1,\xe9,,\n".encode("latin-1"))
    with pytest.raises(SourceError, match="in UTF-8, found"):
        list(read_sheet(small_use_case(), path))
