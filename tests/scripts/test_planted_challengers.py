"""Challengers that the gate has to refuse, from their evidence to the reason."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import evaluate as script
from config.candidates import Evaluation
from tabular.evidence import comparison, latency
from tabular.job_settings import FILE
from tasks.decision import objections
from tasks.evaluate import Judgement, judge
from tests.scripts.evidence.judged_rows import answered, asked, binary
from tests.scripts.evidence.test_importance import SlowModel
from tests.scripts.models import contract, rows, small_model
from tests.scripts.test_evaluate import archive
from tests.use_cases import small_use_case

GATES = [{"metric": "roc_auc", "at_least": 0.6}]
GOOD = {"roc_auc": 0.9, "f1": 0.9}
NAIVE = {"roc_auc": 0.5, "f1": 0.0}


def rules(**changes: Any) -> Evaluation:
    return Evaluation.model_validate({"primary": "roc_auc", "gates": GATES, **changes})


def judged(**found: Any) -> Judgement:
    case = small_use_case(evaluation={"primary": "roc_auc", "gates": GATES})
    return judge(case, "planted", {"rows": 200, "metrics": GOOD, "baseline": NAIVE, "champion": None, **found})


@pytest.fixture
def leaking(tmp_path: Path) -> Judgement:
    """The evaluation of a model whose feature `hours` determines the target."""
    rows(contract("xgboost"), 200, seed=2).to_parquet(tmp_path / "test.parquet")
    (tmp_path / FILE).write_text(json.dumps({"evaluation": {"intervals": {"resamples": 100, "level": 0.9}}}))
    model = archive(tmp_path, "leaking", "xgboost", compiled=True)
    return judged(**script.evaluate(model, None, tmp_path / "test.parquet", tmp_path))


def test_a_leaking_challenger_is_refused_with_the_name_of_its_column(leaking: Judgement) -> None:
    (reason,) = objections(rules(), leaking)
    assert reason.startswith("no column that predicts the target alone with roc_auc ≥ 0.999: found hours 1.0000.")
    assert objections(rules(leakage={"expected": ["hours"]}), leaking) == []


def test_figures_too_good_to_be_true_are_refused_by_a_gate_with_an_upper_bound(leaking: Judgement) -> None:
    bounded = rules(gates=[*GATES, {"metric": "roc_auc", "at_most": 0.99}], leakage=None)
    assert objections(bounded, leaking) == ["roc_auc ≤ 0.99: found 1.0000"]


def test_a_slow_challenger_is_refused() -> None:
    plain, quick = small_model("logistic_regression"), asked("logistic_regression")
    slow = replace(
        asked("logistic_regression", is_compiled=False), model=SlowModel(plain.pipeline, plain.contract, plain.baseline)
    )
    limited = rules(limits={"latency_ms": 10})
    assert objections(limited, judged(latency=latency.evidence(quick))) == []
    (reason,) = objections(limited, judged(latency=latency.evidence(slow)))
    assert reason.startswith("latency of one row ≤ 10 ms: found ")


def test_a_challenger_that_is_better_by_chance_is_refused() -> None:
    truth, output = binary(150)
    noise = np.random.default_rng(3).normal(0, 0.02, (2, 150))  # two models that are equally good
    one, other = (np.column_stack([1 - each, each]) for each in np.clip(output[:, 1] + noise, 0, 1))
    ahead = answered(truth, one, other)
    assert ahead.champion
    assert ahead.scores["roc_auc"] > ahead.champion.scores["roc_auc"]
    found = {"metrics": ahead.scores, "champion": ahead.champion.scores, "comparison": comparison.evidence(ahead)}
    assert objections(rules(), judged(**found)) == []
    (reason,) = objections(rules(confidence=0.9), judged(**found))
    assert "with a confidence of 90.0%: found" in reason
