"""Reads metrics from a job's output by its MetricDefinitions, whose regular expressions run in a separate process."""

from __future__ import annotations

import json
import re
import select
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sagemaker_local.clock import Clock
from sagemaker_local.errors import ValidationException

_WORKER = Path(__file__).with_name("metric_worker.py")
_PATIENCE = 60.0  # seconds for an answer of the worker, which limits the processor time of each expression itself
_GIVEN_UP = (
    "metric {name} is given up: its regular expression {regex!r} takes too long on this output. Write one without "
    "nested repetitions, such as `loss=([0-9.]+)`."
)

Listener = Callable[[str, float], None]


def check_definitions(definitions: list[dict[str, str]]) -> None:
    """Refuses MetricDefinitions that could never find a value.

    Raises:
        ValidationException: Python can't compile an expression; AWS does not document its dialect.
    """
    for definition in definitions:
        try:
            re.compile(definition["Regex"])
        except (re.error, OverflowError, RecursionError) as error:
            raise ValidationException(
                f"The Regex of metric [{definition['Name']}] is not a regular expression: {error}"
            ) from None


class MetricListeners:
    """The listeners of training jobs' metrics: a tuning job gets each value of its training jobs."""

    def __init__(self) -> None:
        self._of: dict[str, Listener] = {}

    def listen(self, job: str, listener: Listener) -> None:
        """`listener` gets the name and the value of each metric that the job reports from now on."""
        self._of[job] = listener

    def forget(self, job: str) -> None:
        self._of.pop(job, None)

    def of(self, job: str) -> Listener:
        """The listener of a job; one that is set before the job starts gets every value."""
        return self._of.get(job, lambda name, value: None)


class MetricReader:
    """Stores the last value of each metric for FinalMetricDataList. Methods may be called from any thread.

    Args:
        definitions: MetricDefinitions whose expressions compile.
        clock: for the time of each value.
        say: writes a line to the job's log.
        listener: gets each value that is finite.
    """

    def __init__(
        self, definitions: list[dict[str, str]], clock: Clock, say: Callable[[str], None], listener: Listener
    ) -> None:
        self._definitions, self._clock, self._say, self._listener = definitions, clock, say, listener
        self._last: dict[str, dict[str, Any]] = {}
        self._given_up: set[int] = set()
        self._worker: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def read(self, lines: list[str]) -> None:
        """Reads the first group of every match that is a number.

        A value that is not finite removes the metric's last value, because CloudWatch has no such numbers.
        """
        with self._lock:
            if len(self._given_up) == len(self._definitions):
                return
            answer = self._asked(lines)
            for position, values in enumerate(answer):
                self._take(position, values)

    def close(self) -> None:
        """Ends the process."""
        with self._lock:
            self._given_up = set(range(len(self._definitions)))
            self._end()

    @property
    def final(self) -> list[dict[str, Any]]:
        """The last value of each metric that was seen, in the order of the definitions."""
        names = [definition["Name"] for definition in self._definitions]
        return [self._last[name] for name in names if name in self._last]

    def _take(self, position: int, values: list[float | None] | None) -> None:
        name = self._definitions[position]["Name"]
        if values is None:
            self._give_up(position)
        for value in values or ():
            if value is None:
                self._last.pop(name, None)
            else:
                self._last[name] = {"MetricName": name, "Value": value, "Timestamp": self._clock.now()}
                self._listener(name, value)

    def _give_up(self, position: int) -> None:
        if position not in self._given_up:
            self._given_up.add(position)
            definition = self._definitions[position]
            self._say(_GIVEN_UP.format(name=definition["Name"], regex=definition["Regex"]))

    def _asked(self, lines: list[str]) -> list[list[float | None] | None]:
        """For each metric its new values, or None if its expression is given up."""
        try:
            return list(_exchange(self._worker or self._start(), lines))
        except (OSError, ValueError):  # the process has ended, or does not answer
            self._end()
            return [None] * len(self._definitions)

    def _start(self) -> subprocess.Popen[bytes]:
        worker = self._worker = subprocess.Popen(
            [sys.executable, "-IS", str(_WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        _send(worker, [definition["Regex"] for definition in self._definitions])
        return worker

    def _end(self) -> None:
        if self._worker:
            self._worker.kill()
            self._worker.communicate()
            self._worker = None


def _send(worker: subprocess.Popen[bytes], value: Any) -> None:
    if worker.stdin is not None:
        worker.stdin.write(json.dumps(value).encode() + b"\n")
        worker.stdin.flush()


def _exchange(worker: subprocess.Popen[bytes], lines: list[str]) -> Any:
    """Raises OSError or ValueError when there is no answer."""
    _send(worker, lines)
    if worker.stdout is None or not select.select([worker.stdout], [], [], _PATIENCE)[0]:
        raise TimeoutError
    return json.loads(worker.stdout.readline())
