"""`vishwaops serve`: the offline cloud, a Prefect server, prefect.yaml's deployments and a worker, in one command."""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from config import settings
from flows.commands import output
from flows.commands.run import quieten_prefect
from flows.commands.subcommand import Subcommands, add, add_profile
from flows.session.prefect_server import ADDRESS
from flows.session.signals import ending_on_signals

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

    from flows.serve.parts import Part
    from flows.serve.prefect_file import PrefectFile
    from flows.serve.server import PrefectApi

USUAL_PORT = 4200
LARGEST_PORT = 65_535
LOOK_SECONDS = 2.0


def add_to(commands: Subcommands) -> None:
    """Add `serve`."""
    parser = add(commands, serve)
    parser.add_argument(
        "--port", type=int, default=USUAL_PORT, metavar="N", help=f"of Prefect: {USUAL_PORT}, or 0 for any free one"
    )
    parser.add_argument(
        "--prefect-file", type=Path, default=settings.PROJECT / "prefect.yaml", metavar="FILE", help="prefect.yaml"
    )
    add_profile(parser)
    parser.set_defaults(check=_check_port)


def _check_port(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    if not 0 <= options.port <= LARGEST_PORT:
        parser.error(f"--port: expected 0 to {LARGEST_PORT}, found {options.port}")


def serve(options: argparse.Namespace) -> None:
    """Run the deployments of prefect.yaml on this machine, until Ctrl-C."""
    environment = dict(os.environ)  # the flow runs' own logs go to Prefect
    quieten_prefect(options.verbose)
    from flows.serve.lock import only_one
    from flows.serve.server import prefect_api

    output.show_progress()
    with only_one(), ending_on_signals(), prefect_api(options.port) as api:
        from flows.serve.prefect_file import read_prefect_file
        from tasks.progress import log

        log.info("serve     starting: Prefect at %s, the cloud and the worker", api.address)
        _serve(read_prefect_file(options.prefect_file), api, environment)


def _serve(file: PrefectFile, api: PrefectApi, environment: dict[str, str]) -> None:
    from flows.serve.machine import cloud_beside, workers
    from flows.serve.server import running_server, wait

    with cloud_beside() as connected, running_server(api, environment) as server:
        from prefect.client.orchestration import get_client

        wait(server, api.address)
        with get_client(sync_client=True) as client:
            _deploy(client, file, own=bool(server))
            connected()
            with workers(file.pool, environment) as started:
                _show(client, file, api, [*server, *started])
                _follow(client, [*server, *started])


def _deploy(client: SyncPrefectClient, file: PrefectFile, own: bool) -> None:
    """Create the pool and the deployments. On a server of our `own`, no other worker can serve the pool."""
    from flows.serve.deploying import deploy, ensure_pool
    from flows.serve.resuming import restart_killed_runs, skip_missed_runs

    ensure_pool(client, file.pool)
    deploy(file)
    if own:
        restart_killed_runs(client, file.pool)
        skip_missed_runs(client, file.pool)


def _show(client: SyncPrefectClient, file: PrefectFile, api: PrefectApi, parts: list[Part]) -> None:
    from flows.commands.serve_tables import deployments_table, parts_table

    output.console.print(parts_table(api.address, file.pool, parts))
    output.console.print(deployments_table(client, file))
    output.line("other", f"terminals use this server after: export {ADDRESS}={api.address}")
    output.line("end", "Ctrl-C. The same command continues")


def _follow(client: SyncPrefectClient, parts: list[Part]) -> None:
    from flows.serve.following import Follower

    follower = Follower(client)
    while True:
        for part in parts:
            part.require_running()
        follower.look()
        time.sleep(LOOK_SECONDS)
