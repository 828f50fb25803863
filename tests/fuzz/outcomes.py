"""Runs a subject's kinds of variants, and collects the failures with the seeds that reproduce them."""

import random
import signal
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

SECONDS_FOR_ONE = 60
"""The time after which a variant counts as a hang."""


class Wrong(AssertionError):
    """The result differs from the expected one."""


@dataclass
class Outcome:
    """The results of the variants."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By kind and verdict, such as `read` or `refused`."""
    failures: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """The number of variants."""
        return sum(self.counts.values())

    def table(self) -> str:
        """One line per kind, with its verdicts."""
        kinds = dict.fromkeys(kind for kind, _ in self.counts)
        verdicts = sorted({verdict for _, verdict in self.counts})
        lines = [f"{'kind':<28}" + "".join(f"{verdict:>12}" for verdict in verdicts)]
        for kind in kinds:
            lines.append(f"{kind:<28}" + "".join(f"{self.counts[kind, verdict] or '':>12}" for verdict in verdicts))
        return "\n".join(lines)


def run_kinds(kinds: Mapping[str, Callable[[random.Random], str]], count: int, seed: int) -> Outcome:
    """Try `count` variants, the same number of each kind. A kind makes one from a random source and returns a verdict.

    An exception of a kind, or one that takes too long, is a failure.
    """
    outcome, names = Outcome(), list(kinds)
    for number in range(count):
        kind = names[number % len(names)]
        name = f"{seed + number // len(names)}"
        try:
            with _time_limit():
                verdict = kinds[kind](random.Random(f"{kind} {name}"))  # noqa: S311  it has to be repeatable
        except Exception as error:  # noqa: BLE001  each kind of exception is a find
            verdict = "failed"
            words = str(error) if isinstance(error, Wrong) else traceback.format_exc(limit=-3)
            outcome.failures.append(f"--kind {kind} --seed {name}\n{words}")
        outcome.counts[kind, verdict] += 1
    return outcome


@contextmanager
def _time_limit() -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        raise Wrong(f"it took over {SECONDS_FOR_ONE} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS_FOR_ONE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
