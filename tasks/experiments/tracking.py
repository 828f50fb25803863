"""Connects to MLflow, and logs evaluations."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from config import settings
from config.errors import NoPlatform, Unreachable
from config.profile import active_profile
from tasks import locations
from tasks.connection import full_disk
from tasks.experiments.runs import PARENT, Runs
from tasks.experiments.tracking_server import OVERRIDE, why_untracked
from tasks.migrations import migrate_once
from tasks.platform import platform
from tasks.progress import log
from tasks.references import TrainedModel

EVALUATION = "evaluation"
"""The tag of a run for the id of its evaluation."""
CANDIDATE = "training_job_arn"
"""The tag of a nested run for its training job."""
RUN_AGAIN = "The trained models are kept. Run the stage register again when it answers"


def log_run(
    use_case: str,
    evaluation: str,
    *,
    name: str,
    models: Sequence[TrainedModel],
    metrics: Mapping[str, float],
    texts: Mapping[str, str],
    tags: Mapping[str, str],
) -> str | None:
    """Return the id of the run that logs an evaluation, with a nested run for each candidate; None without MLflow.

    `evaluation` is the id of the evaluation: an existing MLflow run is found, and completed if it is incomplete.
    `texts` has its artefacts by path. If two processes create a run at the same time, the older one is kept. Raises
    Unreachable when MLflow does not answer or refuses, and StorageFull.
    """
    if why_untracked():
        return None
    with explained():
        client = connect()
        runs = Runs(client, experiment(client, use_case), {EVALUATION: evaluation})

        def fill(run: Any) -> None:
            _log_metrics(client, run, metrics)
            for path, text in texts.items():
                client.log_text(run.info.run_id, text, path)
            for model in models:
                _log_candidate(client, run, model)

        return runs.ensure_one(name, tags, fill)


def _log_metrics(client: Any, run: Any, metrics: Mapping[str, float]) -> None:
    """Log the metrics at the run's start time. MLflow stores equal points once, so a repeated call adds none."""
    for name, value in metrics.items():
        client.log_metric(run.info.run_id, name, value, timestamp=run.info.start_time)


@contextmanager
def explained(expected: str = "log the run", remedy: str = RUN_AGAIN) -> Iterator[None]:
    """Raise an error of MLflow in the body as StorageFull or Unreachable, which name what was expected of MLflow."""
    from mlflow.exceptions import MlflowException

    try:
        yield
    except MlflowException as error:
        raise full_disk(str(error)) or Unreachable(
            f"MLflow at {tracking_uri()}: expected it to {expected}, found: {str(error).splitlines()[0]}. {remedy}"
        ) from error


def _log_candidate(client: Any, parent: Any, model: TrainedModel) -> None:
    def fill(run: Any) -> None:
        for name, value in {"algorithm": model.algorithm, **model.hyperparameters}.items():
            client.log_param(run.info.run_id, name, value)
        metrics = {name.replace(":", "_"): value for name, value in model.metrics.items()}
        _log_metrics(client, run, {**metrics, "seconds": model.seconds})

    runs = Runs(client, parent.info.experiment_id, {PARENT: parent.info.run_id, CANDIDATE: model.job_arn})
    name = f"{model.candidate} (refit)" if model.refit_of else model.candidate
    runs.ensure_one(name, {"model_uri": model.model_uri}, fill)


def tag_run(run: str, tags: Mapping[str, str]) -> None:
    """Add tags to an existing run. Raises the errors of `log_run`."""
    with explained():
        client = connect()
        for name, value in tags.items():
            _set_tag(client, run, name, value)


def _set_tag(client: Any, run: str, name: str, value: str) -> None:
    from mlflow.exceptions import MlflowException

    try:
        client.set_tag(run, name, value)
    except MlflowException:
        if name not in client.get_run(run).data.tags:
            raise
        client.set_tag(run, name, value)  # another process has added the tag meanwhile


def tracking_uri() -> str:
    """Return MLflow's tracking URI: a SQLite file, or the ARN of the environment's SageMaker tracking server.

    On AWS, MLflow's own environment variable takes precedence. Raises NoPlatform when neither exists.
    """
    if active_profile().experiments == "files":
        return _database_uri()
    if uri := os.environ.get(OVERRIDE) or platform().tracking_server:
        return uri
    raise NoPlatform(f"MLflow: {why_untracked()}")


def prepare_database(uri: str) -> None:
    """Create or upgrade the SQLite database of a tracking URI, in one process at a time. Other URIs need nothing.

    Raises Unreachable when the database is from a newer MLflow or can't be written, and StorageFull.
    """
    if uri != _database_uri():
        return
    import mlflow
    from alembic.util import CommandError
    from mlflow.db import upgrade
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    database = folder() / "mlflow.db"
    try:
        migrate_once(database, mlflow.__version__, lambda: upgrade.main([uri], standalone_mode=False))
    except (MlflowException, SQLAlchemyError, CommandError) as error:
        raise full_disk(str(error)) or Unreachable(
            f"{database}: expected a database that MLflow {mlflow.__version__} can create or upgrade; found: "
            f"{str(error).splitlines()[0]}. Move the file away, or install the MLflow that wrote it"
        ) from error


def connect() -> Any:
    """Return a client of the profile's MLflow. Offline, its database is created or upgraded."""
    from mlflow import MlflowClient  # takes seconds to import

    prepare_database(tracking_uri())
    return MlflowClient(tracking_uri=tracking_uri())


def experiment(client: Any, name: str) -> str:
    """Return the id of a use case's experiment. It is created, or restored if it was deleted."""
    from mlflow.exceptions import MlflowException

    if found := client.get_experiment_by_name(name):
        if found.lifecycle_stage == "deleted":
            client.restore_experiment(found.experiment_id)
            log.info("mlflow    experiment %s was deleted: it is restored, with its runs", name)
        return str(found.experiment_id)
    try:
        return str(client.create_experiment(name, artifact_location=artefacts(name)))
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
        return experiment(client, name)  # another process has created it meanwhile


def artefacts(use_case: str) -> str | None:
    """Return where the artefacts of a new experiment are stored; None leaves it to the MLflow server.

    MLflow's client writes them itself, and a flow's role writes to the prefix of its use case only.
    """
    if active_profile().experiments == "files":
        return (folder() / "artefacts").as_uri()
    return None if os.environ.get(OVERRIDE) else locations.experiments(use_case)


def _database_uri() -> str:
    return f"sqlite:///{folder() / 'mlflow.db'}"


def folder() -> Path:
    """Return the folder of MLflow's database and artefacts in the offline profile."""
    return settings.STATE / "mlflow"
