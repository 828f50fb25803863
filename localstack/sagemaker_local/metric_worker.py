"""Run as `python metric_worker.py`, one for each job with metrics: runs the user's regular expressions on its output.

Python's `re` holds the interpreter's lock while it searches, so an expression that backtracks for minutes would block
every thread of the server. Here it blocks one job's metrics only, and its processor time is limited.

Requests and answers are lines of JSON. The first request is the list of expressions. Each later one is a list of
lines; its answer has for each expression the values that were found (null for one that is not finite), or null when
the expression was given up.
"""

from __future__ import annotations

import json
import math
import re
import resource
import signal
import sys
import time
from collections.abc import Iterator
from typing import Any

# Processor time of one expression: seconds at the start, and more for each character that it reads. A simple
# expression takes a hundredth of that.
BURST, PER_CHARACTER = 1.0, 1e-6
_MEMORY = 1 << 30


class _TimeUp(BaseException):
    """The expression has used up its processor time."""


class Expression:
    """One metric's expression, and its remaining processor time."""

    def __init__(self, regex: str) -> None:
        self._pattern = re.compile(regex)
        # If it can begin anywhere and does not match here, it matches nowhere later in the line either.
        self._from_start = regex.startswith(".*") and "|" not in regex
        self._left = BURST

    def values(self, lines: list[str]) -> list[float | None]:
        """The first group of every match that is a number, in the order of the lines.

        Raises:
            _TimeUp: the expression takes too long.
        """
        self._left = min(BURST, self._left + PER_CHARACTER * sum(map(len, lines)))
        began = time.process_time()
        signal.setitimer(signal.ITIMER_VIRTUAL, self._left)
        try:
            return [value for line in lines for match in self._matches(line) for value in _numbers(match)]
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            self._left -= time.process_time() - began
            if self._left <= 0:
                raise _TimeUp

    def _matches(self, line: str) -> Iterator[re.Match[str]]:
        if not self._from_start:
            yield from self._pattern.finditer(line)
            return
        position = 0
        while position < len(line) and (match := self._pattern.match(line, position)):
            yield match
            position = max(match.end(), position + 1)


def _numbers(match: re.Match[str]) -> Iterator[float | None]:
    try:
        value = float(match.group(1) if match.re.groups else match.group())
    except (TypeError, ValueError):
        return
    yield value if math.isfinite(value) else None


def _time_up(*_: Any) -> None:
    raise _TimeUp


def _answer(expressions: list[Expression | None], lines: list[str]) -> Iterator[list[float | None] | None]:
    for position, expression in enumerate(expressions):
        try:
            yield expression.values(lines) if expression else None
        except (_TimeUp, MemoryError, RecursionError):
            expressions[position] = None
            yield None


def main() -> None:
    """Answers requests until the input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    signal.signal(signal.SIGVTALRM, _time_up)
    expressions: list[Expression | None] = [Expression(each) for each in json.loads(sys.stdin.buffer.readline())]
    for request in sys.stdin.buffer:
        print(json.dumps(list(_answer(expressions, json.loads(request)))), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
