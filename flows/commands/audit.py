"""`vishwaops audit`: shows the audit log of a use case, verifies it, and proves that an entry is in it."""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from config.use_case import UseCase, load_use_case
from flows.commands.subcommand import USE_CASE, Subcommands, add, add_profile

LAST = 20
"""The number of entries that `show` prints."""


def add_to(commands: Subcommands) -> None:
    """Add `audit show`, `verify` and `prove`."""
    parser = commands.add_parser("audit", help="Show, verify and prove the audit log of a use case.")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    showing = _add(actions, show)
    showing.add_argument("--last", type=_count, default=LAST, metavar="N", help=f"the newest N; without it {LAST}")
    verifying = _add(actions, verify)
    verifying.add_argument(
        "--checkpoint", type=Path, metavar="FILE", help="a checkpoint of this log that was kept elsewhere"
    )
    proving = _add(actions, prove)
    proving.add_argument("entry", type=_number, metavar="ENTRY", help="the number of the entry, from 0")


def _add(actions: Subcommands, action: Callable[[argparse.Namespace], int | None]) -> argparse.ArgumentParser:
    parser = add(actions, action)
    parser.add_argument("--use-case", required=True, metavar="NAME", help=USE_CASE)
    add_profile(parser)
    return parser


def _number(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a number, found {text!r}")
    return int(text)


def _count(text: str) -> int:
    if not _number(text):
        raise argparse.ArgumentTypeError("expected at least 1, found 0")
    return int(text)


def show(options: argparse.Namespace) -> None:
    """Show the newest entries, oldest first: a line for each, and its facts below it."""
    from flows.commands.output import console
    from tasks.audit import log_of
    from tasks.audit.entries import decode

    entries = log_of(_connected(options).name).read().entries
    for entry in entries[max(0, len(entries) - options.last) :]:
        for text in _lines(decode(entry)):
            console.print(text, markup=False, soft_wrap=True)
    if not entries:
        console.print(f"{options.use_case}: the audit log has no entries yet", markup=False, soft_wrap=True)


def _lines(content: dict[str, Any]) -> Iterator[str]:
    """What an entry says: its number, time, action and who acted; then each fact, as text without line ends."""
    from flows.commands.failures import visible

    at = content["at"][:19].replace("T", " ")
    yield visible(f"{content['number']}  {at} UTC  {content['action']} by {content['who']}")
    facts = {**content["facts"], "run": content.get("run", ""), "commit": content.get("commit", "")}
    yield from (visible(f"    {name} {' '.join(value.split())}") for name, value in facts.items() if value)


def verify(options: argparse.Namespace) -> int:
    """Compute every hash of the log again, and check its signature and that its earlier states are part of it.

    Exits with 1 when an entry was changed, removed or reordered. Keeps the verified checkpoint on this machine, and
    compares the log with it the next time.
    """
    from flows.commands.output import console
    from tasks.audit import log_of
    from tasks.audit.checkpoint import verifier_key
    from tasks.audit.kept_checkpoint import verify_against_kept

    log = log_of(_connected(options).name)
    found, kept = verify_against_kept(log, options.checkpoint)
    for problem in found.problems:
        console.print(f"{log.folder}: {problem}", markup=False, soft_wrap=True)
    if found.problems:
        console.print(f"Restore the objects' earlier versions. The last good checkpoint: {kept}", soft_wrap=True)
        return 1
    entries = found.checkpoint.size if found.checkpoint else 0
    waiting = "; one more entry waits, and the next append signs it" if found.waiting else ""
    console.print(f"{log.folder}: {entries} entries, all as they were signed{waiting}", soft_wrap=True)
    console.print(f"key: {verifier_key(log.origin, log.key.public)}", markup=False, soft_wrap=True)
    return 0


def prove(options: argparse.Namespace) -> None:
    """Print the proof that an entry is in the log (c2sp.org/tlog-proof). Its `extra` is the entry, in base64."""
    import sys

    from tasks.audit import log_of
    from tasks.audit.proof import prove as proof

    sys.stdout.write(proof(log_of(_connected(options).name), options.entry))


def _connected(options: argparse.Namespace) -> UseCase:
    from flows.session.runtime import begin, cloud_that_stays

    load_use_case(options.use_case)  # invalid arguments are reported before anything starts
    with cloud_that_stays():
        return begin(options.use_case)
