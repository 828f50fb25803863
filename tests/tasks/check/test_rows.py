"""Samples are typed and judged as a run does."""

from pathlib import Path

import pytest

from config.errors import SourceError
from tasks.check.rows import EXAMPLES, JudgedRows, judged_rows
from tasks.rows.suites import build_suite
from tasks.sources import source_of
from tasks.sources.samples import sample
from tests.use_cases import small_use_case

HEADER = "id,age,colour,origin,passed\n"


def judged(folder: Path, *rows: str) -> JudgedRows:
    path = folder / "rows.csv"
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
    case = small_use_case()
    source = source_of(case, str(path))
    return judged_rows(case, source, sample(source, str(path)), build_suite(case))


def test_bad_rows_are_counted_by_reason_with_the_first_ones_as_examples(tmp_path: Path) -> None:
    bad = [f"{number},{90 + number},red,here,no" for number in range(2, 7)]
    found = judged(tmp_path, "1,20,red,here,no", *bad, "7,x,red,here,yes", "8,20,blue,here,yes")
    assert (found.rows, found.quarantined, len(found.good)) == (8, 7, 1)
    ages = "age: expected a whole number from 10 to 30"
    assert dict(found.counts) == {ages: 6, "colour: expected one of green, red": 1}
    assert found.examples[ages] == ["line 3: 92", "line 4: 93", "line 5: 94"]
    assert len(found.examples[ages]) == EXAMPLES
    assert found.examples["colour: expected one of green, red"] == ["line 9: 'blue'"]


def test_values_of_sensitive_columns_are_hidden(tmp_path: Path) -> None:
    found = judged(tmp_path, "1,20,red,secret,no")
    assert found.examples == {"origin: expected one of here, there": ["line 2: (hidden: sensitive)"]}


def test_malformed_rows_repeated_keys_and_rows_without_a_target_are_told_apart(tmp_path: Path) -> None:
    found = judged(tmp_path, "1,20,red,here,no", "1,21,red,here,yes", "2,20", "3,20,red,here,")
    assert (found.quarantined, found.without_target, len(found.good)) == (3, 1, 0)
    assert found.counts["malformed row: expected 5 cells as in the header"] == 1
    assert found.counts["id: expected unique values"] == 2
    assert found.quarantined_share == pytest.approx(0.75)


def test_a_missing_column_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("id,age\n1,20\n")
    case = small_use_case()
    source = source_of(case, str(path))
    with pytest.raises(SourceError, match="lacks 3 column"):
        judged_rows(case, source, sample(source, str(path)), build_suite(case))
