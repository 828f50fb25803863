"""`vishwaops jobs`: the SageMaker jobs of runs, and orphaned jobs, whose run has ended or is silent."""

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from config.use_case import UseCase, load_use_case
from flows.commands.subcommand import Subcommands, add, add_profile

if TYPE_CHECKING:
    from tasks.sagemaker.job_list import ListedJob


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
    from flows.session.runtime import cloud_that_stays, connect

    case = load_use_case(options.use_case) if options.use_case else None
    with cloud_that_stays():
        connect()
        _list_or_stop(options, case)


def _list_or_stop(options: argparse.Namespace, case: UseCase | None) -> None:
    from flows.commands.output import console
    from tasks.sagemaker.job_list import jobs_in_progress

    found = [job for job in jobs_in_progress(case) if job.is_orphan or not options.orphans]
    if not found:
        console.print(f"no {'orphaned job' if options.orphans else 'job'} is in progress")
        return
    for job in found:
        _show(job, datetime.now(UTC))
    if options.stop:
        for job in found:
            job.stop()
            console.print(f"stopping {job.kind.title} {job.name}", soft_wrap=True)


def _show(job: "ListedJob", now: datetime) -> None:
    from flows.commands.output import console

    stage = "/".join(job.tags[name] for name in ("stage", "candidate") if name in job.tags)
    age = str(now - job.created).partition(".")[0]
    console.print(f"{job.name}  its run: {job.life}", markup=False, soft_wrap=True)
    parts = (f"{job.kind.title} of {job.tags['use-case']}", stage, f"run {job.tags.get('run', 'none')}", f"{age} old")
    console.print(f"    {', '.join(part for part in parts if part)}", markup=False, soft_wrap=True)
