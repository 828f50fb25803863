"""MLflow's database and experiments."""

import os
from pathlib import Path
from typing import Any

import pytest

from config import settings
from config.errors import StorageFull, Unreachable
from tasks import tracking
from tests.at_once import run_at_once

FIRST_USE = """
from tasks import tracking
print(tracking.log_run("first", "run", models=[], hyperparameters={}, metrics={"m": 1.0}, texts={}, tags={}))
"""


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "STATE", tmp_path)
    return tmp_path


def log_run(**metrics: float) -> str:
    return tracking.log_run("case", "run", models=[], hyperparameters={}, metrics=metrics, texts={}, tags={})


def mlflow_client() -> Any:
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri=tracking.tracking_uri())


def test_two_first_uses_at_once_both_log_their_runs(tmp_path: Path) -> None:
    environment = {**os.environ, "VISHWAOPS_STATE": str(tmp_path)}
    outputs = run_at_once(FIRST_USE, environment, environment)
    assert len({output.strip() for output in outputs}) == 2


def test_a_deleted_experiment_is_restored_with_its_runs(state: Path, caplog: pytest.LogCaptureFixture) -> None:
    first = log_run(score=1.0)
    client = mlflow_client()
    experiment = client.get_run(first).info.experiment_id
    client.delete_experiment(experiment)
    second = log_run(score=2.0)
    assert {run.info.run_id for run in client.search_runs([experiment])} == {first, second}
    assert "experiment case was deleted: it is restored, with its runs" in caplog.text


def test_a_database_that_can_not_be_used_is_named_with_what_to_do(state: Path) -> None:
    tracking.folder().mkdir()
    (tracking.folder() / "mlflow.db").write_text("not a database, but long enough to look like one " * 99)
    with pytest.raises(Unreachable, match=r"mlflow\.db: expected a database .*Move the file away"):
        log_run()


def test_an_error_of_mlflow_says_that_nothing_trained_is_lost(state: Path) -> None:
    with pytest.raises(Unreachable, match=r"expected it to log the run, found: .*The trained models are kept"):
        log_run(**{"a bad name?!": 1.0})


def test_a_full_disk_is_named(state: Path) -> None:
    from mlflow.exceptions import MlflowException

    with pytest.raises(StorageFull), tracking._explained():
        raise MlflowException("(sqlite3.OperationalError) database or disk is full")
