"""`python -m tests.benchmarks [SUBJECT]`: measures, keeps the figures in results.json, and writes them into READMEs."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from tests.benchmarks import drift_table, estimates_table, results, serving_table

_SUBJECTS = ("data", "drift", "estimates", "profiling", "sagemaker_local", "serving")
_IN_FRONT = ("data", "profiling", "serving")
"""The subjects whose figures are in the project's README too, between markers of their names."""


def main() -> int:
    """Measures every subject, or one; returns 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="tests.benchmarks", description="Measure, beside peers and limits.")
    parser.add_argument("subject", nargs="?", choices=_SUBJECTS, help="measure this one only")
    only = parser.parse_args().subject
    missed = 0
    for subject in [only] if only else _SUBJECTS:
        print(f"{subject}:")  # noqa: T201
        rows = []
        for figure in importlib.import_module(f"tests.benchmarks.{subject}").figures():
            rows.append(figure.row(subject))
            print(f"  {results.line(rows[-1])}", flush=True)  # noqa: T201
            missed += not figure.holds
        results.keep(subject, rows)
    every = results.kept()
    readme, front = Path(__file__).parents[1] / "README.md", Path(__file__).parents[2] / "README.md"
    text = results.inserted(readme.read_text(), every)
    for stored in (serving_table, drift_table, estimates_table):
        text = results.replaced(text, stored.kept(), stored.MARKER)
    readme.write_text(text)
    text = results.replaced(front.read_text(), drift_table.kept(), drift_table.MARKER)
    for subject in _IN_FRONT:
        text = results.inserted(text, [row for row in every if row["subject"] == subject], subject)
    front.write_text(text)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
