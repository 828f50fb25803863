"""`vishwaops release status`: what serves what."""

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from config.use_case import load_use_case, use_case_names
from flows.commands.subcommand import USE_CASE, Subcommands, add, add_profile

if TYPE_CHECKING:
    from tasks.release.status import ReleaseStatus, Serving


def add_to(commands: Subcommands) -> None:
    """Add `release status`."""
    parser = commands.add_parser("release", help="Show what serves what.")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    showing = add(actions, status)
    showing.add_argument("--use-case", action="append", metavar="NAME", help=f"{USE_CASE}; by default all")
    add_profile(showing)


def status(options: argparse.Namespace) -> None:
    """Show what serves each use case: versions, weights, shadow, alarms, champion, and the last release."""
    from flows.commands.output import console, line
    from flows.session.runtime import cloud_that_stays, connect
    from tasks.platform import platform
    from tasks.release.status import release_status

    cases = [load_use_case(name) for name in dict.fromkeys(options.use_case or use_case_names())]
    with cloud_that_stays():
        connect()
        found = {case.name: release_status(case) for case in cases if platform().knows(case.name)}
    for name, each in found.items():
        console.print(name, style="bold", markup=False)
        for label, text in _lines(each):
            line(label, text)
    for case in cases:
        if case.name not in found:
            console.print(
                f"{case.name}: nothing is released yet: vishwaops run lifecycle --use-case NAME", markup=False
            )


def _lines(found: "ReleaseStatus") -> Iterator[tuple[str, str]]:
    since = f" since {found.since.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if found.since else ""
    yield "endpoint", f"{found.endpoint}: {found.status}{since}"
    for serving in found.serving:
        yield "serves", _shown(serving)
    if found.serving and found.alarms:
        yield "alarms", _alarms(found)
    yield "champion", f"version {found.champion.version}" if found.champion else "none"
    if found.last:
        saved = found.last.saved(datetime.now(UTC))
        yield "last", f"{found.last}" + (f"; saved {saved:.2f} USD so far" if saved is not None else "")


def _shown(serving: "Serving") -> str:
    version = f"version {serving.version}" if serving.version else "another model"
    weight = f", weight {serving.weight:g}" if serving.weight is not None else ""
    role = " (shadow)" if serving.shadow else " (new fleet)" if serving.pending else ""
    return f"{version}: variant {serving.variant}{weight}{role}"


def _alarms(found: "ReleaseStatus") -> str:
    prefix = len(f"{found.endpoint}-")
    return ", ".join(
        f"{name[name.rfind(f'{found.endpoint}-') + prefix :]} {state}" for name, state in found.alarms.items()
    )
