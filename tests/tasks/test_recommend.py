"""The ranked items of one user, by a model that is served in this process."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from config.errors import ConfigError, InvalidRows, MissingInput
from config.use_case import UseCase
from serving.answer import answer
from tasks.item_catalogue import rules_of
from tasks.recommend import JSON, Recommendations, recommend, with_windows
from tasks.references import Deployment
from tests.references import a_split
from tests.scripts.models import COLUMNS, served_model
from tests.scripts.serving.test_intervals import calibrated
from tests.tasks.feature_store.validated import validated_rows
from tests.use_cases import small_use_case

pytestmark = pytest.mark.usefixtures("bucket")
ROWS = [
    # id, age, hours, colour, origin, passed, day: the hours are of the colour, the age is of the person
    (1, 20, 9.0, "green", "no", 5.0, "2026-02-01"),
    (2, 12, 10.0, "green", "no", 70.0, "2026-03-01"),
    (2, 11, 31.0, "red", "yes", 90.0, "2026-01-01"),
    (3, 15, 30.0, "red", "no", 40.0, "2026-05-01"),
    (4, 15, 39.0, "blue", "no", 95.0, "2026-05-01"),
    (5, 16, 10.0, "green", "no", 60.0, "2026-02-01"),
]
PLAIN: dict[str, Any] = {
    **COLUMNS,
    "colour": {"type": "category", "categories": ["green", "red", "blue"]},
    "origin": {"type": "category", "categories": ["no", "yes"]},
    "passed": {"type": "number"},
    "day": {"type": "date"},
}


def case(**changes: Any) -> UseCase:
    """Scored by the small model, which predicts the hours and the age together, and does not know blue."""
    rules = {"user": "id", "item": "colour", "item_features": ["hours"], "time": "day"}
    evaluation = {"primary": "rmse", "gates": [{"metric": "rmse", "at_most": 9}]}
    plain = {
        "columns": PLAIN,
        "target": {"column": "passed", "task": "regression"}, "features": ["age", "hours", "colour", "origin"],
        "candidates": [{"name": "ridge", "algorithm": "ridge"}], "evaluation": evaluation, "key": ["id", "colour"],
    }  # fmt: skip
    return small_use_case(**{**plain, "recommendation": {**rules, **changes.pop("rules", {})}, **changes})


class Model:
    """The small model, which keeps the requests."""

    def __init__(self, algorithm: str = "ridge") -> None:
        self.model = calibrated("ridge") if algorithm == "ridge" else served_model(algorithm)
        self.requests: list[tuple[list[dict[str, Any]], str]] = []

    def send(self, body: bytes, accept: str) -> bytes:
        self.requests.append((json.loads(body)["instances"], accept))
        return answer(self.model, body, JSON, accept).body


def frame_of(use_case: UseCase) -> pd.DataFrame:
    names = ["id", "age", "hours", "colour", "origin", "passed", "day"]
    frame = pd.DataFrame(ROWS, columns=names).assign(day=lambda rows: pd.to_datetime(rows["day"]))
    if use_case.target.classes:
        frame["passed"] = ["yes" if value > 50 else "no" for value in frame["passed"]]
    return frame


def recommended(user: str, model: Model, use_case: UseCase | None = None, top: int | None = None) -> Recommendations:
    use_case = use_case or case()
    frame = frame_of(use_case)
    deployment = Deployment(
        use_case=use_case.name, endpoint_name="e", endpoint_arn="arn", model_package_arn="arn", trained_on=a_split(),
        changed=True,
    )  # fmt: skip
    return recommend(use_case, deployment, validated_rows(use_case, frame), user, top, model.send)


def test_items_are_ranked_by_one_request_with_the_features_of_the_latest_rows() -> None:
    model = Model()
    found = recommended("2", model, case(rules={"available": "all"}))
    [(instances, accept)] = model.requests
    assert "intervals=true" in accept
    # The hours of the colour's latest row, the age and the origin of the person's latest row.
    assert {(row["colour"], row["hours"], row["age"], row["origin"]) for row in instances} == {
        ("blue", 39.0, 12, "no"), ("green", 10.0, 12, "no"), ("red", 30.0, 12, "no"),
    }  # fmt: skip
    assert [item.item for item in found.items] == ["red", "green"]
    assert found.items[0].prediction == pytest.approx(42, abs=1)
    assert found.items[0].low is not None
    assert found.items[0].low < found.items[0].prediction < (found.items[0].high or 0)
    assert (found.coverage, found.ranked) == (0.9, 2)
    # Three rows are green, two red; their mean targets are 45 and 65.
    assert [(item.by_popularity, item.by_item_mean) for item in found.items] == [(2, 1), (1, 2)]
    assert "expected one of green, red, found 'blue'" in found.refused["blue"][0]
    assert json.loads(json.dumps(asdict(found)))["items"][0]["item"] == "red"


def test_only_what_the_user_has_not_had_is_recommended_and_only_so_many() -> None:
    assert [item.item for item in recommended("3", Model()).items] == ["green"]
    one = recommended("3", Model(), case(rules={"available": "all"}), top=1)
    assert ([item.item for item in one.items], one.ranked) == (["red"], 2)


def test_the_lowest_target_may_be_the_best() -> None:
    found = recommended("3", Model(), case(rules={"available": "all", "best": "lowest"}))
    assert [(item.item, item.by_item_mean) for item in found.items] == [("green", 1), ("red", 2)]


def test_a_user_without_rows_or_without_items_left_is_named() -> None:
    with pytest.raises(MissingInput, match=r"expected rows of the id '9' in dataset version .*, found none"):
        recommended("9", Model())
    with pytest.raises(
        MissingInput, match="expected an item of origin without a row of the id '2', found rows with all 2"
    ):
        recommended("2", Model(), case(rules={"item": "origin"}))


def test_if_every_item_is_refused_the_reason_is_named() -> None:
    with pytest.raises(InvalidRows, match="all refused; blue: colour: expected one of green, red, found 'blue'"):
        recommended("2", Model())


def test_of_a_binary_target_the_probability_of_the_second_class_ranks() -> None:
    binary = case(
        columns={**PLAIN, "passed": {"type": "category", "categories": ["no", "yes"]}},
        target={"column": "passed", "task": "binary", "classes": ["no", "yes"]},
        candidates=[{"name": "logistic", "algorithm": "logistic_regression"}],
        evaluation={"primary": "roc_auc", "gates": [{"metric": "roc_auc", "at_least": 0.6}]},
        rules={"available": "all"},
    )  # fmt: skip
    model = Model("logistic_regression")
    found = recommended("3", model, binary)
    assert "intervals" not in model.requests[0][1]
    assert [item.item for item in found.items] == ["red", "green"]
    assert 0 <= found.items[1].prediction < found.items[0].prediction <= 1
    assert (found.items[0].low, found.coverage) == (None, None)


def test_a_use_case_without_recommendation_says_what_to_add() -> None:
    with pytest.raises(ConfigError, match="small_one: recommendation: expected the columns of users and items"):
        rules_of(small_use_case())


def test_windows_are_those_of_every_row_so_far() -> None:
    window = {"past_mean": {"aggregate": "mean", "of": "passed", "key": "id", "time": "day"}}
    windowed = case(windows=window, features=["hours", "colour", "past_mean"])
    uri = validated_rows(windowed, frame_of(windowed)).uri
    rows = pd.DataFrame({"id": [2, 2, 3], "colour": ["green", "red", "green"]}, index=[4, 5, 6])
    found = with_windows(windowed, rows, uri)
    assert found["past_mean"].to_dict() == {4: 80.0, 5: 80.0, 6: 40.0}
    earlier = with_windows(windowed, rows, uri, datetime(2026, 3, 1, tzinfo=UTC))
    assert earlier["past_mean"].fillna(0).to_dict() == {4: 90.0, 5: 90.0, 6: 0.0}
    assert with_windows(case(), rows, uri) is rows
