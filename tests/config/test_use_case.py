import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from config.errors import ConfigError
from config.use_case import load_use_case, use_case_names
from tests.use_cases import content, small_use_case


def write(folder: Path, **changes: Any) -> str:
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump({**content("student_grades"), "name": "mine", **changes}))
    return str(path)


@pytest.mark.parametrize("name", use_case_names())
def test_every_shipped_use_case_is_right(name: str) -> None:
    assert load_use_case(name).name == name


def test_the_four_use_cases_ship() -> None:
    assert use_case_names() == [
        "cake_popularity", "course_recommendation", "student_dropout", "student_enrollment", "student_grades",
    ]  # fmt: skip


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
        (
            {"features": ["age", "score"]},
            r"features: expected no column that the target is computed from, found 'score'",
        ),
        (
            {"target": {"column": "score", "task": "binary"}},
            r"target: expected two classes for a binary target, found 0",
        ),
        ({"known_only_afterwards": ["study"]}, r"expected no column of known_only_afterwards, found study"),
        (
            {"candidates": [{"name": "a", "algorithm": "logistic_regression"}]},
            r"candidates.0.algorithm: expected one of ridge.*for a regression target, found logistic_regression",
        ),
        (
            {"evaluation": {"primary": "f1", "gates": [{"metric": "rmse", "at_most": 12}]}},
            r"evaluation.primary: expected one of rmse, mae, r2, mape, wape for a regression target, found f1",
        ),
        (
            {"evaluation": {"primary": "rmse", "gates": [{"metric": "rmse"}]}},
            r"evaluation.gates.0: expected either at_least or at_most",
        ),
        (
            {"split": {"by": "group", "column": "act", "seed": 1, "validation": 0.2, "test": 0.2}},
            r"columns.act.nullable: expected false, because split.column needs it",
        ),
        (
            {"evaluation": {"primary": "r2", "gates": [{"metric": "r2", "at_least": 6}]}},
            r"evaluation.gates.0: expected a bound of at most 1, the maximum of r2; found 6",
        ),
        ({"source": {"kind": "fil"}}, r"source.kind: expected one of 'package', 'location', .*; found 'fil'"),
        ({"source": {"kind": "synthetic_survey", "respondents": True, "seed": -1}}, r"respondents: .*; found true"),
        (
            {"source": {"kind": "synthetic_survey", "respondents": 9, "seed": -1}},
            r"seed: expected a number of at least 0; found -1",
        ),
        ({"question": True}, r"question: expected a text; found true. Quote it: YAML reads"),
        (
            {"monitoring": {"psi_warning": 0.5, "psi_drift": 0.25, "minimum_rows": 1}},
            r"expected psi_warning at or below psi_drift, found 0.5 and 0.25",
        ),
        ({"features": ["age", "work", "work"]}, r"features: expected each column once, found 'work' again"),
        ({"features": ["age", "wrk"]}, r"features: .*found 'wrk' \(did you mean 'work'\?\)"),
        (
            {"columns": {"a": {"type": "number", "header": "x"}, "b": {"type": "number", "header": " x "}}},
            r"columns: expected each header once, found 'x' again",
        ),
        ({"key": ["age", "age"]}, r"key: expected each column once, found 'age' again"),
        ({"target": {"column": "pass", "task": "binary", "classes": ["a", "a"]}}, r"target: expected each class once"),
        (
            {"target": {"column": "score", "task": "regression", "rule": "age > 1"}},
            r"target: expected a rule only for a binary target; found one for task: regression",
        ),
        ({"candidates": [{"name": "A", "algorithm": "ridge"}]}, r"1 mistake\n  candidates.0.name: expected a text"),
        ({"name": "grades_"}, r"name: expected a text"),  # AWS refuses names that end with a hyphen
        ({"source": {"kind": "synthetic_survey", "respondents": 10**12, "seed": 1}}, r"respondents: .*at most 1000000"),
        (
            {"source": {"kind": "synthetic_survey", "respondents": 9, "seed": -1}},
            r"seed: expected a number of at least 0",
        ),
        (
            {"source": {"kind": "synthetic_survey", "respondents": True, "seed": 1}},
            r"respondents: .*whole number; found true",
        ),
        ({"target": {"column": "p", "task": "binary", "rule": "age > 1", "classes": ["a", "b "]}}, r"found 'b '"),
        (
            {"candidates": [{"name": "a", "algorithm": "ridge", "hyperparameters": {"alfa": 1}}]},
            r"candidates.0.hyperparameters: expected names of ridge's .*found 'alfa' \(did you mean 'alpha'\?\)",
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
    assert small_use_case(**rule("age > 12 and origin == 'here'")).target_sources == {"age", "origin"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hours >", "expected an expression such as `hours > 10`; found 'hours >'"),
        ("aeg > 10", r"expected a column of the schema; found 'aeg' (did you mean 'age'?)"),
        ("age - 10", "expected a result that is true or false; found a number: 'age - 10'"),
        ("colour == 'blue'", "expected a category of colour, one of 'green', 'red'; found 'blue'"),
        ("1 > 0", "expected a rule over at least one column; found '1 > 0'"),
        ("", "expected an expression such as `hours > 10`; found ''"),
    ],
)
def test_a_wrong_rule_is_refused_at_reading_by_its_key(text: str, message: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(f"target.rule: {message}")):
        small_use_case(**rule(text))


def rule(text: str) -> dict[str, Any]:
    return {
        "target": {"column": "old", "task": "binary", "rule": text, "classes": ["no", "yes"]},
        "features": ["colour"],
    }


@pytest.mark.parametrize("file", ["mine.yaml", "student_grades.yaml"])
def test_a_copied_file_that_keeps_another_use_cases_name_is_refused(tmp_path: Path, file: str) -> None:
    (tmp_path / file).write_text(yaml.safe_dump(content("student_grades")))
    with pytest.raises(ConfigError, match=r"name: expected a unique name, found 'student_grades'"):
        load_use_case(str(tmp_path / file))


@pytest.mark.parametrize("name", ["../profiles/aws", "/etc/passwd", "student_grades/../cake_popularity", ""])
def test_a_use_cases_name_leads_nowhere_else(name: str) -> None:
    with pytest.raises(ConfigError, match="use case: expected one of cake_popularity"):
        load_use_case(name)


def test_columns_of_known_only_afterwards_are_in_no_schema() -> None:
    columns = load_use_case("student_enrollment").columns
    assert not {"wage", "lwage", "exper", "expersq", "married", "enroll"} & set(columns)


def test_all_mistakes_between_keys_are_reported_together_without_a_dump(tmp_path: Path) -> None:
    path = write(
        tmp_path, features=["age", "height"], split={"by": "time", "column": "act", "validation": 0.2, "test": 0.2}
    )
    with pytest.raises(ConfigError) as refused:
        load_use_case(path)
    assert str(refused.value).splitlines()[1:] == [
        "  features: expected columns of the schema, found 'height'",
        "  columns.act.nullable: expected false, because split.column needs it; found true",
    ]
