"""Reads metrics out of a job's output by its MetricDefinitions."""

from __future__ import annotations

import math
import re
from typing import Any

from sagemaker_local.clock import Clock


class MetricReader:
    """Keeps the last value of each metric, as FinalMetricDataList shows it."""

    def __init__(self, definitions: list[dict[str, str]], clock: Clock) -> None:
        self._clock = clock
        self._patterns: list[tuple[str, re.Pattern[str]]] = []
        for definition in definitions:
            try:
                self._patterns.append((definition["Name"], re.compile(definition["Regex"])))
            except re.error:
                continue
        self._last: dict[str, dict[str, Any]] = {}

    def read(self, line: str) -> None:
        """Takes the first group of every match in a line that is a number."""
        for name, pattern in self._patterns:
            for match in pattern.finditer(line):
                value = _number(match)
                if value is not None:
                    self._last[name] = {"MetricName": name, "Value": value, "Timestamp": self._clock.now()}

    @property
    def final(self) -> list[dict[str, Any]]:
        """The last value of each metric that was seen, in the order of the definitions."""
        return [self._last[name] for name, _ in self._patterns if name in self._last]


class MetricCurve:
    """Every value of one metric, in the order in which they came."""

    def __init__(self, regex: str) -> None:
        self._pattern = re.compile(regex)
        self.values: list[float] = []

    def read(self, line: str) -> None:
        """Takes the first group of every match in a line that is a finite number."""
        found = (_number(match) for match in self._pattern.finditer(line))
        self.values += [value for value in found if value is not None and math.isfinite(value)]


def _number(match: re.Match[str]) -> float | None:
    try:
        return float(match.group(1) if match.re.groups else match.group())
    except (TypeError, ValueError):
        return None
