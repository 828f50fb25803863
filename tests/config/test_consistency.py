"""The rules between the parts of a use case, one by one."""

from typing import Any

import pytest
from pydantic import ValidationError

from config.consistency import RULES, fields, problems
from config.use_case import UseCase
from tabular.derived import KINDS
from tests.use_cases import small_use_case

COLUMNS: dict[str, Any] = {
    "id": {"type": "integer", "minimum": 1},
    "age": {"type": "integer", "minimum": 10, "maximum": 30},
    "day": {"type": "date"},
    "colour": {"type": "category", "categories": ["green", "red"], "nullable": True},
    "passed": {"type": "category", "categories": ["no", "yes"]},
}
REGRESSION: dict[str, Any] = {
    "candidates": [{"name": "a", "algorithm": "ridge"}],
    "evaluation": {"primary": "r2", "gates": [{"metric": "r2", "at_least": 0.1}]},
}


def mistakes(**changes: Any) -> list[str]:
    """The mistakes that a use case of five columns, with these changes, is refused for."""
    with pytest.raises(ValidationError) as refused:
        small_use_case(**{"columns": COLUMNS, **changes})
    return str(refused.value).splitlines()


def expect(mistake: str, **changes: Any) -> None:
    found = mistakes(**changes)
    assert any(mistake in line for line in found), found


def test_a_use_case_whose_parts_fit_has_no_mistakes() -> None:
    assert problems(small_use_case(columns=COLUMNS)) == []


def test_every_mistake_is_found_at_once() -> None:
    found = "\n".join(mistakes(key=["nothing"], features=["age", "height"], known_only_afterwards=["colour"]))
    assert "key: expected columns of the schema, found 'nothing'" in found
    assert "features: expected columns of the schema, found 'height'" in found
    assert "columns: expected no column of known_only_afterwards, found colour" in found


def test_an_expression_sees_numbers_texts_with_their_categories_and_dates() -> None:
    seen = fields(small_use_case(columns=COLUMNS))
    assert {name: field.kind for name, field in seen.items()} == {
        "id": "number", "age": "number", "day": "date", "colour": "text", "passed": "text",
    }  # fmt: skip
    assert seen["colour"].categories == ("green", "red")
    assert set(KINDS) == {"integer", "number", "category", "text", "date", "datetime"}


def test_every_consistency_check_runs() -> None:
    assert len({rule.__name__ for rule in RULES}) == len(RULES) == 23


@pytest.mark.parametrize(
    ("target", "mistake"),
    [
        ({"column": "age", "rule": "id > 1"}, "target.column: expected a name for the rule's result, found the column"),
        ({"column": "prediction", "rule": "age > 1"}, "target.column: expected a name that VishwaOps does not use"),
        ({"column": "old", "rule": "true"}, "target.rule: expected a rule over at least one column; found 'true'"),
        ({"column": "old", "rule": "aeg > 1"}, "target.rule: expected a column of the schema; found 'aeg'"),
    ],
)
def test_a_rule_s_result_is_a_new_column_made_of_others(target: dict[str, Any], mistake: str) -> None:
    expect(mistake, target={"task": "binary", "classes": ["no", "yes"], **target}, features=["colour"])


@pytest.mark.parametrize(
    ("target", "mistake"),
    [
        ({"column": "pased", "classes": ["no", "yes"]}, "target.column: expected columns of the schema, found 'pased'"),
        ({"column": "colour", "classes": ["green", "red"]}, "columns.colour.nullable: expected false"),
        ({"column": "passed", "classes": ["yes", "no"]}, "target.classes: expected the categories of passed, no, yes"),
        ({"column": "age", "classes": ["no", "yes"]}, "target.classes: expected the categories of age, none; found no"),
        ({"column": "passed", "task": "regression"}, "expected a number for a regression, found a category"),
        ({"column": "day", "task": "regression"}, "expected a category, integer or number, found the date 'day'"),
    ],
)
def test_a_target_is_a_column_that_fits_its_task(target: dict[str, Any], mistake: str) -> None:
    other = REGRESSION if "task" in target else {}
    features = ["age"] if target["column"] != "age" else ["colour"]
    expect(mistake, target={"task": "binary", **target}, features=features, **other)


