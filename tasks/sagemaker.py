"""The one module that calls SageMaker: jobs, the model registry, endpoints.

By `sagemaker.core` resources, which raise for a shape that the API does not know; by boto3 for the registry (there
`ModelPackage.create` reads a field that the API does not return) and for invoking endpoints.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

from config.errors import InvalidRows, JobFailed
from config.profile import active_profile
from tasks import clients

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import ModelPackageContainerDefinitionTypeDef

CODE = "/opt/ml/processing/input/code"
INPUT = "/opt/ml/processing/input"
OUTPUT = "/opt/ml/processing/output"

SERVING = {
    "SAGEMAKER_PROGRAM": "inference.py",
    "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
}
"""Without these the XGBoost container serves in algorithm mode."""


@dataclass(frozen=True)
class FinishedJob:
    """What a completed job says of itself."""

    arn: str
    model_uri: str
    metrics: dict[str, float]
    seconds: float


def train(
    name: str,
    *,
    source_dir: str,
    program: str,
    channels: Mapping[str, str],
    hyperparameters: Mapping[str, Any],
    metrics: Sequence[str],
    output: str,
    tags: Mapping[str, str],
) -> FinishedJob:
    """Run a script-mode training job to its end.

    `metrics` names lines like `name=0.5;` in its log. Raises JobFailed unless it ends `Completed`.
    """
    from sagemaker.core import shapes
    from sagemaker.core.resources import TrainingJob

    profile = active_profile()
    job = TrainingJob.create(
        training_job_name=name,
        role_arn=profile.role_arn,
        algorithm_specification=shapes.AlgorithmSpecification(
            training_image=profile.image,
            training_input_mode="File",
            metric_definitions=[
                shapes.MetricDefinition(name=metric, regex=rf"{metric}=([-+0-9.eE]+);") for metric in metrics
            ],
        ),
        hyper_parameters={
            "sagemaker_program": program,
            "sagemaker_submit_directory": source_dir,
            **{key: str(value) for key, value in hyperparameters.items()},
        },
        input_data_config=[
            shapes.Channel(
                channel_name=channel,
                data_source=shapes.DataSource(
                    s3_data_source=shapes.S3DataSource(
                        s3_data_type="S3Prefix", s3_uri=uri, s3_data_distribution_type="FullyReplicated"
                    )
                ),
            )
            for channel, uri in channels.items()
        ],
        output_data_config=shapes.OutputDataConfig(s3_output_path=output),
        resource_config=shapes.ResourceConfig(
            instance_type=profile.jobs.instance_type,
            instance_count=profile.jobs.instance_count,
            volume_size_in_gb=profile.jobs.volume_size_in_gb,
        ),
        stopping_condition=shapes.StoppingCondition(max_runtime_in_seconds=profile.jobs.max_runtime_in_seconds),
        tags=_labels(tags),
        session=clients.session(),
        region=profile.region,
    )
    done = _finish(job, "training job", name, lambda: job.training_job_status)
    return FinishedJob(
        arn=done.training_job_arn,
        model_uri=done.model_artifacts.s3_model_artifacts,
        metrics={m.metric_name: float(m.value) for m in done.final_metric_data_list or []},
        seconds=(done.training_end_time - done.creation_time).total_seconds(),
    )


def process(
    name: str,
    *,
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
    job = ProcessingJob.create(
        processing_job_name=name,
        role_arn=profile.role_arn,
        app_specification=shapes.AppSpecification(
            image_uri=profile.image,
            container_entrypoint=["/bin/bash", "-c", unpack_and_run, program],
            container_arguments=list(arguments),
        ),
        processing_inputs=[
            shapes.ProcessingInput(
                input_name=key,
                s3_input=shapes.ProcessingS3Input(
                    s3_uri=uri, s3_data_type="S3Prefix", s3_input_mode="File", local_path=f"{INPUT}/{key}"
                ),
            )
            for key, uri in {"code": source_dir, **inputs}.items()
        ],
        processing_output_config=shapes.ProcessingOutputConfig(
            outputs=[
                shapes.ProcessingOutput(
                    output_name="output",
                    s3_output=shapes.ProcessingS3Output(s3_uri=output, local_path=OUTPUT, s3_upload_mode="EndOfJob"),
                )
            ]
        ),
        processing_resources=shapes.ProcessingResources(
            cluster_config=shapes.ProcessingClusterConfig(
                instance_type=profile.jobs.instance_type,
                instance_count=1,
                volume_size_in_gb=profile.jobs.volume_size_in_gb,
            )
        ),
        stopping_condition=shapes.ProcessingStoppingCondition(
            max_runtime_in_seconds=profile.jobs.max_runtime_in_seconds
        ),
        tags=_labels(tags),
        session=clients.session(),
        region=profile.region,
    )
    return str(_finish(job, "processing job", name, lambda: job.processing_job_status).processing_job_arn)


def _finish(job: Any, kind: str, name: str, status: Callable[[], str]) -> Any:
    """Wait for a job: its own `wait` polls in whole seconds and draws over other jobs' progress."""
    deadline = datetime.now(UTC) + timedelta(seconds=2 * active_profile().jobs.max_runtime_in_seconds)
    while status() in ("InProgress", "Stopping"):
        if datetime.now(UTC) > deadline:
            raise JobFailed(f"{kind} {name}: expected an end by {deadline:%H:%M:%S} UTC, found {status()}")
        time.sleep(active_profile().poll_seconds)
        job.refresh()
    if status() != "Completed":
        reason = job.failure_reason or "no reason given"
        raise JobFailed(f"{kind} {name}: expected Completed, found {status()}: {reason}")
    return job


