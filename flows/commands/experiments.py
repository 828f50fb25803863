"""`vishwaops experiments gc`: lists or deletes old runs of MLflow."""

import argparse
from datetime import UTC, datetime

from config.use_case import load_use_case
from flows.commands.subcommand import USE_CASE, Subcommands, add, add_profile


def add_to(commands: Subcommands) -> None:
    """Add `experiments gc`."""
    parser = commands.add_parser("experiments", help="List or delete old runs of MLflow.")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    cleaning = add(actions, gc)
    cleaning.add_argument("--use-case", required=True, metavar="NAME", help=USE_CASE)
    cleaning.add_argument("--keep", type=_count, metavar="N", help="the number of newest runs that stay")
    cleaning.add_argument("--delete", action="store_true", help="delete; without it, only list what can be deleted")
    add_profile(cleaning)


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"expected a number of runs, 1 or more; found {text!r}")
    return int(text)


def gc(options: argparse.Namespace) -> None:
    """List runs of MLflow that no registered version has, besides the newest, or delete them with their artefacts."""
    from flows.commands.output import console
    from flows.session.runtime import begin, cloud_that_stays
    from tasks.experiments import gc as old_runs

    load_use_case(options.use_case)  # invalid arguments are reported before anything starts
    with cloud_that_stays():
        case = begin(options.use_case)
        old = old_runs.find_old_runs(case, options.keep or old_runs.KEPT_RUNS)
        if options.delete:
            old_runs.delete(old)
    for run in old:
        console.print(f"{datetime.fromtimestamp(run.started / 1000, UTC):%Y-%m-%d %H:%M}  {run.run_id}  {run.name}")
    done = "deleted" if options.delete else "could be deleted; to delete them: --delete"
    console.print(f"{case.name}: {len(old)} run(s) of MLflow {done}", markup=False, soft_wrap=True)
