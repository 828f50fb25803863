"""Runs a training job: download, train, upload, by the contract of AWS's framework containers."""

from __future__ import annotations

import json
import posixpath
import shutil
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sagemaker_local import spot, warm_pools
from sagemaker_local.archives import extract, inside
from sagemaker_local.container.toolkits import PROGRAMS
from sagemaker_local.container.train import CAPTURE_ERROR, decoded
from sagemaker_local.docker import container_environment
from sagemaker_local.errors import JobFailure
from sagemaker_local.executors import transitions
from sagemaker_local.executors.cluster import Cluster
from sagemaker_local.executors.continuous import ContinuousUpload, uploading
from sagemaker_local.executors.environment import base_environment, toolkit_environment
from sagemaker_local.executors.instance_processes import Interrupted, Stopped
from sagemaker_local.executors.jobs import JobRun
from sagemaker_local.executors.launches import JobInstance, Launch
from sagemaker_local.failure_reasons import beginning_of
from sagemaker_local.images import ImageEnvironment
from sagemaker_local.metrics import MetricReader
from sagemaker_local.s3 import ALL, Part
from sagemaker_local.store import Query

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine

_FOLDERS = ("input/config", "input/data", "model", "output/data", "code", "checkpoints")
_DRIVER = "sagemaker_local.container.train"


