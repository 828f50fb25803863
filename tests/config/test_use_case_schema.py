"""The JSON Schema that editors check a use case's YAML with."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from config import settings
from config.plain_yaml import read_yaml
from config.use_case_schema import FIRST_LINE, PATH, use_case_schema

SCHEMA: dict[str, Any] = json.loads(PATH.read_text())
SHIPPED = sorted(settings.USE_CASES.glob("*.yaml"))
Change = Callable[[dict[str, Any]], object]


def problems(content: Any) -> list[str]:
    """Return the path of each value that an editor would mark as invalid."""
    return ["/".join(map(str, error.path)) for error in Draft202012Validator(SCHEMA).iter_errors(content)]


def as_json(path: Path) -> Any:
    """The file as an editor reads it: a date is a text."""
    return json.loads(json.dumps(read_yaml(path), default=str))


def test_the_schema_matches_the_models() -> None:
    assert PATH.read_text(encoding="utf-8") == use_case_schema(), "run: make schema"
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_each_use_case_names_the_schema_in_its_first_line_and_fits_it(path: Path) -> None:
    assert path.read_text().splitlines()[0] == FIRST_LINE
    assert (path.parent / FIRST_LINE.rpartition("=")[2]).resolve() == PATH
    assert problems(as_json(path)) == []


def test_the_command_of_the_hook_accepts_every_use_case() -> None:
    check = Path(sys.executable).parent / "check-jsonschema"
    done = subprocess.run([check, "--schemafile", PATH, *SHIPPED], text=True, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda content: content.pop("target"), ""),
        (lambda content: content.update(tagret="x"), ""),
        (lambda content: content.update(name="Student Grades"), "name"),
        (lambda content: content["quality"].update(minimum_rows="many"), "quality/minimum_rows"),
        (lambda content: content["source"].update(kind="pacage"), "source"),
        (lambda content: content["split"].update(validation=0.5), "split"),
        (lambda content: content["evaluation"].update(primary="accuracy_score"), "evaluation/primary"),
        (lambda content: content["columns"]["score"].update(type="float"), "columns/score/type"),
        (lambda content: content["columns"]["score"].update(minimum="low"), "columns/score/minimum"),
    ],
)
def test_an_editor_marks_what_is_wrong(change: Change, where: str) -> None:
    content = as_json(settings.USE_CASES / "student_grades.yaml")
    change(content)
    assert problems(content) == [where]


@pytest.mark.parametrize("limit", ["2017-01-01", "2017-01-01 12:00:00", "2017-01-01T12:00:00Z"])
def test_a_date_without_quotes_is_a_limit(limit: str) -> None:
    content = as_json(settings.USE_CASES / "student_grades.yaml")
    day = yaml.safe_load(f"type: datetime\nminimum: {limit}")
    content["columns"]["day"] = json.loads(json.dumps(day, default=str))
    assert problems(content) == []


def test_each_key_that_the_models_describe_is_described_to_the_editor() -> None:
    assert SCHEMA["properties"]["key"]["description"].startswith("The columns that identify a row")
    undescribed = [name for name, part in SCHEMA["$defs"].items() if "description" not in part]
    assert undescribed == []
