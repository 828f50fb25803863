"""The training script, run in this process as SageMaker runs it: folders in variables, hyperparameters as arguments."""

import json
import os
import re
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import train
from config.candidates import METRICS
from config.settings import SCRIPTS
from serving.answer import answer
from tabular import contract_frames
from tabular.artefact import Artefact
from tabular.compiled.model import CompiledModel
from tabular.contract import FILE, Contract
from tabular.pipelines import build_pipeline
from tests.scripts.models import contract, rows

Job = Callable[..., Path]


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    """Runs a training job on 200 training and 100 validation rows. Returns the folder of its model."""

    def run(
        algorithm: str,
        *hyperparameters: str,
        changed: dict[str, Any] | None = None,
        settings: dict[str, Any] | None = None,
        selected: Path | None = None,
    ) -> Path:
        terms = contract(algorithm)
        places = {name: tmp_path / name for name in ("train", "validation", "contract", "settings")}
        places["model"] = tmp_path / ("refit" if selected else "model")
        for place in places.values():
            place.mkdir(exist_ok=True)
        (places["settings"] / "settings.json").write_text(json.dumps(settings or {}))
        (places["contract"] / FILE).write_text(terms.json(), encoding="utf-8")
        rows(terms, 200, seed=1).assign(**changed or {}).to_parquet(places["train"] / "data.parquet")
        rows(terms, 100, seed=2).to_parquet(places["validation"] / "data.parquet")
        for name in ("train", "validation", "contract", "settings"):
            monkeypatch.setenv(f"SM_CHANNEL_{name.upper()}", str(places[name]))
        if selected:
            monkeypatch.setenv("SM_CHANNEL_SELECTED", str(archived(selected, tmp_path / "selected")))
        monkeypatch.setenv("SM_MODEL_DIR", str(places["model"]))
        monkeypatch.setenv("SM_OUTPUT_DATA_DIR", str(tmp_path / "output" / "data"))
        monkeypatch.setattr(sys, "argv", ["train.py", "--algorithm", algorithm, *hyperparameters])
        train.main()
        return places["model"]

    return run


def archived(model: Path, folder: Path) -> Path:
    """Pack a model as SageMaker does. Returns the folder of model.tar.gz."""
    folder.mkdir()
    with tarfile.open(folder / "model.tar.gz", "w:gz") as tar:
        for path in model.iterdir():
            tar.add(path, f"./{path.name}")
    return folder


def printed(output: str) -> dict[str, float]:
    """The metrics that a job printed, as SageMaker reads them by its MetricDefinitions."""
    return {name: float(value) for name, value in re.findall(r"(?m)^(\w+:\w+)=([-\d.]+);$", output)}


