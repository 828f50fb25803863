from pathlib import Path

import pytest

from config.errors import ConfigError, SourceError
from tasks.corrections import fixes
from tasks.quarantine.fix import fix_edited, fix_selected, pending
from tasks.quarantine.rows import parse_where
from tasks.quarantine.sheet import write_sheet
from tests.tasks.quarantine.quarantines import row, stored
from tests.use_cases import small_use_case


def test_a_later_fix_of_a_row_completes_the_earlier_one_and_can_take_it_back(bucket: str) -> None:
    case = small_use_case(name="fix_later")
    bad = stored(case, [row(0, "age: bad", "colour: bad", age=29, colour="blue"), row(1, "malformed row: x", text="1")])
    for cells in ({"age": "12"}, {"colour": ""}, {"age": "29"}):
        assert fix_selected(case, bad, parse_where(case, "row == 0"), cells).rows == 1
    whole = {"id": "4", "age": "12", "origin": "here"}
    assert fix_selected(case, bad, parse_where(case, "row == 1"), whole).rows == 1
    assert fix_selected(case, bad, parse_where(case, "row == 1"), {"colour": "red"}).rows == 1
    assert fix_selected(case, bad, parse_where(case, "row == 1"), {"colour": "red"}).unchanged == 1
    assert [each.cells for each in pending(case)] == [
        {"age": 29, "colour": None},
        {"id": 4, "age": 12, "origin": "here", "colour": "red", "passed": None},
    ]
    assert [len(each.ids) for each in pending(case)] == [3, 2]


def test_nothing_is_stored_when_one_of_the_rows_does_not_fit(bucket: str) -> None:
    case = small_use_case(name="fix_refused")
    bad = stored(case, [row(at, "malformed row: x", text="1") for at in range(7)] + [row(7, "age: bad", age=99)])
    with pytest.raises(ConfigError, match=r"found 7 row\(s\) that still do not fit, .*; and 2 more"):
        fix_selected(case, bad, None, {"age": "12"})
    assert fixes(case.name) == []


def test_a_file_with_a_row_twice_is_refused_unless_both_are_equal(bucket: str, tmp_path: Path) -> None:
    case, path = small_use_case(name="fix_twice"), tmp_path / "bad.csv"
    bad = stored(case, [row(0, "age: bad", age=99)])
    write_sheet(case, bad.rows(), path)
    header, line = path.read_text().splitlines()
    path.write_text("\n".join([header, line, line]))
    assert fix_edited(case, bad, path).rows == 0
    path.write_text("\n".join([header, line, line.replace("99", "12")]))
    with pytest.raises(SourceError, match="expected each row once, found another one on line 3"):
        fix_edited(case, bad, path)