@pytest.mark.parametrize(
    ("features", "mistake"),
    [
        (["age", "age"], "features: expected each column once, found 'age' again"),
        (["aeg"], "features: expected columns of the schema, found 'aeg' (did you mean 'age'?)"),
        (["day"], "features: expected integers, numbers, categories, texts and derived columns such as `month(day)`"),
        (["passed"], "features: expected no column that the target is computed from, found 'passed'"),
    ],
)
def test_features_are_columns_that_a_model_may_learn_from(features: list[str], mistake: str) -> None:
    expect(mistake, features=features)


def test_a_column_of_the_key_may_be_a_feature_where_a_person_writes_it() -> None:
    assert problems(small_use_case(columns=COLUMNS, features=["id", "age"])) == []


@pytest.mark.parametrize(
    ("columns", "mistake"),
    [
        ({"more": {"type": "number", "header": "age"}}, "columns: expected each header once, found 'age' again"),
        (
            {"more": {"type": "number", "header": "  "}},
            "columns: expected a header with visible characters, found only blanks",
        ),
        ({"prediction": {"type": "number"}}, "columns: "),
    ],
)
def test_columns_have_headers_and_names_of_their_own(columns: dict[str, Any], mistake: str) -> None:
    expect(mistake, columns={**COLUMNS, **columns})


def test_a_column_of_known_only_afterwards_is_listed_once_and_is_not_in_the_schema() -> None:
    expect("known_only_afterwards: expected each column once, found 'later' again", known_only_afterwards=["later"] * 2)
    expect("expected no column of known_only_afterwards, found age, day", known_only_afterwards=["day", "age"])


@pytest.mark.parametrize(
    ("changes", "mistake"),
    [
        ({"key": ["id", "id"]}, "key: expected each column once, found 'id' again"),
        ({"key": ["idd"]}, "key: expected columns of the schema, found 'idd' (did you mean 'id'?)"),
        ({"key": ["colour"], "features": ["age"]}, "columns.colour.nullable: expected false, because key needs it"),
        (
            {"split": {"by": "group", "column": "school"}},
            "split.column: expected columns of the schema, found 'school'",
        ),
        ({"split": {"by": "group", "column": "colour"}}, "nullable: expected false, because split.column"),
        ({"split": {"by": "time", "column": "passed"}}, "split.column: expected an integer, number, date or datetime"),
    ],
)
def test_key_and_split_need_columns_without_missing_values(changes: dict[str, Any], mistake: str) -> None:
    if "split" in changes:
        seed = {} if changes["split"]["by"] == "time" else {"seed": 1}
        changes = {"split": {**changes["split"], **seed, "validation": 0.2, "test": 0.2}}
    expect(mistake, **changes)


@pytest.mark.parametrize(
    ("candidates", "mistake"),
    [
        ([{"name": "a", "algorithm": "xgboost"}] * 2, "candidates: expected each name once, found 'a' again"),
        ([{"name": "a", "algorithm": "ridge"}], "candidates.0.algorithm: expected one of logistic_regression, "),
        (
            [{"name": "a", "algorithm": "xgboost", "hyperparameters": {"max_dept": 3}}],
            "candidates.0.hyperparameters: expected names of xgboost's",
        ),
    ],
)
def test_candidates_have_names_of_their_own_and_fit_the_task(candidates: list[dict[str, Any]], mistake: str) -> None:
    expect(mistake, candidates=candidates)


def test_metrics_are_those_of_the_task() -> None:
    gates = [{"metric": "f1", "at_least": 0.1}, {"metric": "rmse", "at_most": 3}]
    found = "\n".join(mistakes(evaluation={"primary": "mae", "gates": gates}))
    assert "evaluation.primary: expected one of accuracy, precision, recall, f1, roc_auc, pr_auc, log_loss, " in found
    assert "evaluation.gates.1.metric: expected one of accuracy" in found
    assert "gates.0" not in found


