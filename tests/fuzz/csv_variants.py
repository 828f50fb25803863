"""`python -m tests.fuzz csv --count N`: tables that are known, written in many ways and broken in many, are read right.

Right means: a sound file gives exactly the known cells; of a broken one each row that is read is the known row of that
line, and each row that is not read has its line in the list of malformed rows. A file may be refused as a whole where
that is a fair answer. Nothing else comes out: no other value, no other exception, no hang.
"""

import argparse
import time
from collections.abc import Sequence

from tests.fuzz import broken_files, converted_cells, sound_files, typed_cells
from tests.fuzz.outcomes import Outcome, run_kinds

KINDS = {**sound_files.KINDS, **broken_files.KINDS, **typed_cells.KINDS, **converted_cells.KINDS}
SHOWN_FAILURES = 20


def run(count: int, seed: int = 0, kind: str | None = None) -> Outcome:
    """Try `count` variants in turns of every kind, or of one."""
    return run_kinds({kind: KINDS[kind]} if kind else KINDS, count, seed)


def main(arguments: Sequence[str]) -> int:
    """Run from the command line; prints kinds, verdicts and failures. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz csv", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0, help="of the first variant of each kind")
    parser.add_argument("--kind", choices=sorted(KINDS), help="only this one")
    options = parser.parse_args(arguments)
    begun = time.monotonic()
    outcome = run(options.count, options.seed, options.kind)
    print(outcome.table())  # noqa: T201
    for failure in outcome.failures[:SHOWN_FAILURES]:
        print(f"\nFAILED {failure}")  # noqa: T201
    seconds = time.monotonic() - begun
    print(f"\n{outcome.total:,} variants in {len(KINDS)} kinds, {len(outcome.failures):,} failed, {seconds:.1f} s")  # noqa: T201
    return 1 if outcome.failures else 0
