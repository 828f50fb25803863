"""MLflow's database and experiments."""

import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from config import profile, settings
from config.errors import StorageFull, Unreachable
from tasks.experiments import tracking
from tasks.experiments.runs import PARENT
from tasks.platform import platform
from tasks.references import TrainedModel
from tests.at_once import run_at_once
from tests.patience import PATIENCE
from tests.references import a_model

FIRST_USE = """
from tasks.experiments import tracking
print(tracking.log_run(
    "first", "one", name="run", models=[], metrics={"m": 1.0}, texts={"a": "b"}, tags={},
))
"""
MODELS = [
    a_model(candidate=name, job_arn=f"arn:{name}", hyperparameters={"alpha": 1.5}, metrics={"validation:rmse": 2.0})
    for name in ("small", "large")
]


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "STATE", tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MLflow's folder with an empty database. MLflow's migrations take 2 s of processor time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "STATE", tmp_path_factory.mktemp("migrated"))
        tracking.prepare_database(tracking.tracking_uri())
        return tracking.folder()


@pytest.fixture
def database(state: Path, migrated: Path) -> Path:
    """A copy of the empty database."""
    return Path(shutil.copytree(migrated, tracking.folder()))


def log_run(evaluation: str = "one", score: float = 1.0) -> str:
    return log_models([], evaluation, metrics={"score": score})


def log_models(models: list[TrainedModel], evaluation: str = "one", **changes: Any) -> str:
    given: dict[str, Any] = {"metrics": {"score": 1.0}, "texts": {"plots/roc.svg": "<svg/>"}, "tags": {"t": "1"}}
    return str(tracking.log_run("case", evaluation, name="run", models=models, **{**given, **changes}))


def mlflow_client() -> Any:
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri=tracking.tracking_uri())


def active_runs() -> list[Any]:
    client = mlflow_client()
    return list(client.search_runs([client.get_experiment_by_name("case").experiment_id]))


def nested(run: str) -> dict[str, Any]:
    """The nested runs of a run, by name; every nested run of the experiment has to be one of them."""
    found = [each for each in active_runs() if PARENT in each.data.tags]
    assert {each.data.tags[PARENT] for each in found} <= {run}
    assert len({each.info.run_name for each in found}) == len(found)
    return {each.info.run_name: each for each in found}


class Killed(BaseException):
    """Ends a process in the middle of its work."""


class KilledAfter(dict[str, Any]):
    """Texts of which the second is never logged."""

    def items(self) -> Any:
        yield next(iter(super().items()))
        raise Killed


class Meanwhile(dict[str, Any]):
    """Texts during which something else happens."""

    def __init__(self, happens: Callable[[], object], texts: dict[str, str]) -> None:
        super().__init__(texts)
        self._happens = happens

    def items(self) -> Any:
        self._happens()
        return super().items()


def test_two_first_uses_at_once_by_one_evaluation_log_one_run(state: Path) -> None:
    environment = {**os.environ, "VISHWAOPS_STATE": str(state)}
    outputs = run_at_once(FIRST_USE, environment, environment)
    client = mlflow_client()
    (run,) = client.search_runs([client.get_experiment_by_name("first").experiment_id])
    assert [output.strip() for output in outputs] == [run.info.run_id] * 2


def test_a_tag_that_is_added_twice_at_the_same_time_is_there(database: Path) -> None:
    run, start = log_run(), Barrier(2)

    def add(tag: int) -> None:
        start.wait(PATIENCE)
        tracking.tag_run(run, {f"tag{tag}": "same"})

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(add, [tag for tag in range(30) for _ in range(2)]))
    assert {f"tag{tag}": "same" for tag in range(30)}.items() <= mlflow_client().get_run(run).data.tags.items()


def test_an_evaluation_is_logged_once_with_a_nested_run_for_each_candidate(database: Path) -> None:
    run = log_models(MODELS)
    assert log_models(MODELS) == run
    assert log_models([], "another") != run
    logged = mlflow_client().get_run(run)
    assert (logged.info.status, logged.data.metrics, logged.data.tags["t"]) == ("FINISHED", {"score": 1.0}, "1")
    candidates = nested(run)
    assert set(candidates) == {"small", "large"}
    assert candidates["small"].data.params == {"algorithm": "ridge", "alpha": "1.5"}
    assert candidates["small"].data.metrics == {"validation_rmse": 2.0, "seconds": 1.0}


