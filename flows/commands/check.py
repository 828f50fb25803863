"""`vishwaops check`: checks a use case and a sample of its rows, without a cloud."""

import argparse
from typing import TYPE_CHECKING

from config.use_case import UseCase, load_use_case
from flows.commands.subcommand import USE_CASE, Subcommands, add

if TYPE_CHECKING:
    from tasks.check.report import Report
    from tasks.check.rows import JudgedRows


def add_to(commands: Subcommands) -> None:
    """Add `check`."""
    parser = add(commands, check)
    parser.add_argument("--use-case", required=True, metavar="NAME", help=USE_CASE)
    parser.add_argument("--source", metavar="PATH|URL", help="instead of the configured source")


def check(options: argparse.Namespace) -> int:
    """Check a use case and a sample of its rows. The exit status is 1 when a run would fail."""
    from tasks.check.configuration import mistakes

    if found := mistakes(options.use_case):
        _problems(found)
        return 1
    from tasks.check.report import checked

    use_case = load_use_case(options.use_case)
    report = checked(use_case, options.source)
    report.problems += _contract_breaks(use_case)
    _show(report, options.use_case)
    return 1 if report.problems else 0


def _contract_breaks(use_case: UseCase) -> list[str]:
    """The changes that break the published contract."""
    from tasks.data_contracts.published import path_of, published_changes

    changes = published_changes(use_case)
    remedy = "Undo it, or: vishwaops contract export --breaking"
    return [f"{path_of(use_case.name)}: {each}. {remedy}" for each in (changes.breaking if changes else ())]


def _show(report: "Report", use_case: str) -> None:
    _line("read", report.read)
    if report.rows:
        _show_rows(report.rows)
    if report.parts:
        _line("split", ", ".join(f"{rows:,} {part}" for part, rows in report.parts.items()))
    for note in report.notes:
        _line("note", note)
    _problems(report.problems)
    if not report.problems:
        _line("passed", f"vishwaops run lifecycle --use-case {use_case}")


def _show_rows(rows: "JudgedRows") -> None:
    _line("rows", f"{len(rows.good):,} good, {rows.quarantined:,} quarantined ({rows.quarantined_share:.1%})")
    for expected, count in rows.counts.most_common():
        _line("", f"{expected}: {count:,} rows ({count / rows.rows:.1%})")
        for example in rows.examples[expected]:
            _line("", f"  {example}")


def _problems(problems: list[str]) -> None:
    for problem in problems:
        _line("problem", problem)
    if problems:
        _line("failed", f"{len(problems):,} {'problem' if len(problems) == 1 else 'problems'}: a run would fail")


def _line(label: str, text: str) -> None:
    from flows.commands.failures import visible
    from flows.commands.output import console

    console.print(f"{label:<10}{visible(text)}", markup=False, soft_wrap=True)
