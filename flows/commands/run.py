"""`vishwaops run`: runs a flow for each of the given use cases."""

import argparse
import gc
import os

from config.profile import active_profile
from config.use_case import load_use_case
from flows.commands.subcommand import USE_CASE, Subcommands, add, add_profile
from flows.session.prefect_server import PrefectServer, start_prefect_server
from flows.session.signals import ending_on_signals
from flows.stages import ALL_NAMES, ALL_STAGES, SCORE, STAGES

LIFECYCLE = "lifecycle"
INGESTING = (LIFECYCLE, *(stage.name for stage in STAGES if stage.source == "configured"))
"""The flows that ingest a source, which is checked before anything starts."""
WITH_SOURCE = (LIFECYCLE, *(stage.name for stage in ALL_STAGES if stage.source))
"""The flows that accept `--source`."""


def add_to(commands: Subcommands) -> None:
    """Add `run`."""
    parser = add(commands, run)
    parser.add_argument(
        "flow",
        choices=(LIFECYCLE, *ALL_NAMES),
        metavar="FLOW",
        help=f"{LIFECYCLE}, or one stage: {', '.join(ALL_NAMES)}",
    )
    parser.add_argument(
        "--use-case", action="append", required=True, metavar="NAME", help=f"{USE_CASE}; may be repeated"
    )
    parser.add_argument("--source", metavar="PATH|URL", help="instead of the configured source")
    parser.add_argument("--instances", type=int, metavar="N", help=f"{SCORE.name}: instead of the profile's number")
    parser.add_argument("--fresh", action="store_true", help="repeat every step; do not reuse results")
    add_profile(parser)
    parser.set_defaults(check=_check_options)


def _check_options(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    if options.source and options.flow not in WITH_SOURCE:
        names = ", ".join(WITH_SOURCE)
        parser.error(f"--source is valid only for {names}; {options.flow} reads the output of an earlier stage")
    if options.instances is not None and options.flow != SCORE.name:
        parser.error(f"--instances is valid only for {SCORE.name}; config/profiles/ has those of other jobs")


def run(options: argparse.Namespace) -> None:
    """Run a flow for each use case in turn."""
    from tasks.sources import source_of

    for name in options.use_case:
        case = load_use_case(name)  # invalid arguments are reported before anything starts
        if options.flow in INGESTING:
            source_of(case, options.source)
    print(f"{'':6}    {options.flow} starts: {', '.join(options.use_case)}", flush=True)
    quieten_prefect(options.verbose)
    server = start_prefect_server()
    with ending_on_signals():
        _run_flows(options, server)


def _run_flows(options: argparse.Namespace, server: PrefectServer) -> None:
    from prefect import tags

    from flows.commands import output, terminal
    from flows.lifecycle import lifecycle, stage
    from flows.scoring import score
    from flows.session.early_imports import LIBRARIES, import_early, steps_will_run
    from flows.session.runtime import cloud_that_stays, connect

    output.show_progress()
    imports = import_early(LIBRARIES if steps_will_run(options.fresh) else ())
    with cloud_that_stays():
        connect()
        server.wait()
        imports.join()
        gc.freeze()  # else each full collection searches all libraries, which takes seconds
        for name in options.use_case:
            with tags(name, options.profile):
                if options.flow == LIFECYCLE:
                    terminal.show_run(lifecycle(name, options.source, options.fresh))
                elif options.flow == SCORE.name:
                    terminal.show_record(score(name, options.source, options.instances, options.fresh))
                else:
                    terminal.show_record(stage(options.flow, name, options.source, options.fresh))
    if options.flow == LIFECYCLE:
        terminal.show_next_steps(options.use_case, active_profile())


def quieten_prefect(verbose: bool) -> None:
    """Disable Prefect's own log unless `verbose`. Call this before Prefect is imported."""
    if not verbose:
        for level in ("PREFECT_LOGGING_LEVEL", "PREFECT_INTERNAL_LOGGING_LEVEL"):
            os.environ.setdefault(level, "CRITICAL")
