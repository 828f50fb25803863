"""Runs the jobs of a record again: the same requests, with new names and outputs."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from config.use_case import UseCase
from tasks import clients, locations, names
from tasks.reproduction.record import SELECTED, Record
from tasks.sagemaker.job_kinds import PROCESSING, TRAINING, JobKind
from tasks.sagemaker.running_jobs import Request, run_to_end
from tasks.sagemaker.tags import job_tags, tag_list
from tasks.sagemaker.training_jobs import has_model

OF_TRAINING = (
    "AlgorithmSpecification", "CheckpointConfig", "EnableManagedSpotTraining", "Environment", "HyperParameters",
    "InputDataConfig", "OutputDataConfig", "ResourceConfig", "RoleArn", "StoppingCondition", "VpcConfig",
)  # fmt: skip
OF_PROCESSING = (
    "AppSpecification", "Environment", "NetworkConfig", "ProcessingInputs", "ProcessingOutputConfig",
    "ProcessingResources", "RoleArn", "StoppingCondition",
)  # fmt: skip
"""The members that a job's description and the request that creates it have in common."""
OF_A_SEARCH = "_tuning_objective_metric"
"""The hyperparameter that SageMaker adds to the training jobs of a search."""
CHALLENGER = "challenger"


def train_again(use_case: UseCase, record: Record) -> tuple[dict[str, Any], ...]:
    """Run the training jobs of a record again, in order, and return their descriptions.

    The refit gets the model that the winner's job has now written. Raises the errors of `run_to_end`.
    """
    done: list[dict[str, Any]] = []
    for job in record.training:
        selected = done[-1]["ModelArtifacts"]["S3ModelArtifacts"] if done else None
        done.append(_run(use_case, TRAINING, training_request(job, selected), partial(_create_training, use_case)))
    return tuple(done)


def evaluate_again(use_case: UseCase, record: Record, model_uri: str) -> tuple[dict[str, Any], str]:
    """Run the evaluation of a record for another model. Returns the job's description and evaluation.json's address.

    The held-out rows, the settings and the champion are those of the record.
    """
    request = {name: record.evaluation[name] for name in OF_PROCESSING if name in record.evaluation}
    request["ProcessingInputs"] = [
        _moved(each, "S3Input", model_uri) if each["InputName"] == CHALLENGER else each
        for each in request["ProcessingInputs"]
    ]
    job = _run(use_case, PROCESSING, request, partial(_create_processing, use_case))
    return job, f"{_output(use_case, PROCESSING.name(job))}/evaluation.json"


def training_request(job: Mapping[str, Any], selected: str | None) -> dict[str, Any]:
    """Return the request that creates a described training job again, without its name and tags.

    `selected` is the address of the model that its channel of this name gets instead. A job of a search runs alone.
    """
    request = {name: job[name] for name in OF_TRAINING if name in job}
    request["HyperParameters"] = {key: text for key, text in job["HyperParameters"].items() if key != OF_A_SEARCH}
    request["InputDataConfig"] = [
        {**each, "DataSource": _moved(each["DataSource"], "S3DataSource", selected)}
        if selected and each["ChannelName"] == SELECTED
        else each
        for each in job["InputDataConfig"]
    ]
    return request


def _moved(whole: Mapping[str, Any], member: str, uri: str) -> dict[str, Any]:
    return {**whole, member: {**whole[member], "S3Uri": uri}}


def _run(use_case: UseCase, kind: JobKind, content: dict[str, Any], create: Callable[..., None]) -> dict[str, Any]:
    """Run a new job. `create` gets its name, `content` and its tags."""
    tags = job_tags({"use-case": use_case.name, "stage": "reproduce"})
    request = Request(
        kind=kind,
        prefix=names.repeated_jobs(use_case),
        decides=content,
        tags=tags,
        create=lambda name: create(name, content, tag_list(tags)),
        is_intact=has_model if kind is TRAINING else lambda job: True,
    )
    return run_to_end(request, fresh=True).job


def _create_training(use_case: UseCase, name: str, content: dict[str, Any], tags: list[Any]) -> None:
    checkpoints = content.get("CheckpointConfig")
    if checkpoints:  # those of the recorded job would continue it instead of repeating it
        uri = f"{locations.jobs(use_case.name)}/{name}/checkpoints"
        content = {**content, "CheckpointConfig": {**checkpoints, "S3Uri": uri}}
    clients.sagemaker().create_training_job(TrainingJobName=name, Tags=tags, **content)


def _create_processing(use_case: UseCase, name: str, content: dict[str, Any], tags: list[Any]) -> None:
    config = content["ProcessingOutputConfig"]
    outputs = [_moved(each, "S3Output", _output(use_case, name)) for each in config["Outputs"]]
    moved = {**content, "ProcessingOutputConfig": {**config, "Outputs": outputs}}
    clients.sagemaker().create_processing_job(ProcessingJobName=name, Tags=tags, **moved)


def _output(use_case: UseCase, name: str) -> str:
    return f"{locations.evaluations(use_case.name)}/{name}"