def test_a_run_killed_while_logging_is_completed_without_duplicates(database: Path) -> None:
    with pytest.raises(Killed):
        log_models(MODELS, texts=KilledAfter(a="1", b="2"))
    (cut_short,) = active_runs()
    assert cut_short.info.status == "RUNNING"
    with pytest.raises(Killed):
        log_models([MODELS[0], MODELS[1].model_copy(update={"metrics": KilledAfter(a=1.0, b=2.0)})])
    assert nested(cut_short.info.run_id)["large"].info.status == "RUNNING"

    run = log_models(MODELS)
    assert run == cut_short.info.run_id
    client = mlflow_client()
    assert client.get_run(run).info.status == "FINISHED"
    assert set(nested(run)) == {"small", "large"}
    for each, metric in ((run, "score"), (nested(run)["small"].info.run_id, "seconds")):
        assert len(client.get_metric_history(each, metric)) == 1
    assert {file.path for file in client.list_artifacts(run, "plots")} == {"plots/roc.svg"}


def test_a_younger_run_of_the_same_evaluation_is_deleted_with_its_nested_runs(database: Path) -> None:
    def another_process() -> None:
        client = mlflow_client()
        experiment = client.get_experiment_by_name("case").experiment_id
        younger = client.create_run(experiment, tags={tracking.EVALUATION: "one"}).info.run_id
        client.create_run(experiment, tags={PARENT: younger})

    run = log_models(MODELS, texts=Meanwhile(another_process, {"a": "b"}))
    assert set(nested(run)) == {"small", "large"}
    assert [each.info.run_id for each in active_runs() if PARENT not in each.data.tags] == [run]


def test_an_older_run_of_the_same_evaluation_stays_and_is_completed(database: Path) -> None:
    older: list[str] = []

    def another_process() -> None:
        if not older:
            client = mlflow_client()
            (ours,) = active_runs()
            experiment, start = ours.info.experiment_id, ours.info.start_time - 1000
            tags = {tracking.EVALUATION: "one"}
            older.append(client.create_run(experiment, start_time=start, tags=tags).info.run_id)
            client.delete_run(ours.info.run_id)

    run = log_models(MODELS, texts=Meanwhile(another_process, {"a": "b"}))
    assert [run] == older
    assert mlflow_client().get_run(run).info.status == "FINISHED"
    assert set(nested(run)) == {"small", "large"}
    assert len(active_runs()) == 3


def test_a_deleted_experiment_is_restored_with_its_runs(database: Path, caplog: pytest.LogCaptureFixture) -> None:
    first = log_run(score=1.0)
    client = mlflow_client()
    experiment = client.get_run(first).info.experiment_id
    client.delete_experiment(experiment)
    second = log_run("another", score=2.0)
    assert {run.info.run_id for run in client.search_runs([experiment])} == {first, second}
    assert "experiment case was deleted: it is restored, with its runs" in caplog.text


def test_a_database_that_can_not_be_used_is_named_with_what_to_do(state: Path) -> None:
    tracking.folder().mkdir()
    (tracking.folder() / "mlflow.db").write_text("not a database, but long enough to look like one " * 99)
    with pytest.raises(Unreachable, match=r"mlflow\.db: expected a database .*Move the file away"):
        log_run()


def test_an_error_of_mlflow_states_that_the_models_are_kept(database: Path) -> None:
    with pytest.raises(Unreachable, match=r"expected it to log the run, found: .*The trained models are kept"):
        log_models([], metrics={"a bad name?!": 1.0})


def test_a_full_disk_is_named(state: Path) -> None:
    from mlflow.exceptions import MlflowException

    with pytest.raises(StorageFull), tracking.explained():
        raise MlflowException("(sqlite3.OperationalError) database or disk is full")


def test_on_aws_a_use_case_s_artefacts_are_below_its_own_prefix(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    platform()  # of the offline cloud, read before the profile changes
    monkeypatch.setenv(profile.VARIABLE, "aws")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    store = f"s3://{bucket.replace('-data-', '-artefacts-')}/mlflow/student_grades"
    assert tracking.artefacts("student_grades") == store
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://mlflow.example.org")
    assert tracking.artefacts("student_grades") is None
