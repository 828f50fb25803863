"""`vishwaops data quarantine`: lists, shows, corrects and releases the quarantined rows of a dataset version."""

import argparse
from collections.abc import Callable
from pathlib import Path

from config.use_case import UseCase, load_use_case
from flows.commands.subcommand import USE_CASE, Subcommands, add, add_profile

WHERE = "the rows for which this is true: an expression over the columns, source_file, source_line, row and reason"
VERSION = "a digest of `vishwaops data log` or its beginning, a tag, or `latest`; without it, what was validated last"


def add_to(commands: Subcommands) -> None:
    """Add `quarantine list`, `show`, `fix` and `release`."""
    parser = commands.add_parser("quarantine", help="List, show, correct and release quarantined rows.")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    _add(actions, list_)
    showing = _add(actions, show)
    showing.add_argument("--output", type=Path, metavar="FILE", help="write the rows to this .csv file, to edit it")
    showing.add_argument("--with-sensitive", action="store_true", help="also write sensitive columns to the file")
    fixing = _add(actions, fix)
    fixing.add_argument("--set", action="append", default=[], type=_cell, metavar="COLUMN=VALUE", dest="cells")
    fixing.add_argument("--from", type=Path, metavar="FILE", dest="edited", help="a file of `show --output`, edited")
    fixing.set_defaults(check=_check)
    _add(actions, release)


def _add(actions: Subcommands, action: Callable[[argparse.Namespace], int | None]) -> argparse.ArgumentParser:
    parser = add(actions, action)
    parser.add_argument("--use-case", required=True, metavar="NAME", help=USE_CASE)
    parser.add_argument("--where", metavar="EXPRESSION", help=WHERE)
    parser.add_argument("--version", metavar="VERSION", help=VERSION)
    add_profile(parser)
    return parser


def _cell(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise argparse.ArgumentTypeError(f"expected COLUMN=VALUE, found {text!r}. COLUMN= means a missing value")
    return name.strip(), value


def _check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    if bool(options.cells) == bool(options.edited):
        parser.error("fix: expected --set COLUMN=VALUE with --where, or --from FILE")
    if options.cells and not options.where:
        parser.error("fix: expected --where with --set, so that no other rows are changed")
    if options.edited and options.where:
        parser.error("fix: expected --from without --where: all changed rows of the file are corrected")


def list_(options: argparse.Namespace) -> None:
    """Count the quarantined rows by reason, with the first place of each. Also lists the fixes that wait."""
    from flows.commands import quarantine_tables
    from tasks.landing.versions import latest
    from tasks.quarantine.fix import pending
    from tasks.quarantine.rows import count_reasons, find_quarantine, parse_where

    case = _connected(options)
    where, found = parse_where(case, options.where), find_quarantine(case, options.version)
    quarantine_tables.show_reasons(found, *count_reasons(found, where))
    quarantine_tables.show_waiting(found, pending(case), latest(case.name), options.use_case)


def show(options: argparse.Namespace) -> None:
    """Show quarantined rows with all their reasons, or write them to a file to edit it."""
    from flows.commands import quarantine_tables
    from tasks.quarantine.rows import find_quarantine, parse_where
    from tasks.quarantine.sheet import write_sheet

    case = _connected(options)
    where, found = parse_where(case, options.where), find_quarantine(case, options.version)
    if not options.output:
        return quarantine_tables.show_rows(case, found.rows(where))
    rows = write_sheet(case, found.rows(where), options.output, sensitive=options.with_sensitive)
    return quarantine_tables.say(
        f"{rows:,} rows of version {found.dataset} in {options.output}. Edit it, then: vishwaops data quarantine fix "
        f"--use-case {options.use_case} --from {options.output}"
    )


def fix(options: argparse.Namespace) -> None:
    """Correct cells of quarantined rows. No version changes until the corrections are released."""
    from flows.commands import quarantine_tables
    from tasks.quarantine.fix import fix_edited, fix_selected
    from tasks.quarantine.rows import find_quarantine, parse_where

    case = _connected(options)
    where, found = parse_where(case, options.where), find_quarantine(case, options.version)
    if options.edited:
        fixed = fix_edited(case, found, options.edited)
    else:
        fixed = fix_selected(case, found, where, dict(options.cells))
    quarantine_tables.show_fixed(fixed, options.use_case)


def release(options: argparse.Namespace) -> None:
    """Make a new version with the corrections that wait, which the next `run validate` reads."""
    from flows.checkout import use_version
    from flows.commands import quarantine_tables
    from tasks.quarantine import release as releasing
    from tasks.quarantine.rows import find_quarantine, parse_where

    case = _connected(options)
    where = parse_where(case, options.where)
    replayed = releasing.release(case, find_quarantine(case, options.version) if where else None, where)
    if replayed.rows:
        use_version(case, replayed.version)
    quarantine_tables.show_released(replayed, options.use_case)


def _connected(options: argparse.Namespace) -> UseCase:
    """Connect to the cloud and return the use case."""
    from flows.session.runtime import begin, cloud_that_stays

    load_use_case(options.use_case)  # invalid arguments are reported before anything starts
    with cloud_that_stays():
        return begin(options.use_case)
