"""The training script, run in this process as SageMaker runs it: folders in variables, hyperparameters as arguments."""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import train
from config.settings import SCRIPTS
from tabular.artefact import Artefact
from tabular.contract import FILE, Contract
from tests.scripts.models import contract, rows

Job = Callable[..., Path]


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    """Runs a training job on 200 training and 100 validation rows. Returns the folder of its model."""

    def run(algorithm: str, *hyperparameters: str, changed: dict[str, Any] | None = None) -> Path:
        terms = contract(algorithm)
        places = {name: tmp_path / name for name in ("train", "validation", "contract", "model")}
        for place in places.values():
            place.mkdir()
        (places["contract"] / FILE).write_text(terms.json(), encoding="utf-8")
        rows(terms, 200, seed=1).assign(**changed or {}).to_parquet(places["train"] / "data.parquet")
        rows(terms, 100, seed=2).to_parquet(places["validation"] / "data.parquet")
        for name in ("train", "validation", "contract"):
            monkeypatch.setenv(f"SM_CHANNEL_{name.upper()}", str(places[name]))
        monkeypatch.setenv("SM_MODEL_DIR", str(places["model"]))
        monkeypatch.setenv("SM_OUTPUT_DATA_DIR", str(tmp_path / "output" / "data"))
        monkeypatch.setattr(sys, "argv", ["train.py", "--algorithm", algorithm, *hyperparameters])
        train.main()
        return places["model"]

    return run


def printed(output: str) -> dict[str, float]:
    """The metrics that a job printed, as SageMaker reads them by its MetricDefinitions."""
    return {name: float(value) for name, value in re.findall(r"(?m)^(\w+:\w+)=([-\d.]+);$", output)}


def test_a_class_is_learnt_and_its_metrics_are_printed(
    job: Job, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = Artefact.load(job("logistic_regression", "--C", "2.5"))
    output = capsys.readouterr().out
    metrics = printed(output)
    names = ("accuracy", "precision", "recall", "f1", "roc_auc")
    assert set(metrics) == {f"{channel}:{name}" for channel in ("train", "validation") for name in names}
    assert metrics["validation:roc_auc"] > 0.95
    assert output.startswith("Training logistic_regression {'C': 2.5} on 200 rows, 4 features\n")
    assert model.pipeline is None
    assert Artefact.load_pipeline(tmp_path / "model").pipeline[-1].C == 2.5


def test_a_number_is_learnt_beside_the_mean_to_beat(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    model = Artefact.load(job("ridge"))
    metrics = printed(capsys.readouterr().out)
    assert set(metrics) == {
        f"{channel}:{name}" for channel in ("train", "validation") for name in ("rmse", "mae", "r2")
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