def test_a_retraining_needs_a_source_that_is_read_without_a_person() -> None:
    expect("retraining: expected a source that is read without --source", retraining={})
    survey = {"kind": "synthetic_survey", "respondents": 60, "seed": 1}
    assert small_use_case(columns=COLUMNS, source=survey, retraining={}).retraining


def test_a_column_that_may_predict_the_target_alone_is_a_feature() -> None:
    gates = [{"metric": "f1", "at_least": 0.1}]
    evaluation = {"primary": "f1", "gates": gates, "leakage": {"expected": ["age", "day"]}}
    expect("evaluation.leakage.expected: expected features, found 'day'", evaluation=evaluation, features=["age"])
    small_use_case(columns=COLUMNS, features=["age", "colour"], evaluation={**evaluation, "leakage": None})


def test_a_use_case_may_be_split_by_a_date() -> None:
    split = {"by": "time", "column": "day", "validation": 0.2, "test": 0.2}
    assert isinstance(small_use_case(columns=COLUMNS, split=split), UseCase)


@pytest.mark.parametrize(
    ("derived", "mistake"),
    [
        ({"age": "id + 1"}, "derived: expected names that no column has, found 'age' again"),
        ({"passed": "id + 1"}, "derived: expected names that no column has, found 'passed' again"),
        ({"later": "id + 1"}, "derived: expected names that no column has, found 'later' again"),
        ({"row": "id + 1"}, "derived: expected a name that VishwaOps does not use itself, found 'row'"),
        ({"more": "agee + 1"}, "derived.more.expression: expected a column of the schema; found 'agee' (did you mean"),
        ({"more": "later + 1"}, "derived.more.expression: expected a column of the schema; found 'later'"),
        ({"more": "age > 1"}, "derived.more.expression: expected a result that is a number; found true or false"),
        ({"more": "1 + 1"}, "derived.more.expression: expected an expression over at least one column; found '1 + 1'"),
        ({"a": "b + 1", "b": "c + 1", "c": "a * 2"}, "found a -> b -> c -> a"),
        ({"more": "import os"}, "derived.more.expression: expected an expression such as `hours > 10`"),
    ],
)
def test_a_derived_column_has_a_name_of_its_own_and_reads_only_what_exists(
    derived: dict[str, str], mistake: str
) -> None:
    columns = {name: {"type": "number", "expression": text} for name, text in derived.items()}
    expect(mistake, derived=columns, known_only_afterwards=["later"])


def test_of_a_circle_of_derived_columns_only_the_circle_is_reported() -> None:
    derived = {name: {"type": "number", "expression": f"{other} + 1"} for name, other in ("ab", "ba", "ca")}
    assert sum("derived." in line for line in mistakes(derived=derived)) == 1


def test_a_derived_feature_may_read_a_date_and_not_the_target() -> None:
    derived = {
        "result": {"type": "category", "expression": 'passed == "yes"'},
        "late": {"type": "category", "expression": 'day > "2018-01-30"'},
    }
    found = "\n".join(mistakes(derived=derived, features=["age", "result", "late"]))
    assert "features: expected no column that the target is computed from, found 'result'" in found
    case = small_use_case(columns=COLUMNS, derived=derived, features=["age", "late"])
    assert case.request_columns == ("age", "day")


def test_a_derived_column_of_a_sensitive_one_is_sensitive_and_a_request_has_what_derived_features_read() -> None:
    derived = {
        "double": {"type": "number", "expression": "age * 2"},
        "more": {"type": "number", "expression": "double + id"},
        "other": {"type": "number", "expression": "id + 1"},
    }
    columns = {**COLUMNS, "age": {**COLUMNS["age"], "sensitive": True}}
    case = small_use_case(columns=columns, derived=derived, features=["colour", "more"])
    assert {name: each.sensitive for name, each in case.derived_columns.items()} == {
        "double": True, "more": True, "other": False,
    }  # fmt: skip
    assert case.request_columns == ("colour", "id", "age")
    assert fields(case)["more"].kind == "number"
