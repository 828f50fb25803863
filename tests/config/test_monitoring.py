from typing import Any

import pytest
from pydantic import ValidationError

from config.monitoring import Monitoring
from tests.use_cases import small_use_case

MONITORING = {"psi_warning": 0.1, "psi_drift": 0.25, "minimum_rows": 10}


def test_the_warning_comes_before_the_drift_or_with_it() -> None:
    assert Monitoring.model_validate({**MONITORING, "psi_warning": 0.25}).psi_warning == 0.25
    with pytest.raises(ValidationError, match=r"expected psi_warning at or below psi_drift, found 0\.3 and 0\.25"):
        Monitoring.model_validate({**MONITORING, "psi_warning": 0.3})


@pytest.mark.parametrize("changes", [{"psi_warning": 0}, {"psi_drift": float("inf")}, {"minimum_rows": 0}])
def test_a_threshold_that_is_always_or_never_reached_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Monitoring.model_validate({**MONITORING, **changes})


@pytest.mark.parametrize(
    ("segments", "message"),
    [
        (["colour", "colour"], "expected each feature once, found 'colour' again"),
        (["origin"], "expected features, found 'origin'"),
        (["age"], "expected a category with a list of `categories`, found 'age'"),
        (["gender"], "expected no sensitive column, found 'gender'"),
    ],
)
def test_a_segment_is_a_feature_with_listed_categories_that_is_not_sensitive(segments: list[str], message: str) -> None:
    columns = small_use_case().model_dump()["columns"]
    columns["gender"] = {"type": "category", "categories": ["f", "m"], "sensitive": True}
    with pytest.raises(ValidationError, match=f"monitoring.segments: {message}"):
        small_use_case(
            columns=columns,
            features=["age", "colour", "gender"],
            monitoring={**MONITORING, "segments": segments},
        )


def test_a_derived_category_can_be_a_segment() -> None:
    derived = {"adult": {"expression": "age >= 18", "type": "category"}}
    monitoring = {**MONITORING, "segments": ["adult", "colour"]}
    found = small_use_case(derived=derived, features=["age", "colour", "adult"], monitoring=monitoring)
    assert found.monitoring.segments == ("adult", "colour")
