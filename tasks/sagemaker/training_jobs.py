"""Runs training jobs to their end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from config.profile import active_profile
from tasks import clients, scripts, storage
from tasks.platform import platform
from tasks.sagemaker.job_kinds import TRAINING
from tasks.sagemaker.network import vpc_config
from tasks.sagemaker.running_jobs import Request, run_to_end
from tasks.sagemaker.tags import job_tags, labels
from tasks.sagemaker.training_metrics import metrics_of

CODE = "code"
"""The input channel that our own image takes the scripts from. AWS's image downloads them itself."""


@dataclass(frozen=True)
class FinishedTrainingJob:
    """The results of a completed training job."""

    name: str
    arn: str
    model_uri: str
    metrics: dict[str, float]
    seconds: float
    reused: bool
    """Whether an earlier job with the same request was reused."""


def run_training_job(
    prefix: str,
    *,
    use_case: str,
    source_dir: str,
    program: str,
    channels: Mapping[str, str],
    hyperparameters: Mapping[str, Any],
    metrics: Sequence[str],
    required: Sequence[str] = (),
    output: str,
    tags: Mapping[str, str],
    fresh: bool = False,
) -> FinishedTrainingJob:
    """Run a script-mode training job with the use case's role, and wait for its end.

    The job's name begins with `prefix`. A completed job with the same request is reused while its model is in S3; a
    running one is awaited; `fresh` always creates one. `metrics` are names in metrics.json of the job's output, or in
    log lines such as `name=0.5;`. `tags` must have `use-case`. Raises JobFailed unless the job ends `Completed` with a
    finite value of each `required` metric, and Cancelled when the run is cancelled.
    """
    profile, tags = active_profile(), job_tags(tags)
    content = {
        "image": platform().image(profile.image),
        "program": program,
        "source_dir": source_dir,
        "channels": {**channels, **({CODE: source_dir} if profile.own_image else {})},
        "hyperparameters": {key: str(value) for key, value in hyperparameters.items()},
        "metrics": list(metrics),
        "instance": [profile.jobs.instance_type, profile.jobs.instance_count],
        "output": output,
    }
    request = Request(
        kind=TRAINING,
        prefix=prefix,
        decides=content,
        tags=tags,
        create=partial(_create, content=content, use_case=use_case, tags=tags),
        is_intact=lambda job: storage.exists(job["ModelArtifacts"]["S3ModelArtifacts"]),
    )
    ended = run_to_end(request, fresh)
    return FinishedTrainingJob(
        name=ended.name,
        arn=TRAINING.arn(ended.job),
        model_uri=ended.job["ModelArtifacts"]["S3ModelArtifacts"],
        metrics=metrics_of(ended.job, metrics, required),
        seconds=(ended.job["TrainingEndTime"] - ended.job["CreationTime"]).total_seconds(),
        reused=ended.reused,
    )


def _create(name: str, content: Mapping[str, Any], use_case: str, tags: Mapping[str, str]) -> None:
    from sagemaker.core import shapes
    from sagemaker.core.resources import TrainingJob

    profile = active_profile()
    instance_type, instance_count = content["instance"]
    TrainingJob.create(
        training_job_name=name,
        role_arn=platform().role("job", use_case),
        algorithm_specification=_algorithm(content["image"], content["metrics"]),
        hyper_parameters={
            "sagemaker_program": content["program"],
            **({} if CODE in content["channels"] else {"sagemaker_submit_directory": content["source_dir"]}),
            **content["hyperparameters"],
        },
        input_data_config=[_channel(channel, uri) for channel, uri in content["channels"].items()],
        output_data_config=shapes.OutputDataConfig(s3_output_path=content["output"], kms_key_id=platform().data_key),
        resource_config=shapes.ResourceConfig(
            instance_type=instance_type,
            instance_count=instance_count,
            volume_size_in_gb=profile.jobs.volume_size_in_gb,
            volume_kms_key_id=platform().data_key,
        ),
        vpc_config=vpc_config(),
        stopping_condition=shapes.StoppingCondition(max_runtime_in_seconds=profile.jobs.max_runtime_in_seconds),
        environment=scripts.ENVIRONMENT,
        tags=labels(tags),
        session=clients.session(),
        region=profile.region,
    )


def _algorithm(image: str, metrics: Sequence[str]) -> Any:
    from sagemaker.core import shapes

    definitions = [shapes.MetricDefinition(name=metric, regex=rf"{metric}=([-+0-9.eE]+);") for metric in metrics]
    return shapes.AlgorithmSpecification(
        training_image=image, training_input_mode="File", metric_definitions=definitions
    )


def _channel(name: str, uri: str) -> Any:
    from sagemaker.core import shapes

    source = shapes.S3DataSource(s3_data_type="S3Prefix", s3_uri=uri, s3_data_distribution_type="FullyReplicated")
    return shapes.Channel(channel_name=name, data_source=shapes.DataSource(s3_data_source=source))
