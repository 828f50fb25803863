"""Runs training jobs to their end."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from config.profile import active_profile
from tasks import clients, storage
from tasks.platform import platform
from tasks.sagemaker.job_kinds import TRAINING
from tasks.sagemaker.network import vpc_config
from tasks.sagemaker.running_jobs import Request, run_to_end
from tasks.sagemaker.tags import job_tags, labels
from tasks.sagemaker.training_metrics import metrics_of
from tasks.sagemaker.training_requests import TrainingRequest


@dataclass(frozen=True)
class FinishedTrainingJob:
    """The results of a completed training job."""

    name: str
    arn: str
    model_uri: str
    metrics: dict[str, float]
    seconds: float
    """From its creation to its end."""
    billed_seconds: int
    """The seconds that AWS bills for each instance; with spot instances, after the savings."""
    reused: bool
    """Whether an earlier job with the same request was reused."""


def run_training_job(prefix: str, *, fresh: bool = False, **described: Any) -> FinishedTrainingJob:
    """Run a script-mode training job with the use case's role, and wait for its end.

    The job's name begins with `prefix`. `described` are the fields of a TrainingRequest; its `tags` must have
    `use-case`. A completed job with the same request is reused while its model is in S3; a running one is awaited;
    `fresh` always creates one. Raises JobFailed unless the job ends `Completed` with a finite value of each `required`
    metric, and Cancelled when the run is cancelled.
    """
    wanted = TrainingRequest(**described)
    request = Request(
        kind=TRAINING,
        prefix=prefix,
        decides=wanted.content,
        tags=(tags := job_tags(wanted.tags)),
        create=partial(_create, wanted=wanted, tags=tags),
        is_intact=has_model,
    )
    ended = run_to_end(request, fresh)
    return finished(ended.job, wanted.metrics, wanted.required, reused=ended.reused)


def has_model(job: dict[str, Any]) -> bool:
    """Whether a training job's model is in S3."""
    return storage.exists(job["ModelArtifacts"]["S3ModelArtifacts"])


def finished(
    job: dict[str, Any], metrics: Sequence[str], required: Sequence[str], *, reused: bool
) -> FinishedTrainingJob:
    """The results of a completed job, from its description. Raises JobFailed without a `required` metric."""
    return FinishedTrainingJob(
        name=TRAINING.name(job),
        arn=TRAINING.arn(job),
        model_uri=job["ModelArtifacts"]["S3ModelArtifacts"],
        metrics=metrics_of(job, metrics, required),
        seconds=(job["TrainingEndTime"] - job["CreationTime"]).total_seconds(),
        billed_seconds=int(job.get("BillableTimeInSeconds", 0)),
        reused=reused,
    )


def _create(name: str, wanted: TrainingRequest, tags: dict[str, str]) -> None:
    from sagemaker.core import shapes
    from sagemaker.core.resources import TrainingJob

    TrainingJob.create(
        training_job_name=name,
        algorithm_specification=shapes.AlgorithmSpecification(
            training_image=platform().image(active_profile().image),
            training_input_mode="File",
            metric_definitions=wanted.definitions,
        ),
        hyper_parameters=wanted.fixed,
        vpc_config=vpc_config(),
        tags=labels(tags),
        session=clients.session(),
        region=active_profile().region,
        **wanted.shared(name),
    )
