"""Writes the output of jobs and containers to CloudWatch Logs, in batches of about a second."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import Any

from sagemaker_local import aws
from sagemaker_local.best_effort import BestEffort
from sagemaker_local.container_output import LONGEST

_EVERY = 1.0
_MOST_EVENTS, _MOST_BYTES = 5_000, 900_000
_OVERHEAD = 26  # bytes that CloudWatch Logs counts for each event
# Bytes of one stream that may wait to be sent. A container that prints faster waits, as with Docker's awslogs driver:
# nothing is lost, and memory stays bounded.
MOST_WAITING = 4 << 20


class LogStream:
    """One log stream, created at its first line. Methods may be called from any thread."""

    def __init__(self, writer: LogWriter, group: str, name: str) -> None:
        self.group, self.name = group, name
        self._writer = writer
        self._lines: deque[tuple[int, str, int]] = deque()
        self.waiting = 0
        """Bytes in the queue."""
        self._room = threading.Condition()
        self._closed = False
        self._sending = threading.Lock()
        self._made = False

    def write(self, line: str) -> None:
        """Queues one line, which is sent within about a second; waits while too much is in the queue.

        A line longer than CloudWatch Logs allows is cut; `container_output` yields none.
        """
        line = line if len(line) * 4 <= LONGEST else line.encode()[:LONGEST].decode(errors="ignore")
        if not line.strip():
            return
        size = len(line.encode()) + _OVERHEAD
        with self._room:
            if self.waiting + size > MOST_WAITING:
                self._writer.hurry()
                self._room.wait_for(lambda: self._has_room(size))
            if not self._closed:
                self._lines.append((int(time.time() * 1000), line, size))
                self.waiting += size

    def flush(self) -> None:
        """Returns when every line so far was sent, or could not be sent."""
        with self._sending:
            left = len(self._lines)  # later lines belong to the next flush
            while left > 0 and (batch := self._batch()):
                self._writer.send(self, batch)
                left -= len(batch)

    def close(self) -> None:
        """Sends the queued lines; later ones are dropped."""
        with self._room:
            self._closed = True
            self._room.notify_all()
        self.flush()
        self._writer.forget(self)

    def make(self, client: Any) -> None:
        if self._made:
            return
        for create, name in (
            (client.create_log_group, {"logGroupName": self.group}),
            (client.create_log_stream, {"logGroupName": self.group, "logStreamName": self.name}),
        ):
            try:
                create(**name)
            except client.exceptions.ResourceAlreadyExistsException:
                continue
        self._made = True

    def _has_room(self, size: int) -> bool:
        return self._closed or self.waiting + size <= MOST_WAITING

    def _batch(self) -> list[dict[str, Any]]:
        batch: list[dict[str, Any]] = []
        total = 0
        with self._room:
            while self._lines and len(batch) < _MOST_EVENTS and total + self._lines[0][2] <= _MOST_BYTES:
                timestamp, line, size = self._lines.popleft()
                total += size
                batch.append({"timestamp": timestamp, "message": line})
            self.waiting -= total
            self._room.notify_all()
        return batch


class LogWriter:
    """Sends the lines of all streams from its own thread."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._streams: set[LogStream] = set()
        self._lock = threading.Lock()
        self._due = threading.Event()
        self._over = False
        self._best_effort = BestEffort()
        threading.Thread(target=self._run, name="cloudwatch-logs", daemon=True).start()

    def stream(self, group: str, name: str) -> LogStream:
        """A stream of a group such as `/aws/sagemaker/TrainingJobs`."""
        with self._lock:
            stream = LogStream(self, group, name)
            self._streams.add(stream)
        return stream

    def forget(self, stream: LogStream) -> None:
        with self._lock:
            self._streams.discard(stream)

    def hurry(self) -> None:
        """Sends queued lines now, not at the end of the second."""
        self._due.set()

    def close(self) -> None:
        """Ends the thread after its current batch."""
        self._over = True
        self._due.set()

    def send(self, stream: LogStream, batch: list[dict[str, Any]]) -> None:
        """Sends one batch; one that can't be sent is lost, which never fails a job."""

        def put() -> None:
            client = aws.client("logs", self._region)
            stream.make(client)
            client.put_log_events(logGroupName=stream.group, logStreamName=stream.name, logEvents=batch)

        self._best_effort.send(put, "CloudWatch Logs can't be reached, job output is lost")

    def _run(self) -> None:
        while not self._over:
            self._due.wait(_EVERY)
            self._due.clear()
            with self._lock:
                streams = list(self._streams)
            for stream in streams:
                stream.flush()
