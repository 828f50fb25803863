"""`python -m tests.benchmarks.papers [TABLE ...] [--runs N]`: the figures of the pipelines beside published ones.

Stores them in papers.json and writes their tables into the project's README. The answers of every fold are stored in
.vishwaops/papers: an interrupted command continues where it was, and more runs cost only those that are missing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.benchmarks import papers_questions, papers_table, refit, results
from tests.benchmarks.papers_protocol import runs
from tests.benchmarks.papers_questions import DATA, Question

README = Path(__file__).parents[2] / "README.md"
QUESTIONS: dict[str, Callable[[], Iterable[Question]]] = {
    "grades": papers_questions.grades,
    "dropout": papers_questions.dropout,
}
TABLES = (*QUESTIONS, "refit")


def main() -> int:
    """Measure every table, or some; return 1 where a figure is worse than published beyond noise, or too good."""
    parser = argparse.ArgumentParser(prog="tests.benchmarks.papers", description="Measure, beside published figures.")
    parser.add_argument("tables", nargs="*", choices=(*TABLES, []), help="measure these only")
    parser.add_argument("--runs", type=int, default=5, help="runs of 10-fold cross-validation")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    options = parser.parse_args()
    if missing := [file for file in papers_questions.FILES if not (DATA / file).is_file()]:
        parser.error(f"{DATA}: expected {', '.join(missing)}; found none. Set VISHWAOPS_TEST_DATA to their folder")
    wrong = 0
    for table in options.tables or TABLES:
        wrong += _refit() if table == "refit" else _papers(table, options.runs, options.jobs)
    README.write_text(shown(README.read_text()))
    return 1 if wrong else 0


def _papers(table: str, count: int, jobs: int) -> int:
    """Measure the questions of a table. Returns the number of problems."""
    rows = []
    for question in QUESTIONS[table]():
        rows.append(papers_table.row(question, runs(question, count, jobs)))
        print(papers_table.papers(rows[-1:]).splitlines()[-1], flush=True)  # noqa: T201
    papers_table.keep(table, rows)
    return sum(papers_table.problem(row) is not None for row in rows)


def _refit() -> int:
    """Measure the figures with and without the refit, which have no goal."""
    rows = []
    for each in refit.data():
        rows.append(refit.figures(each))
        print(papers_table.refits(rows[-1:]).splitlines()[-1], flush=True)  # noqa: T201
    papers_table.keep("refit", rows)
    return 0


def shown(text: str) -> str:
    """Return a README's text with the stored figures between its markers."""
    kept = papers_table.kept()
    known = [row for table in QUESTIONS for row in kept.get(table, [])]
    text = results.replaced(text, papers_table.papers(known), "papers")
    return results.replaced(text, papers_table.refits(kept.get("refit", [])), "refit")


if __name__ == "__main__":
    sys.exit(main())
