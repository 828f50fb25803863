"""What a check reports."""

import json
from pathlib import Path

import pytest

from config import settings
from tasks.check.report import Report, checked
from tasks.sources import samples
from tests.use_cases import small_use_case

HEADER = "id,age,colour,origin,passed"


def report(folder: Path, lines: list[str], header: str = HEADER, **changes: object) -> Report:
    path = folder / "rows.csv"
    path.write_text("\n".join([header, *lines]) + "\n")
    return checked(small_use_case(**changes), str(path))


def good(count: int = 60) -> list[str]:
    return [f"{number},{10 + number % 20},{'red' if number % 2 else 'green'},{'here' if number % 5 else 'there'},"
            f"{'yes' if number % 3 else 'no'}" for number in range(1, count + 1)]  # fmt: skip


def test_good_rows_pass_with_the_rows_of_each_part(tmp_path: Path) -> None:
    found = report(tmp_path, good())
    assert (found.problems, found.notes, found.read) == ([], [], "all 60 rows")
    assert found.parts == {"train": 36, "validation": 12, "test": 12}


def test_too_many_bad_rows_and_too_few_good_ones_are_problems(tmp_path: Path) -> None:
    quality = {"minimum_rows": 50, "maximum_quarantined_share": 0.1}
    bad = [row.replace(",red,", ",blue,") for row in good()]
    assert report(tmp_path, bad, quality=quality).problems == [
        "quality: expected at most 10.0% quarantined rows, found 50.0%",
        "quality: expected at least 50 good rows, found 30",
    ]


def test_a_part_without_a_class_is_a_problem(tmp_path: Path) -> None:
    late = [row[: row.rindex(",")] + (",no" if number < 40 else ",yes") for number, row in enumerate(good())]
    split = {"by": "time", "column": "id", "validation": 0.2, "test": 0.2}
    (problem,) = report(tmp_path, late, split=split).problems
    assert problem.startswith("split: expected rows of every class in every part; found no: ")


def test_a_missing_column_is_a_problem_and_another_one_a_note(tmp_path: Path) -> None:
    found = report(tmp_path, [row + ",5" for row in good()], HEADER.replace("age", "agee") + ",height")
    assert "lacks 1 column(s): expected 'age'" in found.problems[0]
    assert found.notes == ["columns: the source also has 'agee', 'height', which are not read"]


def test_categories_that_no_row_has_are_a_note_but_hidden_for_a_sensitive_column(tmp_path: Path) -> None:
    one = [row.replace("green", "red").replace("there", "here") for row in good()]
    notes = report(tmp_path, one).notes
    assert "columns.colour.categories: no row has green" in notes
    assert "columns.origin.categories: no row has 1 of them" in notes


def test_a_category_of_dates_is_a_note(tmp_path: Path) -> None:
    columns = {
        "id": {"type": "integer"}, "age": {"type": "integer"}, "colour": {"type": "category"},
        "origin": {"type": "category"}, "passed": {"type": "category", "categories": ["no", "yes"]},
    }  # fmt: skip
    dated = [row.replace(",red,", ",31/12/2017,").replace(",green,", ",30/11/2017,") for row in good()]
    (note,) = report(tmp_path, dated, columns=columns).notes
    assert note.startswith("columns.colour: its texts are dates, which sort as texts. Write `type: date, format:")


def test_features_without_information_are_a_note_and_without_any_other_a_problem(tmp_path: Path) -> None:
    same = [",".join([row.split(",")[0], "20", *row.split(",")[2:]]) for row in good()]
    assert "features: trained without age (constant)" in report(tmp_path, same).notes
    assert report(tmp_path, same, features=["age"]).problems == [
        "features: expected one that differs between the training rows, found age (constant)"
    ]


def test_a_suite_of_another_schema_is_a_problem_and_the_rows_are_checked_anyway(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "EXPECTATIONS", tmp_path)
    suite = {"name": "small_one", "schema_digest": "0", "expectations": []}
    (tmp_path / "small_one.json").write_text(json.dumps(suite))
    found = report(tmp_path, good())
    assert "the schema has changed" in found.problems[0]
    assert found.parts


def test_what_a_sample_lacks_is_no_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "FIRST_ROWS", 20)
    ordered = sorted(good(), key=lambda row: row.endswith("yes"))
    found = report(tmp_path, ordered, quality={"minimum_rows": 50, "maximum_quarantined_share": 0.1})
    assert (found.problems, found.read) == ([], "the first 20 rows")
    assert any("expected at least 3 rows of each class" in note for note in found.notes)


def test_a_source_that_can_not_be_read_is_a_problem(tmp_path: Path) -> None:
    found = checked(small_use_case(), str(tmp_path / "none.csv"))
    assert len(found.problems) == 1
    assert found.rows is None


def test_derived_columns_and_windows_are_computed_for_the_sample(tmp_path: Path) -> None:
    columns = {**small_use_case().columns, "day": {"type": "date"}}
    window = {"aggregate": "mean", "of": "age", "key": "origin", "time": "day", "days": 5}
    found = report(
        tmp_path, [f"{row},2026-01-{1 + place % 28:02}" for place, row in enumerate(good())], f"{HEADER},day",
        columns=columns, derived={"double": {"expression": "age * 2", "type": "number"}},
        windows={"lately": window}, features=["double", "lately"],
    )  # fmt: skip
    assert found.problems == []
    assert found.notes == ["windows.lately: 6.7% of the rows have nothing to compute it from before their day"]


@pytest.mark.parametrize(("sensitive", "length", "noted"), [(False, 9, True), (True, 9, False), (False, 2, False)])
def test_a_feature_whose_values_tell_the_rows_apart_is_a_note(
    tmp_path: Path, sensitive: bool, length: int, noted: bool
) -> None:
    columns = {
        "id": {"type": "integer"},
        "age": {"type": "integer"},
        "colour": {"type": "category", "sensitive": sensitive},
        "origin": {"type": "category"},
        "passed": {"type": "category", "categories": ["no", "yes"]},
    }
    names = [f"person-{number:02}" if length > 2 else "ab"[number % 2] for number in range(60)]
    rows = [f"{n},{10 + n % 20},{name},{'ab'[n % 2]},{'yes' if n % 3 else 'no'}" for n, name in enumerate(names)]
    notes = report(tmp_path, rows, columns=columns, features=["age", "colour", "origin"]).notes
    about = "colour: 60 different values in 60 rows. They may name people"
    assert any(note.startswith(about) for note in notes) is noted
    assert not any("person-" in note for note in notes)
