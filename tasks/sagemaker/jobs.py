"""Runs training and processing jobs to their end."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from botocore.exceptions import ClientError

from config.errors import JobFailed
from config.profile import active_profile
from tasks import cancellation, clients
from tasks.platform import platform
from tasks.sagemaker.network import vpc_config
from tasks.sagemaker.tags import labels

CODE = "/opt/ml/processing/input/code"
INPUT = "/opt/ml/processing/input"
OUTPUT = "/opt/ml/processing/output"


@dataclass(frozen=True)
class FinishedJob:
    """What a completed job says of itself."""

    arn: str
    model_uri: str
    metrics: dict[str, float]
    seconds: float


def run_training_job(
    name: str,
    *,
    use_case: str,
    source_dir: str,
    program: str,
    channels: Mapping[str, str],
    hyperparameters: Mapping[str, Any],
    metrics: Sequence[str],
    output: str,
    tags: Mapping[str, str],
) -> FinishedJob:
    """Run a script-mode training job to its end, in the use case's own role.

    `metrics` names lines like `name=0.5;` in its log. Raises JobFailed unless it ends `Completed`.
    """
    from sagemaker.core import shapes
    from sagemaker.core.resources import TrainingJob

    profile = active_profile()
    _refuse_if_cancelled(name)
    TrainingJob.create(
        training_job_name=name,
        role_arn=platform().role("job", use_case),
        algorithm_specification=_algorithm(profile.image, metrics),
        hyper_parameters={
            "sagemaker_program": program,
            "sagemaker_submit_directory": source_dir,
            **{key: str(value) for key, value in hyperparameters.items()},
        },
        input_data_config=[_channel(name, uri) for name, uri in channels.items()],
        output_data_config=shapes.OutputDataConfig(s3_output_path=output, kms_key_id=platform().data_key),
        resource_config=shapes.ResourceConfig(
            instance_type=profile.jobs.instance_type,
            instance_count=profile.jobs.instance_count,
            volume_size_in_gb=profile.jobs.volume_size_in_gb,
            volume_kms_key_id=platform().data_key,
        ),
        vpc_config=vpc_config(),
        stopping_condition=shapes.StoppingCondition(max_runtime_in_seconds=profile.jobs.max_runtime_in_seconds),
        tags=labels(tags),
        session=clients.session(),
        region=profile.region,
    )
    done = _finish("training", name)
    return FinishedJob(
        arn=done["TrainingJobArn"],
        model_uri=done["ModelArtifacts"]["S3ModelArtifacts"],
        metrics={metric["MetricName"]: float(metric["Value"]) for metric in done.get("FinalMetricDataList", [])},
        seconds=(done["TrainingEndTime"] - done["CreationTime"]).total_seconds(),
    )


def run_processing_job(
    name: str,
    *,
    use_case: str,
    program: str,
    source_dir: str,
    inputs: Mapping[str, str],
    arguments: Sequence[str],
    output: str,
    tags: Mapping[str, str],
) -> str:
    """Run a script as a processing job to its end and return the job's ARN.

    Each of `inputs` is downloaded to INPUT/<its name>, `source_dir` to CODE, and what the script leaves in OUTPUT is
    stored at `output`. Raises JobFailed unless it ends `Completed`.
    """
    from sagemaker.core import shapes
    from sagemaker.core.resources import ProcessingJob

    profile = active_profile()
    unpack_and_run = f'cd {CODE} && tar -xzf *.tar.gz && exec python3 {program} "$@"'
    ProcessingJob.create(
        processing_job_name=name,
        role_arn=platform().role("job", use_case),
        app_specification=shapes.AppSpecification(
            image_uri=profile.image,
            container_entrypoint=["/bin/bash", "-c", unpack_and_run, program],
            container_arguments=list(arguments),
        ),
        processing_inputs=[_processing_input(key, uri) for key, uri in {"code": source_dir, **inputs}.items()],
        processing_output_config=_processing_output(output),
        processing_resources=shapes.ProcessingResources(
            cluster_config=shapes.ProcessingClusterConfig(
                instance_type=profile.jobs.instance_type,
                instance_count=1,
                volume_size_in_gb=profile.jobs.volume_size_in_gb,
                volume_kms_key_id=platform().data_key,
            )
        ),
        network_config=_network_config(),
        stopping_condition=shapes.ProcessingStoppingCondition(
            max_runtime_in_seconds=profile.jobs.max_runtime_in_seconds
        ),
        tags=labels(tags),
        session=clients.session(),
        region=profile.region,
    )
    return str(_finish("processing", name)["ProcessingJobArn"])


def _algorithm(image: str, metrics: Sequence[str]) -> Any:
    from sagemaker.core import shapes

    definitions = [shapes.MetricDefinition(name=metric, regex=rf"{metric}=([-+0-9.eE]+);") for metric in metrics]
    return shapes.AlgorithmSpecification(
        training_image=image, training_input_mode="File", metric_definitions=definitions
    )


def _network_config() -> Any:
    from sagemaker.core import shapes

    inside = vpc_config()
    return shapes.NetworkConfig(vpc_config=inside) if inside else None


def _channel(name: str, uri: str) -> Any:
    from sagemaker.core import shapes

    source = shapes.S3DataSource(s3_data_type="S3Prefix", s3_uri=uri, s3_data_distribution_type="FullyReplicated")
    return shapes.Channel(channel_name=name, data_source=shapes.DataSource(s3_data_source=source))


def _processing_input(name: str, uri: str) -> Any:
    from sagemaker.core import shapes

    source = shapes.ProcessingS3Input(
        s3_uri=uri, s3_data_type="S3Prefix", s3_input_mode="File", local_path=f"{INPUT}/{name}"
    )
    return shapes.ProcessingInput(input_name=name, s3_input=source)


def _processing_output(uri: str) -> Any:
    from sagemaker.core import shapes

    target = shapes.ProcessingS3Output(s3_uri=uri, local_path=OUTPUT, s3_upload_mode="EndOfJob")
    return shapes.ProcessingOutputConfig(
        outputs=[shapes.ProcessingOutput(output_name="output", s3_output=target)], kms_key_id=platform().data_key
    )


def _refuse_if_cancelled(name: str) -> None:
    if cancellation.requested.is_set():
        raise JobFailed(f"{name}: not started: cancellation was requested")


def _finish(kind: Literal["training", "processing"], name: str) -> dict[str, Any]:
    """Wait for a job and return its last description. Raises JobFailed unless it ends `Completed`.

    The SDK's own `wait` polls in whole seconds and draws over other jobs' progress; its `refresh` uses a client of its
    own, without the profile's retries and without `tasks.connection`.
    """
    deadline = datetime.now(UTC) + timedelta(seconds=2 * active_profile().jobs.max_runtime_in_seconds)
    status = f"{kind.title()}JobStatus"
    while (job := _call("describe", kind, name))[status] in ("InProgress", "Stopping"):
        if cancellation.requested.is_set():
            _call("stop", kind, name)
            raise JobFailed(f"{kind} job {name}: stopped on request")
        if datetime.now(UTC) > deadline:
            raise JobFailed(f"{kind} job {name}: expected an end by {deadline:%H:%M:%S} UTC, found {job[status]}")
        time.sleep(active_profile().poll_seconds)
    if job[status] != "Completed":
        reason = job.get("FailureReason", "no reason given")
        raise JobFailed(f"{kind} job {name}: expected Completed, found {job[status]}: {reason}")
    return job


def _call(verb: Literal["describe", "stop"], kind: str, name: str) -> dict[str, Any]:
    action = getattr(clients.sagemaker(), f"{verb}_{kind}_job")
    try:
        return dict(action(**{f"{kind.title()}JobName": name}))
    except ClientError as error:
        found = error.response["Error"]["Message"]
        raise JobFailed(f"{kind} job {name}: expected SageMaker to {verb} it, found: {found}. Run again") from error
