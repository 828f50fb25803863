"""What a training job runs, and each training job of a tuning job: the parts of the requests that both share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from config.profile import active_profile
from tasks import scripts
from tasks.platform import platform

CODE = "code"
"""The input channel that our own image takes the scripts from. AWS's image downloads them itself."""
CHECKPOINTS = "/opt/ml/checkpoints"
"""The folder that SageMaker keeps in S3 while a job runs (Developer Guide: Checkpoints in Amazon SageMaker AI)."""
LONGEST_WAIT = 2
"""A spot job may wait and run for this many times its longest runtime."""


@dataclass(frozen=True)
class TrainingRequest:
    """A script-mode training job, without its name."""

    use_case: str
    source_dir: str
    program: str
    channels: Mapping[str, str]
    """The S3 address of each input channel."""
    hyperparameters: Mapping[str, Any]
    metrics: Sequence[str]
    """Names in metrics.json of the job's output, or in log lines such as `name=0.5;`."""
    output: str
    tags: Mapping[str, str]
    required: Sequence[str] = ()
    """The metrics without which the job has failed."""
    instances: int = 1
    """The instances of the job. Each of several gets a part of the objects of the channels `sharded`."""
    sharded: Sequence[str] = ()
    spot: bool = False
    """Whether the job uses spot instances, and keeps checkpoints."""

    @property
    def content(self) -> dict[str, Any]:
        """Everything that the job's result depends on, as a JSON value."""
        profile = active_profile()
        return {
            "image": platform().image(profile.image),
            "program": self.program,
            "source_dir": self.source_dir,
            "channels": self._channels,
            "hyperparameters": {key: str(value) for key, value in self.hyperparameters.items()},
            "metrics": list(self.metrics),
            "instance": [profile.jobs.instance_type, self.instances],
            "output": self.output,
            **({"sharded": list(self._sharded)} if self._sharded else {}),
            **({"spot": True} if self.spot else {}),
        }

    @property
    def _channels(self) -> dict[str, str]:
        return {**self.channels, **({CODE: self.source_dir} if active_profile().own_image else {})}

    @property
    def _sharded(self) -> Sequence[str]:
        return self.sharded if self.instances > 1 else ()

    @property
    def seconds(self) -> int:
        """The longest runtime of the job."""
        return active_profile().jobs.max_runtime_in_seconds

    def shared(self, name: str) -> dict[str, Any]:
        """The arguments that `TrainingJob.create` and `HyperParameterTrainingJobDefinition` have in common.

        `name` is the job's. The training jobs of a tuning job share its folder of checkpoints.
        """
        from sagemaker.core import shapes

        profile, key = active_profile(), platform().data_key
        return {
            "role_arn": platform().role("job", self.use_case),
            "input_data_config": [_channel(name, uri, name in self._sharded) for name, uri in self._channels.items()],
            "output_data_config": shapes.OutputDataConfig(s3_output_path=self.output, kms_key_id=key),
            "resource_config": shapes.ResourceConfig(
                instance_type=profile.jobs.instance_type,
                instance_count=self.instances,
                volume_size_in_gb=profile.jobs.volume_size_in_gb,
                volume_kms_key_id=key,
            ),
            "stopping_condition": self._stopping(),
            "environment": scripts.ENVIRONMENT,
            **({"enable_inter_container_traffic_encryption": True} if self.instances > 1 else {}),
            **self._spot(name),
        }

    def _stopping(self) -> Any:
        from sagemaker.core import shapes

        if not self.spot:
            return shapes.StoppingCondition(max_runtime_in_seconds=self.seconds)
        return shapes.StoppingCondition(
            max_runtime_in_seconds=self.seconds, max_wait_time_in_seconds=LONGEST_WAIT * self.seconds
        )

    def _spot(self, name: str) -> dict[str, Any]:
        from sagemaker.core import shapes

        if not self.spot:
            return {}
        uri = f"{self.output}/{name}/checkpoints"
        return {
            "enable_managed_spot_training": True,
            "checkpoint_config": shapes.CheckpointConfig(s3_uri=uri, local_path=CHECKPOINTS),
        }

    @property
    def fixed(self) -> dict[str, str]:
        """The hyperparameters as SageMaker gets them, with those that name the script."""
        content = self.content
        code = {} if CODE in content["channels"] else {"sagemaker_submit_directory": self.source_dir}
        return {"sagemaker_program": self.program, **code, **content["hyperparameters"]}

    @property
    def definitions(self) -> list[Any]:
        """The MetricDefinitions of the metrics."""
        from sagemaker.core import shapes

        return [shapes.MetricDefinition(name=name, regex=rf"{name}=([-+0-9.eE]+);") for name in self.metrics]


def _channel(name: str, uri: str, is_sharded: bool) -> Any:
    from sagemaker.core import shapes

    distribution = "ShardedByS3Key" if is_sharded else "FullyReplicated"
    source = shapes.S3DataSource(s3_data_type="S3Prefix", s3_uri=uri, s3_data_distribution_type=distribution)
    return shapes.Channel(channel_name=name, data_source=shapes.DataSource(s3_data_source=source))
