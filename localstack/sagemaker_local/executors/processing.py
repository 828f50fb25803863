"""Runs a processing job: inputs to /opt/ml/processing, the container's own command, outputs to S3."""

from __future__ import annotations

import json
import posixpath
from pathlib import Path
from typing import Any

from sagemaker_local.docker import container_environment
from sagemaker_local.errors import JobFailure
from sagemaker_local.executors.cluster import Cluster
from sagemaker_local.executors.continuous import ContinuousUpload, uploading
from sagemaker_local.executors.environment import base_environment
from sagemaker_local.executors.instance_processes import Stopped
from sagemaker_local.executors.jobs import JobRun
from sagemaker_local.executors.launches import JobInstance, Launch
from sagemaker_local.failure_reasons import LONGEST_REASON, beginning_of
from sagemaker_local.images import ImageEnvironment
from sagemaker_local.s3 import ALL, Part


class ProcessingRun(JobRun):
    kind = "ProcessingJob"
    log_group = "/aws/sagemaker/ProcessingJobs"

    def cluster(self) -> Cluster:
        self._cluster = Cluster.of([self.record.body["ProcessingResources"]["ClusterConfig"]])
        return self._cluster

    def run(self) -> None:
        image = self.provide(self.record.body["AppSpecification"]["ImageUri"], self.say)
        self.check_stop()
        for instance in self.instances:
            self._lay_out(instance)
            self._download(instance)
        self.engine.save(self.record, ProcessingStartTime=self.engine.clock.now())
        with uploading(self._continuous()):
            code = self._execute_container(image)
        self._take_exit_message()
        if self.stopping.is_set():
            raise self._interruption()
        if code != 0:
            raise JobFailure(f"AlgorithmError: See job logs for more information, exit code: {code}")
        self._upload()

    def completed(self) -> None:
        self._end("Completed")

    def stopped(self) -> None:
        self._end("Stopped")

    def failed(self, reason: str) -> None:
        self._end("Failed", FailureReason=reason)

    def _interruption(self) -> Exception:
        seconds = self.record.body["StoppingCondition"]["MaxRuntimeInSeconds"]
        if self.out_of_time:
            return JobFailure(f"ClientError: The job ran longer than its MaxRuntimeInSeconds of {seconds}.")
        return Stopped()

    def _lay_out(self, instance: JobInstance) -> None:
        for folder in ("config", "processing", "output"):
            (instance.ml / folder).mkdir(parents=True, exist_ok=True)
        shape = {k: v for k, v in self.record.body.items() if not k.startswith("_")}
        for name, content in (
            ("processingjobconfig", shape),
            ("resourceconfig", self._cluster.resource_config(instance.host)),
        ):
            (instance.ml / "config" / f"{name}.json").write_text(json.dumps(content))
        for output in self._outputs():
            _local(instance, output["LocalPath"]).mkdir(parents=True, exist_ok=True)

    def _download(self, instance: JobInstance) -> None:
        for item in self.record.body.get("ProcessingInputs", []):
            self.check_stop()
            if item.get("AppManaged"):
                continue
            source = item["S3Input"]
            folder = _local(instance, source["LocalPath"])
            folder.mkdir(parents=True, exist_ok=True)
            sharded = source.get("S3DataDistributionType") == "ShardedByS3Key"
            part = Part(self.instances.index(instance), len(self.instances)) if sharded else ALL
            unzip = source.get("S3CompressionType") == "Gzip"
            if source["S3DataType"] == "ManifestFile":
                self.tools.s3.download_manifest(source["S3Uri"], folder, unzip=unzip, part=part)
            else:
                self.tools.s3.download_prefix(source["S3Uri"], folder, unzip=unzip, part=part)

    def _execute_container(self, image: ImageEnvironment | None) -> int:
        body = self.record.body
        if image and not body["AppSpecification"].get("ContainerEntrypoint") and not image.entrypoint:
            raise JobFailure(
                "ClientError: AppSpecification names no ContainerEntrypoint, and the environment of this image has no "
                "own one."
            )
        return self.execute(
            [self._launch(each, image) if image else self._docker_launch(each) for each in self.instances],
            network=not body.get("NetworkConfig", {}).get("EnableNetworkIsolation", False),
            seconds=body["StoppingCondition"]["MaxRuntimeInSeconds"],
            on_lines=lambda lines: None,
        )

    def _launch(self, instance: JobInstance, image: ImageEnvironment) -> Launch:
        application = self.record.body["AppSpecification"]
        sandbox, workspace = self.tools.sandbox, instance.workspace
        python = image.own_interpreter(workspace.root / "python")
        environment = base_environment(python, workspace, self.tools.region, image.python)
        environment |= {"PROCESSING_JOB_NAME": self.record.name, "PROCESSING_JOB_ARN": self.record.arn}
        environment |= image.own_programs(environment["PATH"], sandbox.ml(workspace))
        entrypoint = application.get("ContainerEntrypoint") or image.entrypoint
        command = [*entrypoint, *application.get("ContainerArguments", [])]
        return Launch(
            instance,
            [sandbox.relocated(word, workspace) for word in command],
            environment | self.record.body.get("Environment", {}),
            sandbox.ml(workspace),
        )

    def _docker_launch(self, instance: JobInstance) -> Launch:
        """The image itself, with the job's entrypoint and arguments if given."""
        application = self.record.body["AppSpecification"]
        environment = container_environment(self.tools.region)
        environment |= {"PROCESSING_JOB_NAME": self.record.name, "PROCESSING_JOB_ARN": self.record.arn}
        return Launch(
            instance,
            application.get("ContainerArguments", []),
            environment | self.record.body.get("Environment", {}),
            directory="",
            image=application["ImageUri"],
            entrypoint=application.get("ContainerEntrypoint", []),
        )

    def _upload(self) -> None:
        for output in self._outputs():
            if output["S3UploadMode"] != "Continuous":
                for instance in self.instances:
                    self.tools.s3.upload_folder(_local(instance, output["LocalPath"]), output["S3Uri"])

    def _continuous(self) -> list[ContinuousUpload]:
        return [
            ContinuousUpload(self.tools.s3, _local(instance, output["LocalPath"]), output["S3Uri"])
            for output in self._outputs()
            for instance in self.instances
            if output["S3UploadMode"] == "Continuous"
        ]

    def _outputs(self) -> list[dict[str, Any]]:
        outputs = self.record.body.get("ProcessingOutputConfig", {}).get("Outputs", [])
        return [
            item["S3Output"]
            for item in outputs
            if not item.get("AppManaged") and "LocalPath" in item.get("S3Output", {})
        ]

    def _take_exit_message(self) -> None:
        files = [instance.ml / "output" / "message" for instance in self.instances]
        if written := [file for file in files if file.is_file()]:
            self.engine.save(self.record, ExitMessage=beginning_of(written[0])[:LONGEST_REASON])

    def _end(self, status: str, **members: Any) -> None:
        now = self.engine.clock.now()
        self.engine.save(self.record, ProcessingJobStatus=status, ProcessingEndTime=now, **members)


def _local(instance: JobInstance, path: str) -> Path:
    """The folder of a path below /opt/ml, which was checked before the job was stored."""
    return instance.ml / Path(posixpath.normpath(path)).relative_to("/opt/ml")
