"""`vishwaops forget`: removes a person's rows from everything that a use case stores."""

import argparse
from typing import TYPE_CHECKING, Any

from config.use_case import load_use_case
from flows.commands.subcommand import USE_CASE, Subcommands, add, add_profile, written_reason

if TYPE_CHECKING:
    from tasks.forgetting.forget import Found


def add_to(commands: Subcommands) -> None:
    """Add `forget`."""
    parser = add(commands, forget)
    parser.add_argument("--use-case", required=True, metavar="NAME", help=USE_CASE)
    parser.add_argument(
        "--key",
        required=True,
        action="append",
        metavar="KEY",
        help="the key of the rows, as for predict; may be repeated",
    )
    parser.add_argument("--reason", type=written_reason, metavar="TEXT", help="for the audit log; no values")
    parser.add_argument("--dry-run", action="store_true", help="only list what would be removed")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    add_profile(parser)


def forget(options: argparse.Namespace) -> int:
    """Remove a person's rows from datasets, splits, quarantine, feature store, predictions, traffic, pages and logs."""
    from flows.commands.output import console, show_progress
    from flows.session.runtime import begin, cloud_that_stays
    from tasks.forgetting import forget as forgetting
    from tasks.forgetting.person import person_of

    person = person_of(load_use_case(options.use_case), options.key)  # invalid arguments are reported first
    show_progress()
    with cloud_that_stays():
        case = begin(options.use_case)
        forgetting.require_no_run(case.name)
        found = forgetting.find(case, person)
        for line in _listed(found):
            console.print(line, markup=False, soft_wrap=True)
        if options.dry_run:
            return 0
        if not options.yes and not _confirmed(case.name):
            console.print("Nothing was removed")
            return 1
        record = forgetting.forget(case, person, found, options.reason or "")
    for line in _summary(options.use_case, found, record):
        console.print(line, markup=False, soft_wrap=True)
    return 0


def _rows(count: int) -> str:
    return "row" if count == 1 else "rows"


def _listed(found: "Found") -> list[str]:
    rows = [f"{place}: {count:,} row{'s' * (count != 1)}" for place, count in found.rows.items()] or [
        "no row has this key"
    ]
    versions = (
        [f"dataset versions that are rewritten: {', '.join(found.table.versions)}"] if found.table.versions else []
    )
    deleted = [f"profiles, pages and results that are made again: {len(found.derived):,}"] if found.derived else []
    return [*rows, *versions, *deleted, *_baselines(found)]


def _baselines(found: "Found") -> list[str]:
    """An imported baseline may have the person's values, and can't be made again from what is stored."""
    if not any("/profiles/imported/" in uri for uri in found.derived):
        return []
    return ["an imported baseline is deleted: import one again without the rows (vishwaops monitor import-baseline)"]


def _summary(use_case: str, found: "Found", record: dict[str, Any]) -> list[str]:
    changed = (
        f"removed: {sum(record['rows'].values()):,} rows; {record['deleted']:,} objects deleted; {record['texts']:,} "
        f"texts and {record['files']:,} files of this machine changed; {record['noncurrent_versions']:,} old versions "
        "of objects deleted. The audit log has an entry"
    )
    lines = [changed, "The source is not changed: remove the rows there too, or the next change of it brings them back"]
    if found.models:
        known = ", ".join(f"{each.version} ({each.status})" for each in found.models)
        lines.append(
            f"A model can't unlearn. Versions that were trained on the rows: {known}. Train without them: "
            f"vishwaops run lifecycle --use-case {use_case}"
        )
    return lines


def _confirmed(name: str) -> bool:
    """Ask on the terminal. Without one, the answer is no."""
    try:
        return input(f"Remove them? Neither we nor S3 can restore them. Type {name} to confirm: ").strip() == name
    except EOFError:
        return False
