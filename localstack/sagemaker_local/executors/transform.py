"""Runs a transform job: sends the objects of a prefix to serving containers, and writes `.out` objects."""

from __future__ import annotations

import gzip
import shutil
import threading
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sagemaker_local.archives import copy_limited
from sagemaker_local.errors import JobFailure
from sagemaker_local.executors.instance_processes import LEFT_BEHIND, Stopped
from sagemaker_local.executors.jobs import JobRun
from sagemaker_local.executors.transform_capture import Stamp, write_manifests
from sagemaker_local.executors.transform_containers import LOG_GROUP, Answer, TransformInstance
from sagemaker_local.executors.transform_data import DataProcessing
from sagemaker_local.executors.transform_objects import InputObject, inputs_of, output_uri, upload
from sagemaker_local.executors.transform_records import Batch, RecordError, batches, records
from sagemaker_local.executors.transform_settings import Settings
from sagemaker_local.failure_reasons import LONGEST_REASON, internal, store_with_retries
from sagemaker_local.logs import LogStream

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.executors import Tools
    from sagemaker_local.store import Record

_UPLOADS = 8
_CLIENT_ERROR = "ClientError: See job logs for more information"
_ALGORITHM_ERROR = "AlgorithmError: See job logs for more information"


class Refused(RecordError):
    """The container answered with an error, or gave no answer."""