class TrainingRun(JobRun):
    kind = "TrainingJob"
    log_group = "/aws/sagemaker/TrainingJobs"
    _interrupted = False
    _waited_too_long = False

    def cluster(self) -> Cluster:
        resources = self.record.body["ResourceConfig"]
        self._cluster = Cluster.of(resources.get("InstanceGroups") or [resources])
        return self._cluster

    def run(self) -> None:
        body = self.record.body
        self._metrics = MetricReader(
            body["AlgorithmSpecification"].get("MetricDefinitions", []),
            self.engine.clock,
            self.say,
            self.tools.metrics.of(self.record.name),
        )
        image = self.provide(body["AlgorithmSpecification"]["TrainingImage"], self._explain_start)
        self.check_stop()
        started = body.get("TrainingStartTime", self.engine.clock.now())
        self._enter("Downloading", TrainingStartTime=started)
        for instance in self.instances:
            self._lay_out(instance)
            self._download(instance)
        self._enter("Training")
        self._interrupted = False
        with closing(self._metrics), uploading(self._checkpoints(), self._interrupt_if_asked):
            code = self._train(image)
        if code != 0 and self._interrupted and not self.stopping.is_set():
            self._begin_again()
        if code != 0 and not self.stopping.is_set():
            raise JobFailure(f"AlgorithmError: {self._failure()}, exit code: {code}")
        self._upload()
        if self.stopping.is_set():
            raise Stopped

    def completed(self) -> None:
        self._end("Completed", "Completed")

    def stopped(self) -> None:
        late = "MaxWaitTimeExceeded" if self._waited_too_long else "Stopped"
        self._end("Stopped", "MaxRuntimeExceeded" if self.out_of_time else late)

    def failed(self, reason: str) -> None:
        self._end("Failed", "Failed", reason)

    @classmethod
    def resume(cls, engine: Engine) -> None:
        """Schedules the end of warm pools."""
        for record in engine.store.find(Query(cls.kind, warm_pools.AVAILABLE, limit=-1)):
            warm_pools.terminate_in_time(engine, record)

    def may_retry(self) -> bool:
        """RetryStrategy: a failure of the service itself starts the job again, up to MaximumRetryAttempts times."""
        most = self.record.body.get("RetryStrategy", {}).get("MaximumRetryAttempts", 0)
        tried = self.record.body.get("_Retries", 0)
        if tried >= most:
            return False
        self._enter("Starting", _Retries=tried + 1)
        return True

    # Spot instances.

    def _interrupt_if_asked(self) -> None:
        """Interrupts a spot job after a checkpoint, if its tag asks for it; called after each upload."""
        if not self._interrupted and spot.interruptions_left(*self._described()):
            self._interrupted = True
            self.say("the spot instances are interrupted, as the job's tag asks.")
            self.end_processes()

    def _described(self) -> tuple[dict[str, Any], dict[str, str]]:
        return self.engine.store.current_body(self.record), self.engine.store.tags(self.record.arn)

    def _begin_again(self) -> None:
        """Ends an interrupted attempt; the next one has other instances, and the checkpoints."""
        body, _ = self._described()
        self._enter("Interrupted", _Interruptions=int(body.get("_Interruptions", 0)) + 1)
        if spot.is_too_late(body, self.record.created, self.engine.clock.now()):
            self._waited_too_long = True
            raise Stopped
        self._enter("Starting")
        raise Interrupted

    # The steps.

    def _explain_start(self, line: str) -> None:
        """Reports slow work before the start in the log and in the status message."""
        self.say(line)
        self.engine.change(self.record, lambda body: transitions.say(body, line))

    def _lay_out(self, instance: JobInstance) -> None:
        for folder in _FOLDERS:
            (instance.ml / folder).mkdir(parents=True, exist_ok=True)
        body = self.record.body
        channels = body.get("InputDataConfig", [])
        for name, content in (
            ("hyperparameters", body.get("HyperParameters", {})),
            ("inputdataconfig", {each["ChannelName"]: _channel_config(body, each) for each in channels}),
            ("resourceconfig", self._cluster.resource_config(instance.host)),
        ):
            (instance.ml / "input" / "config" / f"{name}.json").write_text(json.dumps(content))

    def _download(self, instance: JobInstance) -> None:
        for channel in self.record.body.get("InputDataConfig", []):
            self.check_stop()
            self._download_channel(channel, instance)
        submitted = str(decoded(self.record.body.get("HyperParameters", {}).get("sagemaker_submit_directory", "")))
        if submitted.startswith("s3://"):
            scratch = instance.workspace.root / "sourcedir.tar.gz"
            self.tools.s3.download_archive(submitted, instance.ml / "code", scratch)
        elif submitted.startswith("/opt/ml/"):
            _take_code(inside(instance.ml, submitted.removeprefix("/opt/ml/")), instance.ml / "code")
        if "CheckpointConfig" in self.record.body:
            checkpoints = self._checkpoint_folder(instance)
            checkpoints.mkdir(parents=True, exist_ok=True)
            self.tools.s3.download_what_is_there(self.record.body["CheckpointConfig"]["S3Uri"], checkpoints)

    def _download_channel(self, channel: dict[str, Any], instance: JobInstance) -> None:
        source = channel["DataSource"]["S3DataSource"]
        folder = instance.ml / "input" / "data" / channel["ChannelName"]
        members = [
            host.name for host in self._cluster.hosts if host.group in source.get("InstanceGroupNames", [host.group])
        ]
        if instance.host.name not in members:
            return
        folder.mkdir(parents=True, exist_ok=True)
        sharded = source.get("S3DataDistributionType") == "ShardedByS3Key"
        part = Part(members.index(instance.host.name), len(members)) if sharded else ALL
        unzip = channel.get("CompressionType") == "Gzip"
        if source["S3DataType"] == "ManifestFile":
            self.tools.s3.download_manifest(source["S3Uri"], folder, unzip=unzip, part=part)
        else:
            self.tools.s3.download_prefix(source["S3Uri"], folder, unzip=unzip, part=part)

    def _checkpoint_folder(self, instance: JobInstance) -> Path:
        """The folder of CheckpointConfig's LocalPath, which was checked to be below /opt/ml."""
        path = self.record.body["CheckpointConfig"].get("LocalPath", "/opt/ml/checkpoints")
        return instance.ml / Path(posixpath.normpath(path)).relative_to("/opt/ml")

    def _checkpoints(self) -> list[ContinuousUpload]:
        if "CheckpointConfig" not in self.record.body:
            return []
        uri = self.record.body["CheckpointConfig"]["S3Uri"]
        uploads = [ContinuousUpload(self.tools.s3, self._checkpoint_folder(each), uri) for each in self.instances]
        for upload in uploads:
            upload.note_what_is_there()
        return uploads

    def _train(self, image: ImageEnvironment | None) -> int:
        body = self.record.body
        return self.execute(
            [self._launch(each, image) if image else self._docker_launch(each) for each in self.instances],
            network=not body["EnableNetworkIsolation"],
            seconds=body["StoppingCondition"]["MaxRuntimeInSeconds"],
            on_lines=self._metrics.read,
        )

    def _launch(self, instance: JobInstance, image: ImageEnvironment) -> Launch:
        body = self.record.body
        algorithm = body["AlgorithmSpecification"]
        sandbox, workspace = self.tools.sandbox, instance.workspace
        ml = sandbox.ml(workspace)
        python = image.own_interpreter(workspace.root / "python")
        environment = base_environment(python, workspace, self.tools.region, image.python)
        environment |= {"TRAINING_JOB_NAME": self.record.name, "TRAINING_JOB_ARN": self.record.arn}
        environment["SAGEMAKER_LOCAL_CPUS"] = str(self.processors(instance))
        command = [*algorithm.get("ContainerEntrypoint", []), *algorithm.get("ContainerArguments", [])]
        directory = f"{ml}/code"
        if algorithm.get("ContainerEntrypoint"):
            command = [sandbox.relocated(word, workspace) for word in command]
            environment["SAGEMAKER_BASE_DIR"] = ml
        elif image.toolkits.training == PROGRAMS:
            command, directory = command or ["train"], ml
            environment |= image.own_programs(environment["PATH"], ml)
        else:
            self._check_script(instance)
            command = [python, "-P", "-m", _DRIVER, *command]  # none of the script's modules replaces one of ours
            environment |= toolkit_environment(ml, image.toolkits.training, isolated=body["EnableNetworkIsolation"])
            environment[CAPTURE_ERROR] = str(int(image.toolkits.capture_error))
        return Launch(instance, command, environment | body.get("Environment", {}), directory)

    def _docker_launch(self, instance: JobInstance) -> Launch:
        """The image itself, run as on AWS: `train`, or the job's own entrypoint and arguments."""
        algorithm = self.record.body["AlgorithmSpecification"]
        entrypoint, arguments = algorithm.get("ContainerEntrypoint", []), algorithm.get("ContainerArguments", [])
        environment = container_environment(self.tools.region)
        environment |= {"TRAINING_JOB_NAME": self.record.name, "TRAINING_JOB_ARN": self.record.arn}
        return Launch(
            instance,
            arguments if entrypoint or arguments else ["train"],
            environment | self.record.body.get("Environment", {}),
            directory="",
            image=algorithm["TrainingImage"],
            entrypoint=entrypoint,
        )

    def _check_script(self, instance: JobInstance) -> None:
        body = self.record.body
        named = body.get("HyperParameters", {}).get("sagemaker_program", "")
        program = str(decoded(named) or body.get("Environment", {}).get("SAGEMAKER_PROGRAM", ""))
        if not program:
            raise JobFailure(
                "ClientError: This job names neither ContainerEntrypoint nor the hyperparameter sagemaker_program; "
                "SageMaker local has no built-in algorithms."
            )
        code = instance.ml / "code"
        if not ((code / program).is_file() or (code / program / "__main__.py").is_file()):
            held = ", ".join(sorted(each.name for each in code.iterdir())) or "nothing"
            raise JobFailure(f"AlgorithmError: {program} is not in sagemaker_submit_directory, which holds {held}.")

    def _failure(self) -> str:
        file = self.failing.ml / "output" / "failure"
        text = beginning_of(file) if file.is_file() else ""
        return text[:950].strip() or "The container exited with an error and wrote no /opt/ml/output/failure"

    def _upload(self) -> None:
        """Uploads /opt/ml/model of all instances as one model, and likewise /opt/ml/output/data."""
        self._enter("Uploading")
        body, s3 = self.record.body, self.tools.s3
        target = f"{body['OutputDataConfig']['S3OutputPath'].rstrip('/')}/{self.record.name}/output"
        packed = body["OutputDataConfig"].get("CompressionType") != "NONE"
        for source, name in (("model", "model"), ("output/data", "output")):
            folders = [instance.ml / source for instance in self.instances if any((instance.ml / source).iterdir())]
            if packed and folders:
                scratch = self.instances[0].workspace.root / f"{name}.tar.gz"
                s3.upload_archive(folders, f"{target}/{name}.tar.gz", scratch)
            for folder in [] if packed else reversed(folders):
                s3.upload_folder(folder, f"{target}/{name}")

    # Records.

    def _enter(self, status: str, **members: Any) -> None:
        def mutate(body: dict[str, Any]) -> None:
            body.update(members)
            transitions.enter(body, status, self.engine.clock.now())

        self.engine.change(self.record, mutate)

    def _end(self, status: str, secondary: str, reason: str = "") -> None:
        def mutate(body: dict[str, Any]) -> None:
            now = self.engine.clock.now()
            transitions.enter(body, secondary, now, reason)
            body.update(TrainingJobStatus=status, TrainingEndTime=now, **_times(body, now))
            if reason:
                body["FailureReason"] = reason
            if metrics := getattr(self, "_metrics", None):
                body["FinalMetricDataList"] = metrics.final
            warm_pools.retain(body, now)

        self.engine.change(self.record, mutate)
        warm_pools.terminate_in_time(self.engine, self.record)


def _times(body: dict[str, Any], now: float) -> dict[str, int]:
    if "TrainingStartTime" not in body:
        return {}
    seconds = max(1, round(now - body["TrainingStartTime"]))
    return {"TrainingTimeInSeconds": seconds, "BillableTimeInSeconds": spot.billed(body, seconds)}


def _take_code(source: Path, code: Path) -> None:
    """Copies code that came by a channel, as with network isolation."""
    if source.is_file():
        extract(source, code)
    elif source.is_dir() and source != code:
        shutil.copytree(source, code, dirs_exist_ok=True)


def _channel_config(body: dict[str, Any], channel: dict[str, Any]) -> dict[str, Any]:
    source = channel["DataSource"].get("S3DataSource", {})
    mode = channel.get("InputMode") or body["AlgorithmSpecification"].get("TrainingInputMode", "File")
    config = {
        "TrainingInputMode": mode,
        "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
        "RecordWrapperType": channel.get("RecordWrapperType", "None"),
    }
    return config | ({"ContentType": channel["ContentType"]} if "ContentType" in channel else {})
