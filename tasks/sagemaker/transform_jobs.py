"""Runs batch transform jobs to their end: each object of a manifest is one request, and gives one object of answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from config.profile import active_profile
from tasks import clients, storage
from tasks.platform import platform
from tasks.sagemaker.job_kinds import TRANSFORM
from tasks.sagemaker.running_jobs import Ended, Request, run_to_end
from tasks.sagemaker.tags import job_tags, tag_list

SUFFIX = ".out"
"""What batch transform adds to the name of an object for that of its answers."""


@dataclass(frozen=True)
class Transform:
    """What a job does: objects of a folder are sent to a model, and its answers are stored in another folder."""

    model: str
    """The name of the model in SageMaker."""
    source: str
    """The folder of the objects."""
    content_type: str
    accept: str
    target: str
    """The folder of the answers."""
    manifests: str
    """The folder of the lists of objects, one for each job."""
    left: Callable[[], Sequence[str]]
    """Returns the names of the objects that have no answers yet."""


def run_transform_job(
    prefix: str, transform: Transform, decides: Mapping[str, Any], tags: Mapping[str, str], instances: int | None = None
) -> Ended:
    """Send the objects without answers to a model, and wait for the end of the job.

    `decides` is what all the answers depend on, as JSON values: two runs at once with equal ones wait for one job, and
    a run after a failed or stopped job sends only what is left. By default the profile has the number of instances.
    Raises JobFailed unless the job ends `Completed`, and Cancelled when the run is cancelled.
    """
    tags = job_tags(tags)
    request = Request(
        kind=TRANSFORM,
        prefix=prefix,
        decides=decides,
        tags=tags,
        create=lambda name: _create(name, transform, tags, instances),
        is_intact=lambda _: not transform.left(),
    )
    return run_to_end(request)


def _create(name: str, transform: Transform, tags: Mapping[str, str], instances: int | None) -> None:
    manifest = f"{transform.manifests}/{name}.json"
    storage.put_json(manifest, [{"prefix": f"{transform.source}/"}, *transform.left()])
    chosen, key = active_profile().transform, platform().data_key
    sagemaker: Any = clients.sagemaker()
    source: Any = {"S3DataSource": {"S3DataType": "ManifestFile", "S3Uri": manifest}}
    encryption = {} if key is None else {"KmsKeyId": key}
    volume = {} if key is None else {"VolumeKmsKeyId": key}
    sagemaker.create_transform_job(
        TransformJobName=name,
        ModelName=transform.model,
        BatchStrategy="SingleRecord",
        MaxConcurrentTransforms=chosen.max_concurrent_transforms,
        MaxPayloadInMB=chosen.max_payload_in_mb,
        TransformInput={"DataSource": source, "ContentType": transform.content_type, "SplitType": "None"},
        TransformOutput={
            "S3OutputPath": transform.target, "Accept": transform.accept, "AssembleWith": "None", **encryption
        },
        TransformResources={
            "InstanceType": chosen.instance_type, "InstanceCount": instances or chosen.instance_count, **volume
        },
        Tags=tag_list(tags),
    )  # fmt: skip
