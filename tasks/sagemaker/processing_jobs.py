"""Runs processing jobs to their end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from config.profile import active_profile
from tasks import clients, storage
from tasks.platform import platform
from tasks.sagemaker.job_kinds import PROCESSING
from tasks.sagemaker.network import vpc_config
from tasks.sagemaker.running_jobs import Request, run_to_end
from tasks.sagemaker.tags import job_tags, labels

CODE = "/opt/ml/processing/input/code"
INPUT = "/opt/ml/processing/input"
OUTPUT = "/opt/ml/processing/output"
RUN_BY_PYTHON, RUN_BY_SPARK, RUN_AS_USER = "python3", "python3 spark_start.py", "run-as-user python3"
"""What a container starts a program by."""


@dataclass(frozen=True)
class Container:
    """The image of a job, its instances, and how it runs the program."""

    image: str
    instance_type: str
    instance_count: int
    volume_size_in_gb: int
    run: str = RUN_BY_PYTHON


def script_container() -> Container:
    """Return the container of the profile's jobs."""
    profile = active_profile()
    jobs = profile.jobs
    run = RUN_AS_USER if profile.own_image else RUN_BY_PYTHON
    return Container(platform().image(profile.image), jobs.instance_type, 1, jobs.volume_size_in_gb, run)


def spark_container() -> Container:
    """Return the container of Spark jobs, which the profile's `spark` describes."""
    spark = active_profile().spark
    image = platform().spark_image(spark.image)
    return Container(image, spark.instance_type, spark.instance_count, spark.volume_size_in_gb, RUN_BY_SPARK)


@dataclass(frozen=True)
class FinishedProcessingJob:
    """The results of a completed processing job."""

    name: str
    arn: str
    output_uri: str
    seconds: float
    reused: bool
    """Whether an earlier job with the same request was reused."""


def run_processing_job(
    prefix: str,
    *,
    use_case: str,
    program: str,
    source_dir: str,
    inputs: Mapping[str, str],
    arguments: Sequence[str],
    output: str,
    leaves: str = "",
    tags: Mapping[str, str],
    fresh: bool = False,
    container: Container | None = None,
) -> FinishedProcessingJob:
    """Run a script as a processing job with the use case's role, and wait for its end.

    Each of `inputs` is downloaded to INPUT/<its name> and `source_dir` to CODE. The files that the script writes to
    OUTPUT are stored at `output`/<the job's name>. The job's name begins with `prefix`. A completed job with the same
    request is reused while the object `leaves` of its output (by default any) is in S3; a running one is awaited;
    `fresh` always creates one. By default the container is that of the profile's jobs. `tags` must
    have `use-case`. Raises JobFailed unless the job ends `Completed`, and Cancelled when the run is cancelled.
    """
    tags, container = job_tags(tags), container or script_container()
    content: dict[str, Any] = {
        "image": container.image,
        "program": program,
        "source_dir": source_dir,
        "inputs": dict(inputs),
        "arguments": list(arguments),
        "instance": container.instance_type,
        "output": output,
    }
    if container.run != RUN_BY_PYTHON:
        content |= {"run": container.run, "instances": container.instance_count}
    request = Request(
        kind=PROCESSING,
        prefix=prefix,
        decides=content,
        tags=tags,
        create=partial(_create, content=content, container=container, use_case=use_case, tags=tags),
        is_intact=lambda job: storage.exists(f"{output}/{PROCESSING.name(job)}/{leaves}"),
    )
    ended = run_to_end(request, fresh)
    return FinishedProcessingJob(
        name=ended.name,
        arn=PROCESSING.arn(ended.job),
        output_uri=f"{output}/{ended.name}",
        seconds=(ended.job["ProcessingEndTime"] - ended.job["CreationTime"]).total_seconds(),
        reused=ended.reused,
    )


def _create(
    name: str, content: Mapping[str, Any], container: Container, use_case: str, tags: Mapping[str, str]
) -> None:
    from sagemaker.core import shapes
    from sagemaker.core.resources import ProcessingJob

    profile, program = active_profile(), content["program"]
    unpack_and_run = f'cd {CODE} && tar -xzf *.tar.gz && exec {container.run} {program} "$@"'
    inputs = {"code": content["source_dir"], **content["inputs"]}
    ProcessingJob.create(
        processing_job_name=name,
        role_arn=platform().role("job", use_case),
        app_specification=shapes.AppSpecification(
            image_uri=content["image"],
            container_entrypoint=["/bin/bash", "-c", unpack_and_run, program],
            container_arguments=content["arguments"],
        ),
        processing_inputs=[_input(key, uri) for key, uri in inputs.items()],
        processing_output_config=_output(f"{content['output']}/{name}"),
        processing_resources=shapes.ProcessingResources(
            cluster_config=shapes.ProcessingClusterConfig(
                instance_type=content["instance"],
                instance_count=container.instance_count,
                volume_size_in_gb=container.volume_size_in_gb,
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


def _network_config() -> Any:
    from sagemaker.core import shapes

    inside = vpc_config()
    return shapes.NetworkConfig(vpc_config=inside) if inside else None


def _input(name: str, uri: str) -> Any:
    from sagemaker.core import shapes

    source = shapes.ProcessingS3Input(
        s3_uri=uri, s3_data_type="S3Prefix", s3_input_mode="File", local_path=f"{INPUT}/{name}"
    )
    return shapes.ProcessingInput(input_name=name, s3_input=source)


def _output(uri: str) -> Any:
    from sagemaker.core import shapes

    target = shapes.ProcessingS3Output(s3_uri=uri, local_path=OUTPUT, s3_upload_mode="EndOfJob")
    return shapes.ProcessingOutputConfig(
        outputs=[shapes.ProcessingOutput(output_name="output", s3_output=target)], kms_key_id=platform().data_key
    )
