"""A feature group that does not fit its use case is refused, with what to change."""

from typing import Any

import pytest

from config.feature_store import FeatureGroup
from tests.use_cases import small_use_case

GROUP = {"group": "people", "key": ["id"], "features": ["age", "colour"]}


def mistakes(**changes: Any) -> str:
    with pytest.raises(ValueError, match="feature_store") as refused:
        small_use_case(feature_store={**GROUP, **changes})
    return str(refused.value)


def test_a_sensitive_column_must_be_listed_twice() -> None:
    assert "expected sensitive columns only where `sensitive` lists them, found 'origin'" in mistakes(
        features=["age", "origin"]
    )
    assert small_use_case(feature_store={**GROUP, "features": ["origin"], "sensitive": ["origin"]}).feature_store
    assert "expected sensitive columns among key and features, found 'age'" in mistakes(sensitive=["age"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"features": ["passed"]}, "expected no column that the target is computed from, found 'passed'"),
        ({"features": ["agee"]}, "features: expected columns of the schema, found 'agee'"),
        ({"key": ["colour"]}, "expected columns without missing values, found 'colour'"),
        ({"event_time": "age"}, "event_time: expected a date or datetime, found the integer 'age'"),
        ({"features": ["age", "age"]}, "features: expected each column once, found 'age' again"),
        ({"group": "People"}, "group"),
    ],
)
def test_what_does_not_fit_is_named(changes: dict[str, Any], message: str) -> None:
    assert message in mistakes(**changes)


def test_a_key_of_several_columns_has_an_identifier_of_its_own() -> None:
    assert FeatureGroup(group="people", key=("id",), features=("age",)).identifier == "id"
    assert FeatureGroup(group="people", key=("id", "day"), features=("age",)).identifier == "record_identifier"
