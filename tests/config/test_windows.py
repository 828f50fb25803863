"""Windows in a use case: their columns, and what they may be computed from."""

from typing import Any

import pytest

from config.use_case import UseCase
from tests.config.test_consistency import COLUMNS, expect
from tests.use_cases import small_use_case

DERIVED = {"ok": {"type": "category", "expression": "passed == 'yes'"}}
MEAN = {"aggregate": "mean", "of": "age", "key": "colour", "time": "day"}
ALL = {**COLUMNS, "colour": {"type": "category"}}


def use_case(features: list[Any], **windows: Any) -> UseCase:
    return small_use_case(columns=ALL, derived=DERIVED, windows=windows, features=features)


def test_a_window_is_a_column_of_requests_and_of_the_split_but_not_of_the_source() -> None:
    case = use_case(
        ["age", "mean_age", "often", {"name": "bin", "bins": {"of": "rate", "count": 2}}],
        mean_age=MEAN, often={"aggregate": "count", "key": ["colour", "id"], "time": "day", "days": 30},
        rate={**MEAN, "of": "ok"},
    )  # fmt: skip
    assert case.request_columns == ("age", "mean_age", "often", "rate")
    assert "mean_age" not in case.headers
    mean, often = case.split_columns["mean_age"], case.split_columns["often"]
    assert (mean.type, mean.nullable) == ("number", True)
    assert (often.type, often.nullable, often.minimum) == ("integer", False, 0)
    assert case.windows["often"].phrase == "count, by colour, id, 30 days before day"


def test_a_window_is_sensitive_when_it_shows_a_sensitive_value_or_time() -> None:
    secret = {**ALL, "age": {**ALL["age"], "sensitive": True}, "day": {"type": "date", "sensitive": True}}
    since = {"aggregate": "days_since_last", "key": "colour", "time": "day"}
    derived = {"old": {"type": "category", "expression": "age > 20"}}
    windows = {
        "mean_age": MEAN,
        "since": since,
        "often": {**since, "aggregate": "count"},
        "share": {**MEAN, "of": "old"},
    }
    case = small_use_case(columns=secret, derived=derived, features=["mean_age"], windows=windows)
    assert [name for name in case.windows if case.split_columns[name].sensitive] == ["mean_age", "since", "share"]


def test_the_targets_own_past_may_be_aggregated() -> None:
    assert use_case(["rate"], rate={**MEAN, "of": "ok"}).request_columns == ("rate",)


@pytest.mark.parametrize(
    ("window", "mistake"),
    [
        ({"of": None}, "expected of, the column to aggregate, for aggregate: mean; found none"),
        ({"of": "agee"}, "windows.w.of: expected columns of the schema, found 'agee' (did you mean 'age'?)"),
        ({"of": "passed"}, "expected an integer, a number or a derived column, found the category 'passed'"),
        ({"of": "w"}, "windows.w.of: expected a column of the rows, found the window 'w'"),
        ({"key": "ok"}, "windows.w.key: expected columns of the schema, found 'ok'"),
        ({"key": ["id", "id"]}, "windows.w.key: expected each column once, found 'id' again"),
        ({"time": "age"}, "windows.w.time: expected a date or datetime, found the integer 'age'"),
        ({"days": 0}, "greater than 0"),
        ({"aggregate": "median"}, "median"),
    ],
)
def test_what_does_not_fit_is_named(window: dict[str, Any], mistake: str) -> None:
    expect(mistake, columns=ALL, derived=DERIVED, windows={"w": {**MEAN, **window}}, features=["age", "w"])


def test_a_key_or_time_must_not_be_missing() -> None:
    nullable = {**ALL, "day": {"type": "date", "nullable": True}}
    mistake = "columns.day.nullable: expected false, because windows.w.time needs it"
    expect(mistake, columns=nullable, windows={"w": MEAN}, features=["w"])


@pytest.mark.parametrize("name", ["age", "ok", "passed"])
def test_a_window_has_a_name_of_its_own(name: str) -> None:
    expect(f"windows: expected names that no column has, found '{name}' again", columns=ALL, derived=DERIVED,
           windows={name: MEAN}, features=["age"])  # fmt: skip


def test_a_window_is_known_only_after_the_split() -> None:
    split = {"by": "time", "column": "w", "validation": 0.2, "test": 0.2}
    mistake = "split.column: expected columns of the schema, found the window 'w'"
    expect(mistake, columns=ALL, windows={"w": MEAN}, features=["w"], split=split)


def test_a_group_may_have_windows_as_features_but_not_in_its_key() -> None:
    group = {"group": "people", "key": ["id"], "features": ["age", "w"]}
    windows = {"w": {**MEAN, "of": "ok"}}
    assert small_use_case(columns=ALL, derived=DERIVED, windows=windows, feature_store=group)
    mistake = "feature_store.key: expected columns of the schema, found the window 'w'"
    expect(mistake, columns=ALL, windows={"w": MEAN}, features=["w"], feature_store={**group, "key": ["w"]})
