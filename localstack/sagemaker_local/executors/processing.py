"""Runs a processing job: inputs to /opt/ml/processing, the container's own command, outputs to S3."""

from __future__ import annotations

import json
import posixpath
from pathlib import Path
from typing import Any

from sagemaker_local.errors import JobFailure
from sagemaker_local.executors.environment import base_environment
from sagemaker_local.executors.jobs import LONGEST_REASON, JobRun, Stopped
from sagemaker_local.images import environment_for

_HOST = "algo-1"


class ProcessingRun(JobRun):
    kind = "ProcessingJob"
    log_group = "/aws/sagemaker/ProcessingJobs"

    def run(self) -> None:
        body = self.record.body
        image = environment_for(body["AppSpecification"]["ImageUri"])
        self._lay_out()
        self._download()
        self.engine.save(self.record, ProcessingStartTime=self.engine.clock.now())
        code = self._execute_container(image.python)
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

    def _lay_out(self) -> None:
        for folder in ("config", "processing", "output"):
            (self.workspace.ml / folder).mkdir(parents=True, exist_ok=True)
        shape = {k: v for k, v in self.record.body.items() if not k.startswith("_")}
        for name, content in (
            ("processingjobconfig", shape),
            ("resourceconfig", {"current_host": _HOST, "hosts": [_HOST]}),
        ):
            (self.workspace.ml / "config" / f"{name}.json").write_text(json.dumps(content))
        for output in self._outputs():
            self._local(output["LocalPath"]).mkdir(parents=True, exist_ok=True)

    def _download(self) -> None:
        for item in self.record.body.get("ProcessingInputs", []):
            self.check_stop()
            source = item.get("S3Input")
            if source is None or "LocalPath" not in source:
                raise JobFailure(f"ClientError: Input {item['InputName']} needs an S3Input with a LocalPath.")
            folder = self._local(source["LocalPath"])
            folder.mkdir(parents=True, exist_ok=True)
            unzip = source.get("S3CompressionType") == "Gzip"
            if source["S3DataType"] == "ManifestFile":
                self.tools.s3.download_manifest(source["S3Uri"], folder, unzip=unzip)
            else:
                self.tools.s3.download_prefix(source["S3Uri"], folder, unzip=unzip)

    def _execute_container(self, python: str) -> int:
        body = self.record.body
        application = body["AppSpecification"]
        command = [*application.get("ContainerEntrypoint", []), *application.get("ContainerArguments", [])]
        if not application.get("ContainerEntrypoint"):
            raise JobFailure("ClientError: AppSpecification names no ContainerEntrypoint, and images bring none here.")
        environment = base_environment(python, self.workspace, self.tools.region)
        environment |= {"PROCESSING_JOB_NAME": self.record.name, "PROCESSING_JOB_ARN": self.record.arn}
        isolated = body.get("NetworkConfig", {}).get("EnableNetworkIsolation", False)
        return self.execute(
            [self.tools.sandbox.relocated(word, self.workspace) for word in command],
            environment | body.get("Environment", {}),
            directory=self.tools.sandbox.ml(self.workspace),
            network=not isolated,
            seconds=body["StoppingCondition"]["MaxRuntimeInSeconds"],
            on_line=lambda line: None,
        )

    def _upload(self) -> None:
        for output in self._outputs():
            self.tools.s3.upload_folder(self._local(output["LocalPath"]), output["S3Uri"])

    def _outputs(self) -> list[dict[str, Any]]:
        outputs = self.record.body.get("ProcessingOutputConfig", {}).get("Outputs", [])
        return [item["S3Output"] for item in outputs if "LocalPath" in item.get("S3Output", {})]

    def _local(self, path: str) -> Path:
        """The folder behind a path below /opt/ml; that it is there was checked before the job was stored."""
        return self.workspace.ml / Path(posixpath.normpath(path)).relative_to("/opt/ml")

    def _take_exit_message(self) -> None:
        file = self.workspace.ml / "output" / "message"
        if file.is_file():
            self.engine.save(self.record, ExitMessage=file.read_text(errors="replace")[:LONGEST_REASON])

    def _end(self, status: str, **members: Any) -> None:
        now = self.engine.clock.now()
        self.engine.save(self.record, ProcessingJobStatus=status, ProcessingEndTime=now, **members)
