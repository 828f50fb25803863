"""Runs a training job: download, train, upload, by the contract of AWS's framework containers."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from sagemaker_local.container.train import decoded
from sagemaker_local.errors import JobFailure
from sagemaker_local.executors import transitions
from sagemaker_local.executors.environment import base_environment, toolkit_environment
from sagemaker_local.executors.jobs import JobRun, Stopped
from sagemaker_local.images import environment_for
from sagemaker_local.metrics import MetricReader
from sagemaker_local.s3 import extract, inside

_HOST = "algo-1"
_FOLDERS = ("input/config", "input/data", "model", "output/data", "code", "checkpoints")
_DRIVER = "sagemaker_local.container.train"


class TrainingRun(JobRun):
    kind = "TrainingJob"
    log_group = "/aws/sagemaker/TrainingJobs"

    def run(self) -> None:
        body = self.record.body
        image = environment_for(body["AlgorithmSpecification"]["TrainingImage"])
        self._metrics = MetricReader(body["AlgorithmSpecification"].get("MetricDefinitions", []), self.engine.clock)
        self._enter("Downloading", TrainingStartTime=self.engine.clock.now())
        self._lay_out()
        self._download()
        self._enter("Training")
        code = self._train(image.python)
        if code != 0 and not self.stopping.is_set():
            raise JobFailure(f"AlgorithmError: {self._failure()}, exit code: {code}")
        self._upload()
        if self.stopping.is_set():
            raise Stopped

    def completed(self) -> None:
        self._end("Completed", "Completed")

    def stopped(self) -> None:
        self._end("Stopped", "MaxRuntimeExceeded" if self.out_of_time else "Stopped")

    def failed(self, reason: str) -> None:
        self._end("Failed", "Failed", reason)

    # The steps.

    def _lay_out(self) -> None:
        for folder in _FOLDERS:
            (self.workspace.ml / folder).mkdir(parents=True, exist_ok=True)
        body = self.record.body
        self._configure("hyperparameters", body.get("HyperParameters", {}))
        channels = body.get("InputDataConfig", [])
        self._configure("inputdataconfig", {each["ChannelName"]: _channel_config(each) for each in channels})
        self._configure("resourceconfig", _resource_config(body["ResourceConfig"]))

    def _configure(self, name: str, content: dict[str, Any]) -> None:
        (self.workspace.ml / "input" / "config" / f"{name}.json").write_text(json.dumps(content))

    def _download(self) -> None:
        for channel in self.record.body.get("InputDataConfig", []):
            self.check_stop()
            self._download_channel(channel, self.workspace.ml / "input" / "data" / channel["ChannelName"])
        submitted = str(decoded(self.record.body.get("HyperParameters", {}).get("sagemaker_submit_directory", "")))
        if submitted.startswith("s3://"):
            scratch = self.workspace.root / "sourcedir.tar.gz"
            self.tools.s3.download_archive(submitted, self.workspace.ml / "code", scratch)
        elif submitted.startswith("/opt/ml/"):
            self._take_code(inside(self.workspace.ml, submitted.removeprefix("/opt/ml/")))

    def _take_code(self, source: Path) -> None:
        """Code that came by a channel, as with network isolation."""
        if source.is_file():
            extract(source, self.workspace.ml / "code")
        elif source.is_dir() and source != self.workspace.ml / "code":
            shutil.copytree(source, self.workspace.ml / "code", dirs_exist_ok=True)

    def _download_channel(self, channel: dict[str, Any], folder: Path) -> None:
        source = channel["DataSource"].get("S3DataSource")
        if source is None or channel.get("InputMode") == "Pipe":
            raise JobFailure(
                f"ClientError: Data download failed: channel {channel['ChannelName']} needs an S3DataSource "
                "in File or FastFile mode in SageMaker local."
            )
        folder.mkdir(parents=True, exist_ok=True)
        unzip = channel.get("CompressionType") == "Gzip"
        if source["S3DataType"] == "ManifestFile":
            self.tools.s3.download_manifest(source["S3Uri"], folder, unzip=unzip)
        else:
            self.tools.s3.download_prefix(source["S3Uri"], folder, unzip=unzip)

    def _train(self, python: str) -> int:
        body = self.record.body
        algorithm = body["AlgorithmSpecification"]
        ml = self.tools.sandbox.ml(self.workspace)
        environment = base_environment(python, self.workspace, self.tools.region)
        environment |= {"TRAINING_JOB_NAME": self.record.name, "TRAINING_JOB_ARN": self.record.arn}
        command = [*algorithm.get("ContainerEntrypoint", []), *algorithm.get("ContainerArguments", [])]
        if algorithm.get("ContainerEntrypoint"):
            command = [self.tools.sandbox.relocated(word, self.workspace) for word in command]
            environment["SAGEMAKER_BASE_DIR"] = ml
        else:
            self._check_script()
            command = [python, "-m", _DRIVER, *command]
            environment |= toolkit_environment(ml)
        return self.execute(
            command,
            environment | body.get("Environment", {}),
            directory=f"{ml}/code",
            network=not body["EnableNetworkIsolation"],
            seconds=body["StoppingCondition"]["MaxRuntimeInSeconds"],
            on_line=self._metrics.read,
        )

    def _check_script(self) -> None:
        body = self.record.body
        named = body.get("HyperParameters", {}).get("sagemaker_program", "")
        program = str(decoded(named) or body.get("Environment", {}).get("SAGEMAKER_PROGRAM", ""))
        if not program:
            raise JobFailure(
                "ClientError: This job names neither ContainerEntrypoint nor the hyperparameter sagemaker_program; "
                "SageMaker local has no built-in algorithms."
            )
        if not (self.workspace.ml / "code" / program).is_file():
            raise JobFailure(f"AlgorithmError: {program} is not in sagemaker_submit_directory.")

    def _failure(self) -> str:
        file = self.workspace.ml / "output" / "failure"
        text = file.read_text(errors="replace") if file.is_file() else ""
        return text[:950].strip() or "The container exited with an error and wrote no /opt/ml/output/failure"

    def _upload(self) -> None:
        self._enter("Uploading")
        body, s3 = self.record.body, self.tools.s3
        model, data = self.workspace.ml / "model", self.workspace.ml / "output" / "data"
        folder = f"{body['OutputDataConfig']['S3OutputPath'].rstrip('/')}/{self.record.name}/output"
        packed = body["OutputDataConfig"].get("CompressionType") != "NONE"
        for source, name in ((model, "model"), (data, "output")):
            if packed and any(source.iterdir()):
                s3.upload_archive(source, f"{folder}/{name}.tar.gz", self.workspace.root / f"{name}.tar.gz")
            elif any(source.iterdir()):
                s3.upload_folder(source, f"{folder}/{name}")

    # The record.

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

        self.engine.change(self.record, mutate)


def _times(body: dict[str, Any], now: float) -> dict[str, int]:
    seconds = max(1, round(now - body["TrainingStartTime"])) if "TrainingStartTime" in body else 0
    return {"TrainingTimeInSeconds": max(seconds, 1), "BillableTimeInSeconds": max(seconds, 1)} if seconds else {}


def _channel_config(channel: dict[str, Any]) -> dict[str, Any]:
    source = channel["DataSource"].get("S3DataSource", {})
    config = {
        "TrainingInputMode": channel.get("InputMode", "File"),
        "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
        "RecordWrapperType": channel.get("RecordWrapperType", "None"),
    }
    return config | ({"ContentType": channel["ContentType"]} if "ContentType" in channel else {})


def _resource_config(resources: dict[str, Any]) -> dict[str, Any]:
    kind = resources.get("InstanceType", "ml.m5.large")
    return {
        "current_host": _HOST,
        "current_instance_type": kind,
        "current_group_name": "homogeneousCluster",
        "hosts": [_HOST],
        "instance_groups": [{"instance_group_name": "homogeneousCluster", "instance_type": kind, "hosts": [_HOST]}],
        "network_interface_name": "eth0",
    }
