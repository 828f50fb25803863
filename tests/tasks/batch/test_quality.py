"""Metrics that are computed batch by batch equal those of all rows at once."""

import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from config.use_case import UseCase
from tabular.metrics import score
from tasks.batch.answers import Answers
from tasks.batch.quality import Quality
from tests.use_cases import small_use_case

WORDS = ["low", "middle", "high"]


def use_case(task: str) -> UseCase:
    """A use case with the target `passed`."""
    columns = {
        "age": {"type": "integer"},
        "passed": {"type": "number"} if task == "regression" else {"type": "category", "categories": classes(task)},
    }
    target = {"column": "passed", "task": task, **({} if task == "regression" else {"classes": classes(task)})}
    metric = "r2" if task == "regression" else "accuracy"
    evaluation = {"primary": metric, "gates": [{"metric": metric, "at_least": 0.1}]}
    return small_use_case(
        columns=columns, key=[], target=target, features=["age"], evaluation=evaluation,
        candidates=[{"name": "ridge", "algorithm": "ridge"}] if task == "regression" else [
            {"name": "logistic", "algorithm": "logistic_regression"}
        ],
    )  # fmt: skip


def classes(task: str) -> list[str]:
    """The classes of a task."""
    return {"binary": ["no", "yes"], "multiclass": WORDS}.get(task, [])


def found(task: str, truth: list[object], output: np.ndarray, size: int = 7) -> Quality:
    """The quality of n rows, in batches of `size`."""
    quality, words = Quality(use_case(task)), classes(task)
    for first in range(0, len(truth), size):
        part, given = truth[first : first + size], output[first : first + size]
        answers = Answers(
            pa.array(given) if not words else pa.array([words[number] for number in given.argmax(axis=1)]),
            {word: pa.array(given[:, number]) for number, word in enumerate(words)},
            np.zeros(len(given), dtype=bool),
            [],
        )
        kind = pa.string() if words else pa.float64()
        quality.add(pa.record_batch({"passed": pa.array(part, kind)}), answers)
    return quality


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_metrics_equal_those_of_scikit_learn(task: str) -> None:
    chance, count = np.random.default_rng(5), 500
    truth: Any
    words = classes(task)
    if not words:
        truth = chance.normal(1e6, 3, count)
        output = truth + chance.normal(0, 1, count)
        expected = score(task, truth, output)
    else:
        numbers = chance.integers(0, len(words), count)
        scores = chance.integers(1, 5, (count, len(words)))  # with ties
        output = scores / scores.sum(axis=1, keepdims=True)
        truth, expected = [words[number] for number in numbers], score(task, numbers, output)
    with found(task, [*truth, None], np.concatenate([output, output[:1]])) as quality:
        assert quality.found() == pytest.approx(expected, rel=1e-9)
        assert quality.rows == count


def test_a_metric_that_is_undefined_is_left_out() -> None:
    with found("binary", ["yes", "yes"], np.array([[0.1, 0.9], [0.6, 0.4]])) as quality:
        expected = {"accuracy": 0.5, "precision": 1.0, "recall": 0.5, "f1": 2 / 3, "brier": 0.185}
        assert quality.found() == pytest.approx({**expected, "log_loss": -math.log(0.9 * 0.4) / 2})
    with found("regression", [1.0], np.array([2.0])) as quality:
        assert quality.found() == {"rmse": 1.0, "mae": 1.0, "mape": 1.0, "wape": 1.0}
    with found("regression", [0.0, 1.0], np.array([0.0, 2.0])) as quality:
        assert quality.found().keys() == {"rmse", "mae", "r2", "wape"}
    with found("binary", [None], np.array([[0.1, 0.9]])) as quality:
        assert quality.found() == {}


def test_a_target_by_a_rule_is_computed_from_its_columns() -> None:
    case = small_use_case(
        columns={"age": {"type": "integer", "nullable": True}, "grade": {"type": "number", "nullable": True}},
        key=[],
        features=["age"],
        target={"column": "passed", "task": "binary", "rule": "grade > 10", "classes": ["no", "yes"]},
    )
    rows = pa.record_batch({"grade": pa.array([11.0, 9.0, None])})
    given = pa.array([0.9, 0.2, 0.5])
    answers = Answers(pa.array(["yes", "no", "yes"]), {"no": given, "yes": given}, np.zeros(3, dtype=bool), [])
    with Quality(case) as quality:
        quality.add(rows, answers)
        assert (quality.rows, quality.found()["roc_auc"]) == (2, 1.0)