class TransformRun(JobRun):
    kind = "TransformJob"
    log_group = LOG_GROUP

    def __init__(self, tools: Tools, engine: Engine, record: Record) -> None:
        super().__init__(tools, engine, record)
        self._fleet: list[TransformInstance] = []
        self._folder = tools.folder / f"{record.name}-{uuid4().hex[:8]}"
        self._data_logs: list[LogStream] = []
        self._server_ends = False

    def __call__(self) -> None:
        """Runs the job; in every case it ends in a final status and leaves no folder."""
        if self.engine.find(self.kind, self.record.name) is None:
            return
        epoch = int(self.engine.clock.now())
        count = self.record.body["TransformResources"]["InstanceCount"]
        self._streams = [f"{self.record.name}/i-{uuid4().hex[:17]}-{epoch}" for _ in range(count)]
        self._data_logs = [self.tools.logs.stream(LOG_GROUP, f"{stream}/data-log") for stream in self._streams]
        try:
            ending = self._ending()
        finally:
            self._end_fleet()
            for log in self._data_logs:
                log.close()
            shutil.rmtree(self._folder, ignore_errors=True)
        store_with_retries(ending, lambda: self._server_ends)

    def stop(self) -> None:
        """Requests the job to stop; returns at once."""
        self.stopping.set()
        for instance in list(self._fleet):
            threading.Thread(target=instance.kill, daemon=True).start()

    def kill(self) -> None:
        """Ends it without grace, when the server ends."""
        self._server_ends = True
        self.stopping.set()
        for instance in list(self._fleet):
            instance.kill()

    def run(self) -> None:
        body = self.record.body
        objects = inputs_of(body["TransformInput"]["DataSource"]["S3DataSource"], self.tools.region)
        self.check_stop()
        self._started = self.engine.clock.now()
        self.engine.save(self.record, TransformStartTime=self._started)
        self._start_fleet(min(len(self._streams), len(objects)))
        settings = Settings.of(body, self._fleet[0].execution_parameters())
        for number in range(len(self._streams)):
            self._log(number, str(settings))
        shares = [objects[number :: len(self._fleet)] for number in range(len(self._fleet))]
        with ThreadPoolExecutor(len(self._fleet)) as pool:
            work = [pool.submit(self._work, number, share, settings) for number, share in enumerate(shares)]
        outcomes = [outcome for each in work for outcome in each.result()]
        if self._server_ends:
            raise JobFailure(LEFT_BEHIND)
        self.check_stop()
        self._upload([(path, item) for item, path, _ in outcomes if path is not None])
        reasons = [reason for _, _, reason in outcomes if reason]
        if reasons:
            raise JobFailure(reasons[0])
        if capture := body.get("DataCaptureConfig"):
            output = body["TransformOutput"]["S3OutputPath"]
            write_manifests(capture["DestinationS3Uri"], objects, output, self._started, self.tools.region)

    def _upload(self, outputs: list[tuple[Path, InputObject]]) -> None:
        """Stores the outputs. AWS stores none of a job that is stopped."""
        folder = self.record.body["TransformOutput"]["S3OutputPath"]
        with ThreadPoolExecutor(_UPLOADS) as pool:
            list(pool.map(lambda each: upload(each[0], output_uri(each[1], folder), self.tools.region), outputs))

    def completed(self) -> None:
        self._end("Completed")

    def stopped(self) -> None:
        self._end("Stopped")

    def failed(self, reason: str) -> None:
        self._end("Failed", FailureReason=reason)

    def _ending(self) -> Callable[[], None]:
        try:
            self.check_stop()
            self._folder.mkdir(parents=True)
            self.run()
        except Stopped:
            return self.stopped
        except JobFailure as failure:
            return self._over(str(failure))
        except Exception as error:  # noqa: BLE001
            return self._over(internal(error))
        return self.completed

    def _over(self, reason: str) -> Callable[[], None]:
        if self.stopping.is_set() and not self._server_ends:
            return self.stopped
        return lambda: self.failed((LEFT_BEHIND if self._server_ends else reason)[:LONGEST_REASON])

    # Instances.

    def _start_fleet(self, size: int) -> None:
        """Starts the instances that have something to do."""
        name, body = self.record.name, self.record.body
        for stream in self._streams[:size]:
            self._fleet.append(TransformInstance(self.tools, name, stream, body))
        self.check_stop()
        with ThreadPoolExecutor(len(self._fleet)) as pool:
            starts = [pool.submit(instance.start) for instance in self._fleet]
        for start in starts:
            try:
                start.result()
            except JobFailure as failure:
                reason = str(failure)
                raise JobFailure(reason if reason.startswith("ClientError") else _ALGORITHM_ERROR) from failure

    def _end_fleet(self) -> None:
        if self._fleet:
            with ThreadPoolExecutor(len(self._fleet)) as pool:
                list(pool.map(lambda instance: instance.stop(), self._fleet))

    def _work(self, number: int, share: list[InputObject], settings: Settings) -> list[tuple[Any, Path | None, str]]:
        """Transforms one instance's share; returns for each object its output file, or the reason for its failure."""
        with ThreadPoolExecutor(settings.concurrent) as calls, ThreadPoolExecutor(settings.concurrent) as pool:
            return list(pool.map(lambda item: self._transform(number, item, settings, calls), share))

    # Objects.

    def _transform(
        self, number: int, item: InputObject, settings: Settings, calls: ThreadPoolExecutor
    ) -> tuple[InputObject, Path | None, str]:
        scratch = self._folder / uuid4().hex
        try:
            self.check_stop()
            self._download(item, scratch)
            output = scratch.with_suffix(".out")
            with output.open("wb") as file:
                for result in self._results(number, scratch, settings, calls):
                    file.write(result)
        except Stopped:
            return item, None, ""
        except Refused as refusal:
            lines = str(refusal).split("\n")
            reason = _CLIENT_ERROR if lines[0].startswith("ClientError") else _ALGORITHM_ERROR
        except RecordError as error:
            lines, reason = [str(error)], _CLIENT_ERROR
        except JobFailure as error:
            lines, reason = [str(error)], str(error)
        else:
            return item, output, ""
        finally:
            scratch.unlink(missing_ok=True)
        for line in lines:
            self._log(number, f"{item.bucket}/{item.key}: {line}")
        return item, None, reason

    def _download(self, item: InputObject, target: Path) -> None:
        self.tools.s3.download_file(item.uri, target)
        if self.record.body["TransformInput"]["CompressionType"] != "Gzip":
            return
        packed = target.rename(target.with_suffix(".gz"))
        try:
            with gzip.open(packed) as source, target.open("wb") as file:
                copy_limited(source, file, self._folder, item.uri)
        except (OSError, EOFError, zlib.error) as error:
            raise RecordError(f"The object can't be decompressed: {error}") from error
        finally:
            packed.unlink()

    def _results(self, number: int, path: Path, settings: Settings, calls: ThreadPoolExecutor) -> Iterator[bytes]:
        """The pieces of the output in the order of the input, with at most `concurrent` requests in progress."""
        source, target = self.record.body["TransformInput"], self.record.body["TransformOutput"]
        content_type = source.get("ContentType", "")
        stamped = self.record.body.get("DataCaptureConfig", {}).get("GenerateInferenceId", False)
        processing = DataProcessing(
            self.record.body["DataProcessing"],
            content_type,
            target.get("Accept") or content_type,
            Stamp(self._started) if stamped else None,
        )
        split, end = source["SplitType"], b"\n" if target["AssembleWith"] == "Line" else b""
        every = records(path, split, bare=settings.single)
        waiting: deque[tuple[Batch, Future[Answer]]] = deque()

        def taken() -> Iterator[bytes]:
            batch, answer = waiting.popleft()
            for result in processing.results(batch.records, self._accepted(answer.result())):
                yield result.removesuffix(end) + end if end else result

        for batch in batches(every, processing.sent, split, single=settings.single, most=settings.payload):
            self.check_stop()
            waiting.append((batch, calls.submit(self._fleet[number].invoke, batch.payload)))
            if len(waiting) >= settings.concurrent:
                yield from taken()
        while waiting:
            yield from taken()

    def _accepted(self, answer: Answer) -> bytes:
        if 200 <= answer.status < 300:
            return answer.body
        self.check_stop()
        if answer.status == 0:
            raise Refused("Unable to get response from algorithm")
        client = 400 <= answer.status < 500
        said = answer.body.decode(errors="replace")
        head = (
            f"ClientError: {answer.status}" if client else f"Bad HTTP status received from algorithm: {answer.status}"
        )
        raise Refused(f"{head}\n\nMessage:\n{said}")

    # Records.

    def _log(self, number: int, line: str) -> None:
        now = datetime.fromtimestamp(self.engine.clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        self._data_logs[number].write(f"{now}:[sagemaker logs]: {line}")

    def _end(self, status: str, **members: Any) -> None:
        now = self.engine.clock.now()
        self.engine.save(self.record, TransformJobStatus=status, TransformEndTime=now, **members)
