"""The keys of `training` that contradict each other."""

from typing import Any

import pytest
from pydantic import ValidationError

from config.training import LearningCurve, Training


def test_a_learning_curve_has_the_sizes_of_scikit_learn_by_default() -> None:
    found = Training.model_validate({"learning_curve": {}}).learning_curve
    assert found == LearningCurve(train_sizes=(0.1, 0.325, 0.55, 0.775, 1.0))
    assert Training().learning_curve is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"learning_curve": {"train_sizes": [0.5, 0.1]}}, r"expected shares in ascending order, found \[0.5, 0.1\]"),
        ({"learning_curve": {"train_sizes": [0.5, 0.5]}}, "expected shares in ascending order"),
        ({"learning_curve": {"train_sizes": [1]}}, "at least 2 items"),
        ({"learning_curve": {"train_sizes": [0, 1]}}, "greater than 0"),
        ({"learning_curve": {}, "refit": False}, "expected refit: true, because the job of the refit measures"),
    ],
)
def test_a_learning_curve_that_cannot_be_measured_is_refused(content: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Training.model_validate(content)
