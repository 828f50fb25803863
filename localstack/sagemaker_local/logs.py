"""Writes what jobs and containers print to CloudWatch Logs, in batches of about a second."""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from sagemaker_local import aws

_EVERY = 1.0
_MOST_EVENTS, _MOST_BYTES, _LONGEST = 5_000, 900_000, 200_000
_OVERHEAD = 26  # bytes that CloudWatch Logs counts for each event
_MOST_WAITING = 200_000


Follower = Callable[[str], None]


class LogStream:
    """One log stream; created at its first line. Methods may be called from any thread."""

    def __init__(self, writer: LogWriter, group: str, name: str, followers: list[Follower]) -> None:
        self.group, self.name = group, name
        self._writer = writer
        self._followers = followers
        self._lines: deque[tuple[int, str]] = deque(maxlen=_MOST_WAITING)
        self._sending = threading.Lock()
        self._made = False

    def write(self, line: str) -> None:
        """Queues one line; it is sent within about a second."""
        for follower in self._followers:
            follower(line)
        if line.strip():
            self._lines.append((int(time.time() * 1000), line[:_LONGEST]))

    def flush(self) -> None:
        """Returns when every line so far was sent, or could not be."""
        with self._sending:
            while batch := self._batch():
                self._writer.send(self, batch)

    def close(self) -> None:
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

    def _batch(self) -> list[dict[str, Any]]:
        batch: list[dict[str, Any]] = []
        size = 0
        while self._lines and len(batch) < _MOST_EVENTS and size < _MOST_BYTES:
            timestamp, line = self._lines.popleft()
            size += len(line.encode()) + _OVERHEAD
            batch.append({"timestamp": timestamp, "message": line})
        return batch


class LogWriter:
    """Sends the lines of all streams from one thread of its own."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._streams: set[LogStream] = set()
        self._followers: dict[tuple[str, str], Follower] = {}
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._complained = False
        threading.Thread(target=self._run, name="cloudwatch-logs", daemon=True).start()

    def stream(self, group: str, name: str) -> LogStream:
        """A stream of a group such as `/aws/sagemaker/TrainingJobs`."""
        with self._lock:
            wanted = [
                follower
                for (followed, prefix), follower in self._followers.items()
                if followed == group and name.startswith(prefix)
            ]
            stream = LogStream(self, group, name, wanted)
            self._streams.add(stream)
        return stream

    def follow(self, group: str, prefix: str, follower: Follower) -> None:
        """Hands every line of streams made from now on, whose names begin so, to `follower` as well."""
        with self._lock:
            self._followers[group, prefix] = follower

    def unfollow(self, group: str, prefix: str) -> None:
        with self._lock:
            self._followers.pop((group, prefix), None)

    def forget(self, stream: LogStream) -> None:
        with self._lock:
            self._streams.discard(stream)

    def close(self) -> None:
        self._over.set()

    def send(self, stream: LogStream, batch: list[dict[str, Any]]) -> None:
        """Sends one batch. Logs that are out of reach are said once and never fail a job."""
        try:
            client = aws.client("logs", self._region)
            stream.make(client)
            client.put_log_events(logGroupName=stream.group, logStreamName=stream.name, logEvents=batch)
        except Exception as error:  # noqa: BLE001
            if not self._complained:
                print(f"CloudWatch Logs can't be reached, job output is lost: {error}", file=sys.stderr)  # noqa: T201
            self._complained = True

    def _run(self) -> None:
        while not self._over.wait(_EVERY):
            with self._lock:
                streams = list(self._streams)
            for stream in streams:
                stream.flush()