def _labels(tags: Mapping[str, str]) -> list[Any]:
    """As dictionaries: `TrainingJob.create` wants another `Tag` than the other resources do."""
    return [{"key": key, "value": value} for key, value in tags.items()]


def ensure_group(name: str, description: str) -> None:
    """Create the model package group unless it is there."""
    try:
        clients.sagemaker().describe_model_package_group(ModelPackageGroupName=name)
    except ClientError:
        clients.sagemaker().create_model_package_group(
            ModelPackageGroupName=name, ModelPackageGroupDescription=description
        )


def champion(group: str) -> dict[str, Any] | None:
    """Describe the newest approved package of a group, or return None while there is none."""
    try:
        found = clients.sagemaker().list_model_packages(
            ModelPackageGroupName=group,
            ModelApprovalStatus="Approved",
            SortBy="CreationTime",
            SortOrder="Descending",
            MaxResults=1,
        )["ModelPackageSummaryList"]
    except ClientError as error:
        if error.response["Error"]["Code"] in ("ValidationException", "ResourceNotFound"):
            return None  # the group is not there yet
        raise
    return describe_package(found[0]["ModelPackageArn"]) if found else None


def describe_package(arn: str) -> dict[str, Any]:
    """Describe a model package."""
    return dict(clients.sagemaker().describe_model_package(ModelPackageName=arn))


def create_package(
    group: str,
    *,
    description: str,
    model_uri: str,
    approved: bool,
    reason: str,
    evaluation_uri: str,
    facts: Mapping[str, str],
) -> str:
    """Register a version and return its ARN."""
    profile = active_profile()
    container: ModelPackageContainerDefinitionTypeDef = {
        "Image": profile.image,
        "ModelDataUrl": model_uri,
        "Environment": SERVING,
    }
    status: Literal["Approved", "Rejected"] = "Approved" if approved else "Rejected"
    created = clients.sagemaker().create_model_package(
        ModelPackageGroupName=group,
        ModelPackageDescription=description,
        InferenceSpecification={
            "Containers": [container],
            "SupportedContentTypes": ["application/json", "text/csv"],
            "SupportedResponseMIMETypes": ["application/json", "text/csv"],
        },
        ModelMetrics={"ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": evaluation_uri}}},
        ModelApprovalStatus=status,
        CustomerMetadataProperties=dict(facts),
    )
    arn = created["ModelPackageArn"]
    clients.sagemaker().update_model_package(
        ModelPackageArn=arn,
        ModelApprovalStatus=status,
        ApprovalDescription=reason[:1024],
    )
    return arn


