"""What a candidate learns from rows: class weights, the best iteration, a stack's out-of-fold predictions."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tabular import contract_frames
from tabular.engineered.choice import Choice
from tabular.engineered_features import Engineered
from tabular.folds import FoldKeys
from tabular.pipeline_model import PipelineModel
from tabular.recipe import Fitted, Recipe, Rows
from tests.scripts.models import contract, rows

STACK = {
    "cv": 3,
    "of": {
        "linear": {"algorithm": "logistic_regression", "hyperparameters": {}},
        "trees": {"algorithm": "xgboost", "hyperparameters": {"n_estimators": 4}},
    },
}
NETWORK = {"hidden_layer_sizes": [6], "max_iter": 20}


def few_of_a_class(seed: int = 1) -> Rows:
    """Rows of which a tenth is of the second class."""
    frame = rows(contract("xgboost"), 900, seed)
    frame = frame[(frame["passed"] == "no") | (np.arange(900) % 9 == 0)].reset_index(drop=True)
    frame["hours"] += np.random.default_rng(seed).normal(0, 12, len(frame))
    return Rows(frame, FoldKeys("random", np.zeros(len(frame))))


def fit(algorithm: str, held_out: Any = None, **hyperparameters: Any) -> Fitted:
    return Recipe(contract(algorithm), algorithm, hyperparameters, 1).fit(few_of_a_class(), held_out)


def mean_probability(fitted: Fitted) -> float:
    model = PipelineModel(fitted.pipeline, contract("xgboost"))
    return float(model.predict(model.features(few_of_a_class(2).frame))[:, 1].mean())


@pytest.mark.parametrize(
    ("algorithm", "settings"),
    [
        ("logistic_regression", {}),
        ("random_forest", {"n_estimators": 10, "min_samples_leaf": 5}),
        ("xgboost", {"n_estimators": 10}),
        ("neural_network", {**NETWORK, "solver": "lbfgs"}),
        ("stack", STACK),
    ],
)
def test_balanced_classes_weigh_the_same_for_every_algorithm(algorithm: str, settings: dict[str, Any]) -> None:
    plain = mean_probability(fit(algorithm, **settings))
    balanced = mean_probability(fit(algorithm, **settings, class_weight="balanced"))
    named = mean_probability(fit(algorithm, **settings, class_weight={"no": 1, "yes": 50}))
    assert plain < 0.2
    assert plain + 0.05 < balanced < named


def test_a_balanced_class_is_weighted_by_the_rows_that_are_fitted() -> None:
    recipe = Recipe(contract("xgboost"), "xgboost", {"class_weight": "balanced"}, 1)
    weights = recipe._weights(np.array([0, 0, 0, 1]))["sample_weight"]
    assert weights.tolist() == pytest.approx([2 / 3, 2 / 3, 2 / 3, 2])


def test_xgboost_stops_at_its_best_iteration_on_held_out_rows_and_keeps_no_later_tree() -> None:
    held_out = few_of_a_class(3).frame
    fitted = fit("xgboost", held_out, n_estimators=200, learning_rate=0.3, early_stopping_rounds=5)
    best = fitted.chosen["n_estimators"]
    assert 1 <= best < 100
    assert fitted.chosen["early_stopping_rounds"] is None
    assert fitted.pipeline[-1].get_booster().num_boosted_rounds() == best
    same = fit("xgboost", n_estimators=best, learning_rate=0.3)
    frame = contract_frames.inputs(contract("xgboost"), held_out)
    assert np.array_equal(fitted.pipeline.predict_proba(frame), same.pipeline.predict_proba(frame))


def test_a_network_that_stops_early_states_its_best_iteration() -> None:
    fitted = fit("neural_network", **{**NETWORK, "max_iter": 60, "early_stopping": True})
    scores = fitted.pipeline[-1].validation_scores_
    assert fitted.chosen == {"max_iter": int(np.argmax(scores)) + 1, "early_stopping": False}
    assert fit("neural_network", **NETWORK).chosen == {}
    assert fit("neural_network", **{**NETWORK, "solver": "lbfgs", "early_stopping": True}).chosen == {}


def test_a_stack_s_predictions_are_of_other_groups_and_its_file_has_no_places_of_rows() -> None:
    given = few_of_a_class()
    groups = np.arange(len(given)) // 2
    alone = Recipe(contract("stack"), "stack", STACK, 1)
    by_group = alone.fit(Rows(given.frame, FoldKeys("group", groups))).pipeline[-1]
    at_random = alone.fit(given).pipeline[-1]
    assert by_group.cv == at_random.cv == 3
    assert not np.array_equal(by_group.final_estimator_.coef_, at_random.final_estimator_.coef_)


def test_a_target_encoding_is_of_other_groups_and_its_file_has_no_places_of_rows() -> None:
    given = few_of_a_class()
    mean = Engineered(name="mean", kind="target_encoding", of=("colour", "origin"), smoothing=0.0)
    terms = replace(contract("logistic_regression"), engineered=(mean,))
    groups = np.arange(len(given)) // 300
    fitted = [
        Recipe(terms, "logistic_regression", {}, 1).fit(Rows(given.frame, FoldKeys(by, groups))).pipeline
        for by in ("group", "random")
    ]
    steps = [pipeline["features"].transformers_[-1][1] for pipeline in fitted]
    assert [step["targetencoding"].folds for step in steps] == [None, None]
    assert np.array_equal(*(step["targetencoding"].transform(np.array([["none"]], object)) for step in steps))
    assert not np.array_equal(steps[0]["standardscaler"].scale_, steps[1]["standardscaler"].scale_)


def test_a_feature_of_a_column_without_information_is_left_out_with_the_reason() -> None:
    given = few_of_a_class()
    bins = Engineered(name="age_bin", kind="bins", of=("age",), count=3, by="quantile")
    terms = replace(contract("xgboost"), engineered=(bins,), used=("hours", "age"), indirect=("age",))
    frame = given.frame.assign(age=20)
    fitted = Recipe(terms, "xgboost", {"n_estimators": 2}, 1).fit(Rows(frame, given.keys))
    assert fitted.left_out == {"age_bin": "computed from age, which is constant"}
    assert fitted.pipeline[-1].n_features_in_ == 1


def test_a_selection_is_fitted_to_the_rows_that_are_fitted() -> None:
    given = few_of_a_class()
    told = given.frame["passed"].eq("yes").to_numpy()
    frame = given.frame.assign(hours=given.frame["age"], age=np.where(told, 30, 10))
    recipe = Recipe(contract("xgboost"), "xgboost", {"n_estimators": 2}, 1, choice=Choice({"mutual_information": 1}))
    assert recipe.fit(Rows(frame, given.keys)).pipeline["selection"].kept_.tolist() == [0]
    assert recipe.fit(given, given.frame).pipeline["selection"].kept_.tolist() == [1]
    early = replace(recipe, hyperparameters={"n_estimators": 50, "early_stopping_rounds": 2})
    assert early.fit(given, given.frame).pipeline[-1].n_features_in_ == 1
