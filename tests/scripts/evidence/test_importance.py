"""What the columns are worth to a model, by asking it again."""

import time
from dataclasses import replace

import numpy as np
import pytest
import xgboost
from sklearn.inspection import permutation_importance

from tabular import contract_frames
from tabular.artefact import Artefact
from tabular.evidence import importance, latency, shap
from tests.scripts.evidence.judged_rows import asked
from tests.scripts.models import small_model


@pytest.mark.parametrize("algorithm", ["logistic_regression", "ridge"])
def test_the_importance_is_that_of_scikit_learn(algorithm: str) -> None:
    judged, pipeline = asked(algorithm), small_model(algorithm).pipeline
    found = importance.evidence(judged)
    assert found
    assert judged.frame is not None
    inputs = contract_frames.inputs(judged.contract, judged.frame)
    expected = permutation_importance(
        pipeline, inputs, judged.truth, scoring=judged.contract.primary, n_repeats=10, random_state=1
    )
    for name, mean, deviation in zip(inputs, expected.importances_mean, expected.importances_std, strict=True):
        apart = 4 * max(deviation, 1e-6) / np.sqrt(10) + 0.02 * abs(mean)
        assert found["columns"][name]["mean"] == pytest.approx(mean, abs=apart)
    assert (found["metric"], found["rows"], found["repeats"]) == (judged.contract.primary, 200, 10)
    assert next(iter(found["columns"])) == "hours"


def test_the_importance_for_an_error_is_by_how_much_it_rises() -> None:
    judged = asked("ridge")
    found = importance.evidence(replace(judged, contract=replace(judged.contract, primary="rmse")))
    assert found
    assert found["metric"] == "rmse"
    assert found["columns"]["hours"]["mean"] > found["columns"]["age"]["mean"] > 1


def test_a_model_that_is_not_compiled_has_the_same_importance() -> None:
    compiled, plain = (importance.evidence(asked("xgboost", is_compiled=each)) for each in (True, False))
    assert compiled
    assert plain
    for name, each in compiled["columns"].items():
        assert plain["columns"][name] == pytest.approx(each, abs=1e-6)


def test_the_columns_of_an_evaluation_stay_as_they_are() -> None:
    judged = asked("xgboost")
    importance.evidence(judged)
    assert judged.frame is not None
    assert judged.model is not None
    assert np.array_equal(judged.model.output(judged.frame), judged.output)


def test_many_rows_are_sampled_and_repeated_less() -> None:
    found = importance.evidence(asked("logistic_regression", 3_000))
    assert found
    assert found["rows"] == importance.ROWS
    assert found["rows"] * found["repeats"] * 4 <= importance.PREDICTED


def test_shap_values_of_trees_are_those_of_xgboost() -> None:
    judged, booster = asked("xgboost"), small_model("xgboost").pipeline[-1].get_booster()
    found = shap.evidence(judged)
    assert found
    assert judged.frame is not None
    assert judged.model is not None
    encoded = small_model("xgboost").features(judged.frame)
    values = booster.predict(xgboost.DMatrix(encoded), pred_contribs=True)[:, :-1]
    assert judged.model.compiled is not None
    for name, places in judged.model.compiled.places.items():
        expected = float(np.abs(values[:, places].sum(axis=1)).mean())
        assert found["columns"].get(name, 0.0) == pytest.approx(expected, rel=1e-4)
    assert (found["method"], found["unit"], found["rows"]) == ("TreeSHAP", "log-odds", 200)


def test_shap_values_of_a_linear_model_are_exact_and_those_of_a_forest_are_not_given() -> None:
    found = shap.evidence(asked("ridge"))
    assert found
    assert list(found["columns"])[:2] == ["hours", "age"]
    assert found["unit"] == "unit of the target"
    assert shap.evidence(asked("random_forest")) is None
    assert shap.evidence(asked("xgboost", is_compiled=False)) is None


class SlowModel(Artefact):
    """A model that takes a while for every call."""

    SECONDS = 0.02

    def output(self, frame):  # type: ignore[no-untyped-def]
        """Take its time, and predict."""
        end = time.perf_counter() + self.SECONDS
        while time.perf_counter() < end:
            time.sleep(0.001)
        return super().output(frame)


def test_the_latency_of_one_row_is_measured_and_a_slow_model_takes_few_calls() -> None:
    quick = latency.evidence(asked("logistic_regression"))
    assert quick
    assert 0 < quick["median_ms"] <= quick["p95_ms"]
    plain = small_model("logistic_regression")
    slow_model = SlowModel(plain.pipeline, plain.contract, plain.baseline)
    slow = latency.evidence(replace(asked("logistic_regression", is_compiled=False), model=slow_model))
    assert slow
    assert slow["median_ms"] >= 1000 * SlowModel.SECONDS > quick["median_ms"]
    assert slow["calls"] < latency.CALLS
