"""What is stored about the making of a registered version: its training jobs and its evaluation job."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config.errors import MissingInput
from config.use_case import UseCase
from tabular.job_settings import FILE
from tasks.champion import TRAINED_BY
from tasks.sagemaker import registry
from tasks.sagemaker.job_kinds import PROCESSING, TRAINING, JobKind

SELECTED = "selected"
"""The channel of a refit that has the model of the winner's own job."""
EVALUATED_BY = "evaluation_job_arn"
"""The metadata key of a package for the ARN of its evaluation job."""


@dataclass(frozen=True)
class Record:
    """How a version was made. Jobs are as SageMaker describes them."""

    arn: str
    model_uri: str
    evaluation_uri: str
    """The address of evaluation.json."""
    facts: Mapping[str, str]
    """The metadata that was stored with the package at registration."""
    training: tuple[dict[str, Any], ...]
    """The winner's own job, then its refit if it has one."""
    evaluation: dict[str, Any]

    @property
    def version(self) -> int:
        """The version in the model registry."""
        return registry.version_of(self.arn)

    @property
    def split_uri(self) -> str:
        """The folder of the split."""
        return self.facts[registry.SPLIT]


def read_record(use_case: UseCase, package: Mapping[str, Any]) -> Record:
    """Read the record of a package. Raises MissingInput when a job or a fact is missing, or is in another environment.

    The package is as SageMaker describes it.
    """
    facts, arn = registry.facts_of(package), str(package["ModelPackageArn"])
    if origin := facts.get(registry.PROMOTED_FROM):
        raise MissingInput(
            f"{arn}: expected a version that was trained in this environment, found one that was promoted from "
            f"{origin}. Its jobs are there: run the command there"
        )
    needed = (TRAINED_BY, EVALUATED_BY, registry.SPLIT, "split_digest")
    if missing := [name for name in needed if not facts.get(name)]:
        raise MissingInput(
            f"{arn}: expected the metadata {', '.join(missing)}, found none: an earlier version of VishwaOps "
            f"registered it. Train it again: vishwaops run lifecycle --use-case {use_case.name} --fresh"
        )
    last = _job(TRAINING, facts[TRAINED_BY], arn)
    selected = channels_of(last).get(SELECTED)
    return Record(
        arn=arn,
        model_uri=registry.model_uri(package),
        evaluation_uri=registry.evaluation_uri(package),
        facts=facts,
        training=(*([_job(TRAINING, job_of(selected), arn)] if selected else []), last),
        evaluation=_job(PROCESSING, facts[EVALUATED_BY], arn),
    )


def _job(kind: JobKind, arn: str, package: str) -> dict[str, Any]:
    name = arn.rpartition("/")[2]
    job = kind.find(name)
    if job is None:
        raise MissingInput(
            f"{package}: expected the {kind.title} {name} of its record, found none: SageMaker does not have it any "
            "more. The version can't be reproduced; a version that is trained now can"
        )
    return job


def channels_of(job: Mapping[str, Any]) -> dict[str, str]:
    """Return the addresses of a training job's channels, by name."""
    found = job.get("InputDataConfig", [])
    return {each["ChannelName"]: each["DataSource"]["S3DataSource"]["S3Uri"] for each in found}


def inputs_of(job: Mapping[str, Any]) -> dict[str, str]:
    """Return the addresses of a processing job's inputs, by name."""
    return {each["InputName"]: each["S3Input"]["S3Uri"] for each in job.get("ProcessingInputs", [])}


def code_of(job: Mapping[str, Any]) -> str | None:
    """Return the address of a job's code archive; None for a job without one."""
    if "ProcessingInputs" in job:
        return inputs_of(job).get("code")
    return job["HyperParameters"].get("sagemaker_submit_directory") or channels_of(job).get("code")


def settings_of(job: Mapping[str, Any]) -> str | None:
    """Return the address of a job's settings; None for a job without them."""
    folder = (channels_of(job) or inputs_of(job)).get("settings")
    return folder and f"{folder}/{FILE}"


def image_of(job: Mapping[str, Any]) -> str:
    """Return the image that a job ran."""
    if "AppSpecification" in job:
        return str(job["AppSpecification"]["ImageUri"])
    return str(job["AlgorithmSpecification"]["TrainingImage"])


def job_of(model_uri: str) -> str:
    """Return the name of the training job that wrote a model: `<output>/<job>/output/model.tar.gz`."""
    return model_uri.split("/")[-3]
