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
        ({"qestion": "x"}, r"found \'qestion\' \(did you mean \'question\'\?\)"),
        ({"features": ["age", "height"]}, r"features: expected columns of the schema, found 'height'"),
        ({"features": ["age", "score"]}, r"features: expected none that the target is made of, found 'score'"),
        (
            {"target": {"column": "score", "task": "binary"}},
            r"target: expected two classes for a binary target, found 0",
        ),
        ({"known_only_afterwards": ["study"]}, r"expected none that is known only afterwards, found study"),
        (
            {"candidates": [{"name": "a", "algorithm": "logistic_regression"}]},
            r"candidates.a: expected one of ridge.*for a regression target, found logistic_regression",
        ),
        (
            {"evaluation": {"primary": "f1", "gates": [{"metric": "rmse", "at_most": 12}]}},
            r"evaluation: expected one of rmse, mae, r2 for a regression target, found f1",
        ),
        (
            {"evaluation": {"primary": "rmse", "gates": [{"metric": "rmse"}]}},
            r"evaluation.gates.0: expected either at_least or at_most",
        ),
        (
            {"split": {"by": "group", "column": "act", "seed": 1, "validation": 0.2, "test": 0.2}},
            r"columns.act.nullable: expected false, for split.column needs it",
        ),
        (
            {"evaluation": {"primary": "r2", "gates": [{"metric": "r2", "at_least": 6}]}},
            r"evaluation.gates.0: expected a bound of at most 1, for r2 is never more; found 6",
        ),
        ({"source": {"kind": "fil"}}, r"source: 'kind': expected one of 'package', 'location', 'survey'; found 'fil'"),
        ({"question": True}, r"question: .*found: True. Quote it: YAML reads"),
        (
            {"monitoring": {"psi_warning": 0.5, "psi_drift": 0.25, "minimum_rows": 1}},
            r"expected psi_warning at or below psi_drift, found 0.5 and 0.25",
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


def test_all_rules_between_keys_are_checked_at_once_and_said_without_a_dump(tmp_path: Path) -> None:
    path = write(
        tmp_path, features=["age", "height"], split={"by": "time", "column": "act", "validation": 0.2, "test": 0.2}
    )
    with pytest.raises(ConfigError) as refused:
        load_use_case(path)
    assert str(refused.value).splitlines()[1:] == [
        "  features: expected columns of the schema, found 'height'",
        "  columns.act.nullable: expected false, for split.column needs it, found true",
    ]


def test_a_file_that_is_not_yaml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("a: [")
    with pytest.raises(ConfigError, match="is not YAML"):
        load_use_case(str(tmp_path / "x.yaml"))