def test_a_class_is_learnt_and_its_metrics_are_printed(
    job: Job, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = Artefact.load(job("logistic_regression", "--C", "2.5"))
    output = capsys.readouterr().out
    metrics = printed(output)
    names = METRICS["binary"]
    assert set(metrics) == {f"{channel}:{name}" for channel in ("train", "validation") for name in names}
    assert metrics["validation:roc_auc"] > 0.95
    assert output.startswith("Training logistic_regression {'C': 2.5} on 200 rows, 4 features\n")
    assert model.pipeline is None
    assert Artefact.load_pipeline(tmp_path / "model").pipeline[-1].C == 2.5


def test_a_number_is_learnt_beside_the_mean_to_beat(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    model = Artefact.load(job("ridge"))
    metrics = printed(capsys.readouterr().out)
    assert set(metrics) == {
        f"{channel}:{name}" for channel in ("train", "validation") for name in METRICS["regression"]
    }
    assert metrics["validation:r2"] > 0.9
    (mean,) = model.baseline
    assert mean == pytest.approx(rows(contract("ridge"), 200, seed=1)["passed"].mean())


def test_the_output_has_the_printed_metrics_in_full(
    job: Job, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    job("ridge")
    stored = json.loads((tmp_path / "output" / "data" / "metrics.json").read_text())
    assert {name: round(value, 6) for name, value in stored.items()} == printed(capsys.readouterr().out)


def test_the_model_contains_its_contract_the_class_shares_and_the_serving_code(job: Job) -> None:
    folder = job("xgboost", "--n_estimators", "3")
    assert Contract.read(folder) == contract("xgboost")
    shares = json.loads((folder / "baseline.json").read_text())
    truth = rows(contract("xgboost"), 200, seed=1)["passed"]
    assert shares == [pytest.approx((truth == name).mean()) for name in ("no", "yes")]
    assert (folder / "code" / "inference.py").read_text() == (SCRIPTS / "inference.py").read_text()


def test_a_feature_without_information_is_left_out_and_named(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    model = Artefact.load(job("random_forest", "--n_estimators", "3", changed={"age": 15, "colour": None}))
    output = capsys.readouterr().out
    assert "Left out: age is constant in the training rows" in output
    assert "Left out: colour is empty in the training rows" in output
    assert np.isfinite(model.output(rows(contract("random_forest"), 5, seed=3))).all()


def test_each_of_sagemaker_s_variables_can_be_overridden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SM_CHANNEL_TRAIN", "/elsewhere")
    monkeypatch.setenv("SM_NUM_CPUS", "3")
    assert train.parse(["--algorithm", "ridge"])[0].train == Path("/elsewhere")
    assert train.parse(["--algorithm", "ridge", "--train", str(tmp_path)])[0].train == tmp_path
    assert train.parse(["--algorithm", "ridge"])[0].threads == 3


def test_hyperparameters_keep_their_types() -> None:
    given = {"alpha": 0.5, "n_estimators": 9, "tol": -1e-4, "fit_intercept": False, "class_weight": {"no": 1, "yes": 5}}
    arguments = [text for name, value in given.items() for text in (f"--{name}", str(value))]
    assert train.parse(["--algorithm", "ridge", *arguments, "--solver", "svd"])[1] == {**given, "solver": "svd"}


def test_an_algorithm_has_to_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        train.parse(["--alpha", "1"])
    assert "required: --algorithm" in capsys.readouterr().err


def test_the_baseline_counts_a_class_that_no_row_has() -> None:
    assert train.baseline(contract("xgboost"), np.array([0, 0])) == (1.0, 0.0)
    assert train.baseline(contract("ridge"), pd.Series([1.0, 4.0]).to_numpy()) == (2.5,)


COSTS = {"evaluation": {"costs": {"false_positive": 1, "false_negative": 9}, "prediction_sets": {"coverage": 0.9}}}


def test_the_threshold_of_the_validation_rows_decides_the_classes_of_a_model_and_of_its_server(
    job: Job, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = job("logistic_regression", "--C", "0.01", settings=COSTS)
    metrics, model, served = printed(capsys.readouterr().out), Artefact.load(folder), CompiledModel.load(folder)
    assert model.calibration
    assert model.calibration == served.calibration
    assert (model.calibration.rows, model.calibration.conformal is not None) == (100, True)
    threshold, validation = model.calibration.threshold or 0.5, rows(model.contract, 100, seed=2)
    assert threshold < 0.48, "a missed positive row costs nine times as much"
    decided = model.output(validation)[:, 1] > threshold
    assert metrics["validation:recall"] == pytest.approx((decided & (validation["passed"] == "yes")).sum()
        / (validation["passed"] == "yes").sum(), abs=1e-6)  # fmt: skip
    body = validation.drop(columns="passed").to_json(orient="records").encode()
    answers = json.loads(answer(served, body, "application/json", "application/json").body)["predictions"]
    assert [each["prediction"] == "yes" for each in answers] == decided.tolist()


def test_a_changed_calibration_is_refused(job: Job) -> None:
    folder = job("logistic_regression", settings=COSTS)
    calibration = json.loads((folder / "calibration.json").read_text())
    (folder / "calibration.json").write_text(json.dumps({**calibration, "threshold": 0.99}))
    with pytest.raises(ValueError, match=r"calibration\.json: expected the SHA-256 digest"):
        CompiledModel.load(folder)


def test_without_costs_the_most_probable_class_is_predicted(job: Job) -> None:
    model = Artefact.load(job("logistic_regression"))
    assert model.calibration
    assert model.calibration.threshold is None
    output = np.array([[0.5, 0.5], [0.4, 0.6]])
    assert model.decide(output).tolist() == output.argmax(axis=1).tolist()


def test_the_winner_is_refitted_on_both_parts_with_its_calibration(
    job: Job, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    winner = job("logistic_regression", "--C", "0.01", settings=COSTS)
    capsys.readouterr()
    refitted = job("logistic_regression", "--C", "0.01", settings=COSTS, selected=winner)
    output = capsys.readouterr().out
    assert output.startswith("Refitting logistic_regression {'C': 0.01} on 300 rows, 4 features\n")
    assert {name.partition(":")[0] for name in printed(output)} == {"train"}
    assert (refitted / "calibration.json").read_text() == (winner / "calibration.json").read_text()
    model, terms = Artefact.load_pipeline(refitted), contract("logistic_regression")
    both = pd.concat([rows(terms, 200, seed=1), rows(terms, 100, seed=2)], ignore_index=True)
    expected = build_pipeline(terms, "logistic_regression", {"C": 0.01}, 1)
    expected.fit(contract_frames.inputs(terms, both), contract_frames.outputs(terms, both))
    assert np.allclose(model.pipeline[-1].coef_, expected[-1].coef_, atol=1e-9)
    assert model.baseline[1] == pytest.approx((both["passed"] == "yes").mean())


def test_the_refit_has_the_best_iteration_of_the_winner(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    given = ("--n_estimators", "300", "--max_depth", "2", "--early_stopping_rounds", "3")
    winner = job("xgboost", *given)
    trees = json.loads((winner / "early_stopping.json").read_text())["n_estimators"]
    assert trees < 300
    refitted = job("xgboost", *given, selected=winner)
    assert Artefact.load_pipeline(refitted).pipeline[-1].get_booster().num_boosted_rounds() == trees
    assert not (refitted / "early_stopping.json").exists()


def test_a_candidate_is_cross_validated_on_both_parts(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    job("ridge", settings={"training": {"cross_validation": {"folds": 3}}, "folds": {"by": "order"}})
    metrics = printed(capsys.readouterr().out)
    assert {name for name in metrics if name.startswith("cv:")} >= {"cv:rmse", "cv:mae", "cv:r2"}
    assert metrics["cv:r2"] > 0.9
    assert metrics["cv_sd:r2"] < 0.1


def test_a_job_states_whether_it_can_be_repeated(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    job("xgboost", "--n_estimators", "3")
    assert f"Reproducible with seed 1, {os.environ.get('SM_NUM_CPUS', '1')} thread(s), NumPy" in capsys.readouterr().out
    job("xgboost", "--n_estimators", "3", "--random_state", "None")
    assert "Not reproducible: random_state is null" in capsys.readouterr().out


def test_a_job_logs_and_records_the_features_that_it_leaves_out(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    assert not (job("logistic_regression") / "selection.json").exists()
    chosen = {"selection": {"mutual_information": 1}, "reduction": {"components": 3}}
    model = job("logistic_regression", settings={"training": chosen})
    headline = "Selected: 1 of 6 encoded features, without age, colour, origin; 1 principal components of them"
    assert headline in capsys.readouterr().out
    assert json.loads((model / "selection.json").read_text()) == {
        "encoded": 6, "kept": 1, "left_out": ["age", "colour", "origin"], "components": 1,
    }  # fmt: skip
    assert json.loads((model / "compiled.json").read_text())["estimator"]["kind"] == "linear"


def test_the_learning_curve_of_a_refit_ends_at_the_winners_own_metrics(
    job: Job, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ("--n_estimators", "40", "--max_depth", "2", "--early_stopping_rounds", "3")
    settings = {**COSTS, "training": {"learning_curve": {"train_sizes": [0.2, 1.0]}}}
    hours = rows(contract("xgboost"), 200, seed=1)["hours"] + np.random.default_rng(1).normal(0, 15, 200)
    winner = job("xgboost", *given, settings=settings, changed={"hours": hours})
    metrics = printed(capsys.readouterr().out)
    assert metrics["train:roc_auc"] < 0.99
    assert not (winner / "learning_curve.json").exists(), "a candidate's own job measures none"
    refitted = job("xgboost", *given, settings=settings, changed={"hours": hours}, selected=winner)
    found = json.loads((refitted / "learning_curve.json").read_text())
    assert (found["metric"], found["rows"]) == ("roc_auc", [40, 200])
    for part in ("train", "validation"):
        assert found[part][-1] == pytest.approx(metrics[f"{part}:roc_auc"], abs=1e-6)
