import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.errors import ConfigError
from config.use_case import load_use_case, use_case_names
from tests.use_cases import content


def write(folder: Path, **changes: Any) -> str:
    path = folder / "student_grades.yaml"
    path.write_text(yaml.safe_dump({**content("student_grades"), **changes}))
    return str(path)


@pytest.mark.parametrize("name", use_case_names())
def test_every_shipped_use_case_is_right(name: str) -> None:
    assert load_use_case(name).name == name


def test_the_four_use_cases_ship() -> None:
    assert use_case_names() == ["cake_popularity", "student_dropout", "student_enrollment", "student_grades"]


def test_a_use_case_may_be_any_yaml_file(tmp_path: Path) -> None:
    assert load_use_case(write(tmp_path, question="What else?")).question == "What else?"


def test_an_unknown_use_case_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"expected one of cake_popularity.*found 'student_sleep'"):
        load_use_case("student_sleep")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"quality": {"minimum_rows": "many", "maximum_quarantined_share": 0.1}}, r"quality.minimum_rows: .*'many'"),
        ({"qestion": "x"}, r"qestion: expected: Extra inputs are not permitted"),
        ({"features": ["age", "height"]}, r"features: columns of the schema, found 'height'"),
        ({"features": ["age", "score"]}, r"features: none the target is made of, found 'score'"),
        ({"target": {"column": "score", "task": "binary"}}, r"target: .*two classes for a binary target, found 0"),
        ({"known_only_afterwards": ["study"]}, r"none that is known only afterwards, found study"),
        (
            {"candidates": [{"name": "a", "algorithm": "logistic_regression"}]},
            r"candidates.a: one of ridge.*for a regression target, found logistic_regression",
        ),
        (
            {"evaluation": {"primary": "f1", "gates": [{"metric": "rmse", "at_most": 12}]}},
            r"evaluation: one of rmse, mae, r2 for a regression target, found f1",
        ),
        (
            {"evaluation": {"primary": "rmse", "gates": [{"metric": "rmse"}]}},
            r"evaluation.gates.0: .*either at_least or at_most",
        ),
        (
            {"split": {"by": "group", "column": "act", "seed": 1, "validation": 0.2, "test": 0.2}},
            r"columns.act.nullable: false, for split.column needs it",
        ),
        (
            {"monitoring": {"psi_warning": 0.5, "psi_drift": 0.25, "minimum_rows": 1}},
            r"psi_warning \(0.5\) at or below psi_drift \(0.25\)",
        ),
    ],
)
def test_a_wrong_key_is_named_with_its_file_and_what_was_found(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    path = write(tmp_path, **changes)
    with pytest.raises(ConfigError, match=re.escape(path) + r"[\s\S]*" + message):
        load_use_case(path)


def test_the_columns_of_a_target_rule_are_no_features() -> None:
    assert load_use_case("student_enrollment").target_sources == {"educ"}


def test_what_is_known_only_afterwards_is_in_no_schema() -> None:
    columns = load_use_case("student_enrollment").columns
    assert not {"wage", "lwage", "exper", "expersq", "married", "enroll"} & set(columns)


def test_a_file_whose_name_differs_from_the_use_case_is_refused(tmp_path: Path) -> None:
    path = Path(write(tmp_path)).rename(tmp_path / "other.yaml")
    with pytest.raises(ConfigError, match="expected 'other', as the file is called; found 'student_grades'"):
        load_use_case(str(path))


def test_a_file_that_is_not_yaml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("a: [")
    with pytest.raises(ConfigError, match="is not YAML"):
        load_use_case(str(tmp_path / "x.yaml"))
