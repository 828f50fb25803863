"""`vishwaops jobs`: the SageMaker jobs of runs, and orphaned jobs, whose run has ended or is silent."""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from config.use_case import load_use_case
from flows.commands.subcommand import Subcommands, add, add_profile

if TYPE_CHECKING:
    from rich.table import Table

    from tasks.sagemaker.job_list import ListedJob

COLUMNS = ("job", "kind", "use case", "stage", "run", "age", "its run")
WHOLE = ("job", "its run")
"""The columns that are never cut, even on a narrow terminal."""


def add_to(commands: Subcommands) -> None:
    """Add `jobs`."""
    parser = add(commands, jobs)
    parser.add_argument("--use-case", metavar="NAME", help="only those of one use case")
    parser.add_argument("--orphans", action="store_true", help="only those whose run has ended or is silent")
    parser.add_argument("--stop", action="store_true", help="stop the listed jobs; needs --orphans or --use-case")
    add_profile(parser)
    parser.set_defaults(check=_check_stop)


def _check_stop(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    if options.stop and not (options.orphans or options.use_case):
        parser.error("--stop needs --orphans or --use-case: it would stop the jobs of every run")


def jobs(options: argparse.Namespace) -> None:
    """List or stop the SageMaker jobs in progress that runs have started."""
    from flows.commands.terminal import console
    from flows.session.runtime import connect
    from tasks.sagemaker.job_list import jobs_in_progress

    case = load_use_case(options.use_case) if options.use_case else None
    connect()
    found = [job for job in jobs_in_progress(case) if job.is_orphan or not options.orphans]
    if not found:
        console.print(f"no {'orphaned job' if options.orphans else 'job'} is in progress")
        return
    console.print(_table(found, datetime.now(UTC)))
    if options.stop:
        for job in found:
            job.stop()
            console.print(f"stopping {job.kind.title} {job.name}", soft_wrap=True)


def _table(found: "Sequence[ListedJob]", now: datetime) -> "Table":
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in COLUMNS:
        table.add_column(heading, overflow="fold", no_wrap=heading in WHOLE)
    for job in found:
        stage = "/".join(job.tags[name] for name in ("stage", "candidate") if name in job.tags)
        age = str(now - job.created).partition(".")[0]
        table.add_row(job.name, job.kind.title, job.tags["use-case"], stage, job.tags.get("run", ""), age, job.life)
    return table
