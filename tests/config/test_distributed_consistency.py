"""What several instances can't train is refused with the use case."""

import re
from typing import Any

import pytest
from pydantic import ValidationError

from tests.use_cases import small_use_case

COLUMNS: dict[str, Any] = {
    "id": {"type": "integer", "minimum": 1},
    "age": {"type": "integer"},
    "essay": {"type": "text", "max_length": 100},
    "colour": {"type": "category", "categories": ["green", "red"]},
    "passed": {"type": "category", "categories": ["no", "yes"]},
}
EVALUATION: dict[str, Any] = {"primary": "roc_auc", "gates": [{"metric": "roc_auc", "at_least": 0.6}]}
BOOSTED = {"name": "boosted", "algorithm": "xgboost"}


def case(training: dict[str, Any] | None = None, candidate: dict[str, Any] | None = None, **changes: Any) -> Any:
    given = {"training": {"instances": 2, **(training or {})}, "candidates": [{**BOOSTED, **(candidate or {})}]}
    return small_use_case(**{"columns": COLUMNS, "features": ["age", "colour"], **given, **changes})


def test_candidates_of_xgboost_with_numbers_and_categories_are_accepted() -> None:
    searched = {"hyperparameters": {"early_stopping_rounds": 5, "tree_method": "hist", "booster": "dart"}}
    assert case(candidate=searched).training.instances == 2
    tuned = {
        "tune": {"jobs": 2, "ranges": {"max_depth": {"integer": [2, 4]}, "tree_method": {"choice": ["hist", "auto"]}}}
    }
    assert case(candidate=tuned, evaluation={**EVALUATION, "prediction_sets": {"coverage": 0.9}})


NUMBERS = {"name": "tens", "bins": {"of": "age", "edges": [15, 20]}}
APPROXIMATE = {"jobs": 2, "ranges": {"tree_method": {"choice": ["hist", "approx"]}}}


@pytest.mark.parametrize(
    ("refused", "key", "message"),
    [
        ({"candidate": {"algorithm": "random_forest"}}, "candidates.0.algorithm", "random_forest. Use xgboost, or set"),
        ({"candidate": {"hyperparameters": {"tree_method": "exact"}}}, "candidates.0.hyperparameters", "auto or hist"),
        ({"candidate": {"hyperparameters": {"booster": "gblinear"}}}, "candidates.0.hyperparameters", "gbtree or dart"),
        ({"candidate": {"tune": APPROXIMATE}}, "candidates.0.hyperparameters", "found 'approx'. Change it, or set"),
        ({"features": ["age", "essay"]}, "features", "found the text 'essay'. Leave it out, or set"),
        ({"features": ["age", NUMBERS]}, "features.tens", "found bins. Use its columns or a derived column, or set"),
        ({"training": {"cross_validation": {"folds": 3}}}, "training.cross_validation", "expected none"),
        ({"training": {"selection": {"variance": 0.0}}}, "training.selection", "expected none"),
        ({"training": {"reduction": {"components": 2}}}, "training.reduction", "expected none"),
        ({"training": {"learning_curve": {}}}, "training.learning_curve", "expected none"),
        ({"training": {"spot": True}}, "training.spot", "expected none"),
    ],
)
def test_what_needs_all_rows_on_one_instance_is_refused_with_a_remedy(
    refused: dict[str, Any], key: str, message: str
) -> None:
    pattern = f"{re.escape(key)}.*{re.escape(message)}.*"
    with pytest.raises(ValidationError, match=rf"{pattern}training\.instances: 1"):
        case(**refused)
    alone = {"training": {**refused.get("training", {}), "instances": 1}}
    assert case(**{**refused, **alone}).training.instances == 1
