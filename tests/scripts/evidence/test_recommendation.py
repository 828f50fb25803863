"""The recommendations of held-out rows: figures, baselines, and whose rows are left out."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tabular.evidence import recommendation
from tabular.evidence.judged import JudgedRows
from tests.scripts.evidence.judged_rows import INTERVALS, terms

RULES = {"user": "student", "item": "course", "top": 1, "best": "highest", "target": "passed"}
HISTORY = {"course": pa.array(["a", "a", "a", "b", "c", "c"]), "passed": pa.array([50.0, 50, 50, 90, 70, 70])}


def judged(rows: list[tuple[int, str, float, float]], classes: int = 0, **rules: Any) -> JudgedRows:
    """Held-out rows: (student, course, true value, prediction)."""
    students, courses, truth, output = (list(part) for part in zip(*rows, strict=True))
    numbers = np.array(output)
    history = {**HISTORY, "passed": pa.array(["no", "no", "no", "yes", "yes", "no"])} if classes else HISTORY
    return JudgedRows(
        contract=terms(classes, "roc_auc" if classes else "rmse"),
        truth=np.array(truth, int if classes else float),
        output=np.column_stack([1 - numbers, numbers]) if classes else numbers,
        columns={"student": pa.array(students), "course": pa.array(courses)},
        settings={"evaluation": {"intervals": INTERVALS}, "recommendation": {**RULES, **rules}},
        history=history,
    )


def values(found: Any, figure: str) -> dict[str, float]:
    return {name: each[figure]["value"] for name, each in found["rankings"].items()}


ROWS = [
    (2, "a", 40.0, 41.0), (1, "a", 80.0, 79.0), (1, "b", 60.0, 50.0), (2, "b", 90.0, 80.0),
    (1, "c", 70.0, 75.0), (3, "a", 50.0, 60.0), (2, "new", 60.0, 85.0),
]  # fmt: skip


def test_the_model_and_the_baselines_of_earlier_rows_are_compared() -> None:
    found = recommendation.evidence(judged(ROWS))
    assert found
    assert found["users"] == {"all": 3, "hit_rate": 2, "regret": 2}
    # The model: student 1 gets a (best), student 2 gets new (60 instead of 90). Popularity: a, a. Mean: b, b.
    assert values(found, "hit_rate") == pytest.approx(
        {"model": 0.5, "popularity": 0.5, "item_mean": 0.5, "user_mean": 1 / 3}
    )
    assert values(found, "regret") == pytest.approx(
        {"model": 15, "popularity": 25, "item_mean": 10, "user_mean": (10 + 90 - 190 / 3) / 2}
    )
    assert found["differences"]["popularity"]["regret"]["value"] == pytest.approx(10)
    assert found["differences"]["item_mean"]["regret"]["value"] == pytest.approx(-5)


def test_the_lowest_value_may_be_the_best() -> None:
    found = recommendation.evidence(judged(ROWS, best="lowest"))
    assert found
    # Student 1 gets b (60, the best), student 2 gets a (40, the best).
    assert values(found, "regret")["model"] == 0
    assert values(found, "regret")["item_mean"] == pytest.approx((20 + 0) / 2)


def test_of_a_binary_target_the_probability_of_the_second_class_orders_the_items() -> None:
    found = recommendation.evidence(judged([(1, "a", 0, 0.9), (1, "c", 1, 0.4), (1, "b", 0, 0.1)], classes=2))
    assert found
    assert values(found, "regret") == pytest.approx({"model": 1, "popularity": 1, "item_mean": 1, "user_mean": 2 / 3})


def test_a_user_who_can_not_miss_is_no_hit_and_one_item_is_no_order() -> None:
    found = recommendation.evidence(judged(ROWS, top=3))
    assert found
    assert found["users"] == {"all": 3, "hit_rate": 0, "regret": 2}
    assert found["rankings"]["model"]["hit_rate"] is None
    assert found["differences"]["popularity"]["hit_rate"] is None
    assert values(found, "regret")["model"] == 15


def test_the_champion_is_judged_on_the_same_rows() -> None:
    from dataclasses import replace

    challenger, before = judged(ROWS), judged([(*row[:3], row[2]) for row in ROWS])
    found = recommendation.evidence(replace(challenger, champion=before))
    assert found
    assert values(found, "regret")["champion"] == 0
    assert found["differences"]["champion"]["regret"]["value"] == -15


def test_intervals_are_of_the_users() -> None:
    chance = np.random.default_rng(5)
    rows = [
        (user, course, float(chance.normal(70, 10)), float(chance.normal())) for user in range(150) for course in "abc"
    ]
    found = recommendation.evidence(judged(rows))
    assert found
    regret = found["rankings"]["model"]["regret"]
    assert regret["low"] < regret["value"] < regret["high"]
    truth = np.array([row[2] for row in rows]).reshape(150, 3)
    first = np.array([row[3] for row in rows]).reshape(150, 3).argmax(axis=1)
    lost = truth.max(axis=1) - truth[np.arange(150), first]
    assert regret["value"] == pytest.approx(lost.mean())
    assert regret["high"] - regret["low"] == pytest.approx(2 * 1.96 * lost.std() / 150**0.5, rel=0.15)


def test_without_recommendation_there_is_no_evidence_and_without_earlier_rows_an_error() -> None:
    from dataclasses import replace

    assert recommendation.evidence(replace(judged(ROWS), settings={})) is None
    with pytest.raises(ValueError, match="expected the rows before the held-out ones"):
        recommendation.evidence(replace(judged(ROWS), history={}))
