"""Gates between a naive prediction and a quick model."""

import numpy as np
import pandas as pd
import pytest

from config.candidates import Gate
from tasks.first_use_case.gates import QuickScores, quick_scores
from tests.use_cases import small_use_case

CHANCE = np.random.default_rng(7)
AGES = CHANCE.integers(10, 31, 200)


def frame(passed: np.ndarray) -> pd.DataFrame:
    colours = pd.Series(CHANCE.choice(["green", "red"], 200), dtype=object)
    return pd.DataFrame({"age": AGES, "colour": colours, "passed": np.where(passed, "yes", "no")})


def test_a_quick_model_of_a_clear_rule_is_far_better_than_naive() -> None:
    scores = quick_scores(small_use_case(), frame(AGES > 20))
    assert scores.naive == pytest.approx(0.5)
    assert scores.best > 0.95
    assert scores.learns
    assert 0.7 < float(str(scores.gate["at_least"])) < 0.8


def test_no_model_learns_from_chance() -> None:
    scores = quick_scores(small_use_case(), frame(CHANCE.random(200) > 0.5))
    assert abs(scores.best - scores.naive) < 0.15


@pytest.mark.parametrize(
    "scores", [QuickScores("rmse", 4.0, 2.0, 9), QuickScores("rmse", 4.0, 5.0, 9), QuickScores("f1", 0.3, 0.2, 9)]
)
def test_a_naive_prediction_never_passes_the_gate(scores: QuickScores) -> None:
    gate = Gate.model_validate(scores.gate)
    assert not gate.passes(scores.naive)
    assert gate.passes(scores.best) == scores.learns


def test_the_reason_has_both_figures() -> None:
    assert (
        QuickScores("rmse", 4.61, 1.75, 395).reason == "naive 4.61, a quick model 1.75 (3 folds of 395 rows): halfway"
    )
