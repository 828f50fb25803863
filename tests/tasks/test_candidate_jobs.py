"""What the training jobs of a candidate and of its refit are asked to do."""

import json
from typing import Any

from config.candidates import METRICS
from config.use_case import UseCase
from tabular.contract import Contract
from tasks import candidate_jobs, storage
from tasks.references import DataSplit
from tests.tasks.releases import new_split, new_use_case

CROSS_VALIDATION = {"cross_validation": {"folds": 3}}


def request(case: UseCase, selected: str | None = None) -> dict[str, Any]:
    split: DataSplit = new_split(case)
    return candidate_jobs.request(case, split, "ridge", {"alpha": 2.0}, {"stage": "train"}, selected)


def settings(case: UseCase) -> dict[str, Any]:
    return dict(storage.get_json(f"{candidate_jobs.settings(case)}/settings.json"))


def test_a_candidate_reports_both_parts_and_its_folds_and_the_winner_is_chosen_by_their_mean(bucket: str) -> None:
    plain, folded = request(new_use_case()), request(new_use_case(training=CROSS_VALIDATION))
    names = METRICS["binary"]
    assert plain["metrics"] == [f"{part}:{name}" for part in ("train", "validation") for name in names]
    assert plain["required"] == ["validation:roc_auc"]
    assert folded["metrics"][-2 * len(names) :] == [f"{part}:{name}" for part in ("cv", "cv_sd") for name in names]
    assert folded["required"] == ["cv:roc_auc"]
    assert len(folded["metrics"]) <= 40, "the limit of MetricDefinitions"


def test_a_refit_has_the_winners_archive_as_a_channel_and_no_metric_of_the_rows_that_it_has_seen(bucket: str) -> None:
    found = request(new_use_case(training=CROSS_VALIDATION), selected="s3://bucket/model.tar.gz")
    assert found["channels"]["selected"] == "s3://bucket/model.tar.gz"
    assert {name.partition(":")[0] for name in found["metrics"]} == {"train"}
    assert found["required"] == ["train:roc_auc"]


def test_the_settings_have_the_columns_of_the_group_or_time_and_what_derives_them(bucket: str) -> None:
    columns = {
        "id": {"type": "integer", "minimum": 1},
        "age": {"type": "integer", "minimum": 10, "maximum": 30},
        "day": {"type": "date"},
        "passed": {"type": "category", "categories": ["no", "yes"]},
    }
    shared = {"columns": columns, "features": ["age"]}
    group = {"by": "group", "columns": ["id", "decade"], "seed": 1, "validation": 0.2, "test": 0.2}
    derived = {"decade": {"expression": "age - age % 10", "type": "number"}}
    by_group = settings(new_use_case(**shared, derived=derived, split=group))["folds"]
    assert by_group["by"] == "group"
    assert [column.name for column in Contract.parsed(by_group["columns"]).input_columns] == ["id", "decade"]
    time = {"by": "time", "column": "day", "validation": 0.2, "test": 0.2}
    by_time = settings(new_use_case(**shared, split=time))["folds"]
    assert [column.name for column in Contract.parsed(by_time["columns"]).features] == ["day"]
    assert settings(new_use_case())["folds"] == {"by": "random", "columns": None}


def test_a_changed_gate_refit_or_margin_repeats_no_training_job(bucket: str) -> None:
    case = new_use_case()
    first = candidate_jobs.settings(case)
    evaluation = case.evaluation.model_copy(update={"improvement": 0.5, "gates": ()})
    training = case.training.model_copy(update={"refit": False})
    assert candidate_jobs.settings(case.model_copy(update={"evaluation": evaluation, "training": training})) == first
    costs = {**case.evaluation.model_dump(), "costs": {"false_positive": 1, "false_negative": 2}}
    assert json.loads(storage.get(f"{first}/settings.json"))["evaluation"]["costs"] is None
    changed = case.model_copy(update={"evaluation": type(case.evaluation).model_validate(costs)})
    assert candidate_jobs.settings(changed) != first


def test_only_the_refit_has_the_learning_curve(bucket: str) -> None:
    plain = new_use_case()
    training = type(plain.training).model_validate({"learning_curve": {"train_sizes": [0.5, 1]}})
    curve = plain.model_copy(update={"training": training})
    assert candidate_jobs.settings(curve) == candidate_jobs.settings(plain)
    assert candidate_jobs.settings(plain, refits=True) == candidate_jobs.settings(plain)
    refits = request(curve, selected="s3://bucket/model.tar.gz")["channels"]["settings"]
    read = storage.get_json(f"{refits}/settings.json")["training"]
    assert read == {"cross_validation": None, "learning_curve": {"train_sizes": [0.5, 1.0]}}


def test_a_stacks_job_gets_the_algorithms_and_hyperparameters_of_its_parts(bucket: str) -> None:
    candidates = [
        {"name": "logistic", "algorithm": "logistic_regression", "hyperparameters": {"C": 0.3}},
        {"name": "trees", "algorithm": "xgboost", "hyperparameters": {"n_estimators": 9}},
        {"name": "both", "algorithm": "stack", "of": ["logistic", "trees"], "hyperparameters": {"cv": 3}},
    ]
    case = new_use_case(candidates=candidates)
    assert candidate_jobs.hyperparameters(case, case.candidates[2]) == {
        "cv": 3,
        "of": {
            "logistic": {"algorithm": "logistic_regression", "hyperparameters": {"C": 0.3}},
            "trees": {"algorithm": "xgboost", "hyperparameters": {"n_estimators": 9}},
        },
    }
    assert candidate_jobs.hyperparameters(case, case.candidates[0]) == {"C": 0.3}


def test_a_selection_is_a_setting_only_where_it_is_set_so_that_other_jobs_keep_their_digest(bucket: str) -> None:
    assert settings(new_use_case())["training"] == {"cross_validation": None}
    chosen = {"selection": {"mutual_information": 5}, "reduction": {"variance": 0.9}}
    assert settings(new_use_case(training=chosen))["training"] == {
        "cross_validation": None,
        "selection": {"variance": None, "mutual_information": 5, "permutation": None},
        "reduction": {"components": None, "variance": 0.9},
    }
