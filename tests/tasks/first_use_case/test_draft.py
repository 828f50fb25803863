"""The first use case of a file, as a whole."""

import random
from pathlib import Path

import pytest
import yaml

from config.documents import read_document
from config.use_case import UseCase
from tasks.first_use_case.document import HOPELESS
from tasks.first_use_case.draft import Draft, first_use_case

CHANCE = random.Random(7)  # noqa: S311  rows, no secret


def pupils(folder: Path, rows: int = 120) -> Path:
    """A file with a semicolon, a BOM, decimal commas, markers, personal data, and a leak."""
    lines = ["Pupil ID;First name;Gender;Hours of study;Mothers job;Absences;Grade;Passed"]
    for number in range(rows):
        hours, absent = CHANCE.uniform(0, 9), CHANCE.choice(["0", "2", "?"])
        grade = f"{hours + CHANCE.uniform(0, 3):.2f}".replace(".", ",")
        job, sex = CHANCE.choice(["at home", "teacher"]), CHANCE.choice("fm")
        passed = "yes" if hours > 4 else "no"
        lines.append(f"{number};N{number}x;{sex};{f'{hours:.2f}'.replace('.', ',')};{job};{absent};{grade};{passed}")
    path = folder / "pupils.csv"
    path.write_text("\n".join(lines), encoding="utf-8-sig")
    return path


@pytest.fixture(scope="module")
def draft(tmp_path_factory: pytest.TempPathFactory) -> Draft:
    """The first use case of `pupils`."""
    return first_use_case("pupils", str(pupils(tmp_path_factory.mktemp("rows"))), "Grade")


def test_the_text_is_a_valid_use_case(draft: Draft, tmp_path: Path) -> None:
    path = tmp_path / "pupils.yaml"
    path.write_text(draft.text, encoding="utf-8")
    assert read_document(path, UseCase) == draft.use_case


def test_the_format_the_key_and_the_columns_are_those_of_the_file(draft: Draft) -> None:
    case = draft.use_case
    assert (case.source.delimiter, case.source.decimal) == (";", ",")
    assert case.key == ("pupil_id",)
    assert case.headers["mothers_job"] == "Mothers job"
    assert {name: column.type for name, column in case.columns.items()} == {
        "pupil_id": "integer", "first_name": "category", "gender": "category", "hours_of_study": "number",
        "mothers_job": "category", "absences": "integer", "grade": "number", "passed": "category",
    }  # fmt: skip
    assert case.columns["absences"].missing == ("?",)
    assert [name for name, column in case.columns.items() if column.sensitive] == ["first_name", "gender"]
    assert case.target.task == "regression"
    assert "hours_of_study" in case.features


def test_no_value_of_a_sensitive_column_that_identifies_is_written(draft: Draft) -> None:
    shown = draft.text + str(draft.to_check)
    assert not any(f"N{number}x" in shown for number in range(120))


def test_each_column_has_a_comment_with_its_reason(draft: Draft) -> None:
    lines = draft.text.splitlines()
    for name in draft.use_case.columns:
        place = next(number for number, line in enumerate(lines) if line.startswith(f"  {name}: {{"))
        assert "  # " in lines[place] or lines[place - 1].startswith("  # "), name


def test_what_is_left_out_of_the_features_is_a_comment(draft: Draft) -> None:
    for name in set(draft.use_case.columns) - set(draft.use_case.features) - {"grade"}:
        assert f"# no feature: {name}: " in draft.text


def test_what_a_person_should_check_is_listed(draft: Draft) -> None:
    keys = [key for key, _ in draft.to_check]
    assert {"question, kpis", "source.decimal", "columns.absences", "key", "target", "split", "evaluation"} <= {*keys}


def test_a_split_that_leaves_a_part_without_a_class_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    rows = [f"2024-01-{1 + number // 4:02d},{number % 7},{'no' if number < 70 else 'yes'}" for number in range(100)]
    path.write_text("day,x,y\n" + "\n".join(rows))
    found = first_use_case("rows", str(path), "y")
    assert found.use_case.split.by == "random"
    assert "not by day: a part would lack a class or rows" in found.text


def test_a_file_from_which_nothing_can_be_learned_has_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("x,y\n" + "\n".join(f"{number % 2},{CHANCE.random()}" for number in range(100)))
    found = first_use_case("rows", str(path), "y")
    assert HOPELESS in dict(found.to_check)["evaluation"]


def test_a_few_rows_are_enough_for_a_first_use_case_without_a_measured_gate(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("x,y\n1.5,2.5\n2.5,3.5\n4.5,1.5\n")
    found = first_use_case("rows", str(path), "y")
    assert yaml.safe_load(found.text)["evaluation"]["gates"] == [{"metric": "rmse", "at_least": 0}]
    assert "too few rows to measure a model" in found.text