def endpoint_status(name: str) -> dict[str, Any] | None:
    """Describe an endpoint, or return None when there is none of this name."""
    try:
        return dict(clients.sagemaker().describe_endpoint(EndpointName=name))
    except ClientError as error:
        if "could not find" in error.response["Error"]["Message"].lower():
            return None
        raise


def ensure_model(name: str, package_arn: str, variant: str, tags: Mapping[str, str]) -> None:
    """Create the model of a package, and the endpoint configuration of the same name, unless they are there."""
    from sagemaker.core import shapes
    from sagemaker.core.resources import EndpointConfig, Model

    profile = active_profile()
    where = {"session": clients.session(), "region": profile.region}
    if not _exists(lambda: clients.sagemaker().describe_model(ModelName=name)):
        Model.create(
            model_name=name,
            containers=[shapes.ContainerDefinition(model_package_name=package_arn)],
            execution_role_arn=profile.role_arn,
            tags=_labels(tags),
            **where,
        )
    if not _exists(lambda: clients.sagemaker().describe_endpoint_config(EndpointConfigName=name)):
        EndpointConfig.create(
            endpoint_config_name=name,
            production_variants=[
                shapes.ProductionVariant(
                    variant_name=variant,
                    model_name=name,
                    instance_type=profile.endpoint.instance_type,
                    initial_instance_count=profile.endpoint.initial_instance_count,
                    initial_variant_weight=1.0,
                )
            ],
            tags=_labels(tags),
            **where,
        )


def _exists(describe: Callable[[], Any]) -> bool:
    try:
        describe()
    except ClientError as error:
        if error.response["Error"]["Code"] in ("ValidationException", "ResourceNotFound"):
            return False
        raise
    return True


def put_endpoint(name: str, config: str, tags: Mapping[str, str]) -> dict[str, Any]:
    """Make the endpoint serve `config`, creating or updating it, and wait until it is `InService`.

    An endpoint that failed before is made anew. Raises JobFailed when it does not come up.
    """
    from sagemaker.core.resources import Endpoint

    found = endpoint_status(name)
    if found and found["EndpointStatus"] == "Failed":
        clients.sagemaker().delete_endpoint(EndpointName=name)
        found = _wait_while(name, ("Failed", "Deleting"))
    if found is None:
        Endpoint.create(
            endpoint_name=name,
            endpoint_config_name=config,
            tags=_labels(tags),
            session=clients.session(),
            region=active_profile().region,
        )
    elif found["EndpointConfigName"] != config:
        _wait_while(name, ("Creating", "Updating"))
        clients.sagemaker().update_endpoint(EndpointName=name, EndpointConfigName=config)
    ready = _wait_while(name, ("Creating", "Updating", "SystemUpdating", "RollingBack"))
    if ready is None or ready["EndpointStatus"] != "InService":
        status = ready["EndpointStatus"] if ready else "nothing"
        reason = (ready or {}).get("FailureReason", "no reason given")
        raise JobFailed(f"endpoint {name}: expected InService, found {status}: {reason}")
    if ready["EndpointConfigName"] != config:
        reason = ready.get("FailureReason", "no reason given")
        raise JobFailed(
            f"endpoint {name}: expected it to serve {config}, found {ready['EndpointConfigName']}: {reason}"
        )
    return ready


def _wait_while(name: str, states: Sequence[str]) -> dict[str, Any] | None:
    while (found := endpoint_status(name)) and found["EndpointStatus"] in states:
        time.sleep(active_profile().poll_seconds)
    return found


def invoke(name: str, body: bytes, content_type: str, accept: str) -> bytes:
    """Send one request to an endpoint and return the answer's body.

    Raises InvalidRows with what the model said when it refuses the request, and JobFailed for any other failure.
    """
    runtime = clients.sagemaker_runtime()
    try:
        answer = runtime.invoke_endpoint(EndpointName=name, Body=body, ContentType=content_type, Accept=accept)
    except ClientError as error:
        model_said: dict[str, Any] = dict(error.response)
        if 400 <= model_said.get("OriginalStatusCode", 0) < 500:
            raise InvalidRows(model_said["OriginalMessage"]) from error
        raise JobFailed(f"endpoint {name}: {error}") from error
    return answer["Body"].read()
