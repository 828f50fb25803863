"""`vishwaops release status`: what serves what."""

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from config.use_case import load_use_case, use_case_names
from flows.commands.subcommand import USE_CASE, Subcommands, add, add_profile

if TYPE_CHECKING:
    from tasks.release.status import ReleaseStatus, Serving

COLUMNS = ("use case", "endpoint", "state", "since (UTC)", "serves", "alarms", "champion", "last release")


def add_to(commands: Subcommands) -> None:
    """Add `release status`."""
    parser = commands.add_parser("release", help="Show what serves what.")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    showing = add(actions, status)
    showing.add_argument("--use-case", action="append", metavar="NAME", help=f"{USE_CASE}; by default all")
    add_profile(showing)


def status(options: argparse.Namespace) -> None:
    """Show what serves each use case: versions, weights, shadow, alarms, champion, and the last release."""
    from rich.table import Table

    from flows.commands.terminal import console
    from flows.session.runtime import cloud_that_stays, connect
    from tasks.platform import platform
    from tasks.release.status import release_status

    cases = [load_use_case(name) for name in options.use_case or use_case_names()]
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in COLUMNS:
        table.add_column(heading, overflow="fold")
    with cloud_that_stays():
        connect()
        for case in cases:
            if platform().knows(case.name):
                table.add_row(case.name, *_cells(release_status(case)))
    console.print(table if table.row_count else "Nothing is released yet: vishwaops run lifecycle --use-case NAME")


def _cells(found: "ReleaseStatus") -> list[str]:
    return [
        found.endpoint,
        found.status,
        f"{found.since.astimezone(UTC):%Y-%m-%d %H:%M}" if found.since else "",
        "\n".join(map(_shown, found.serving)),
        _alarms(found),
        f"version {found.champion.version}" if found.champion else "none",
        _last(found),
    ]


def _shown(serving: "Serving") -> str:
    version = f"version {serving.version}" if serving.version else "another model"
    weight = f" {serving.weight:g}" if serving.weight is not None else ""
    role = " (shadow)" if serving.shadow else " (new fleet)" if serving.pending else ""
    return f"{version}: {serving.variant}{weight}{role}"


def _alarms(found: "ReleaseStatus") -> str:
    prefix = len(f"{found.endpoint}-")
    return ", ".join(
        f"{name[name.rfind(f'{found.endpoint}-') + prefix :]} {state}" for name, state in found.alarms.items()
    )


def _last(found: "ReleaseStatus") -> str:
    if found.last is None:
        return ""
    saved = found.last.saved(datetime.now(UTC))
    return f"{found.last}" + (f"; saved {saved:.2f} USD so far" if saved is not None else "")
