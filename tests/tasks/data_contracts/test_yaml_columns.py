"""Columns and keys are replaced in a YAML text, and its other lines stay."""

from datetime import datetime
from pathlib import Path

import yaml

from config.plain_yaml import read_yaml
from tasks.data_contracts.yaml_columns import columns_text, with_columns

TEXT = "name: trial  # kept\ncolumns:\n  old: {type: text}\n\n# about the target\ntarget: x\n"


def test_other_lines_and_comments_stay() -> None:
    found = with_columns(TEXT, {"age": {"type": "integer"}}, ())
    assert found == "name: trial  # kept\ncolumns:\n  age: {type: integer}\n\n# about the target\ntarget: x\n"


def test_a_new_key_stands_before_the_columns() -> None:
    found = with_columns(TEXT, {"id": {"type": "integer"}}, ["id"])
    assert found.splitlines()[1:4] == ["key: [id]", "columns:", "  id: {type: integer}"]


def test_a_moment_at_midnight_is_written_as_a_date() -> None:
    assert columns_text({"born": {"minimum": datetime(1990, 1, 31)}}) == "columns:\n  born: {minimum: 1990-01-31}\n"
    seen = {"minimum": datetime(1990, 1, 31, 5)}
    assert yaml.safe_load(columns_text({"seen": seen})) == {"columns": {"seen": seen}}


def test_a_limit_with_a_time_of_day_has_no_tag_which_a_use_case_s_yaml_refuses(tmp_path: Path) -> None:
    path = tmp_path / "columns.yaml"
    path.write_text(columns_text({"at": {"type": "datetime", "minimum": datetime(1990, 1, 31, 5)}}))
    assert read_yaml(path) == {"columns": {"at": {"type": "datetime", "minimum": datetime(1990, 1, 31, 5)}}}
