"""Creates the work pool and deploys prefect.yaml."""

import io
import sys
from contextlib import redirect_stderr, redirect_stdout

from prefect.cli import app
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.workers.process import ProcessWorker

from config.errors import ConfigError
from flows.serve.prefect_file import PrefectFile
from tasks.progress import log

TYPE = "process"


def ensure_pool(client: SyncPrefectClient, name: str) -> None:
    """Create the work pool unless it exists. Raises ConfigError when another type of worker serves it."""
    try:
        pool = client.read_work_pool(name)
    except ObjectNotFound:
        _create(client, name)
        return
    if pool.type != TYPE:
        raise ConfigError(
            f"work pool {name} at {client.api_url}: expected the type {TYPE}, found {pool.type}, which other workers "
            "serve. Unset PREFECT_API_URL, and this command starts a server of its own"
        )
    if pool.is_paused:
        log.warning("pool      %s is paused: no run starts until `vishwaops prefect work-pool resume %s`", name, name)


def _create(client: SyncPrefectClient, name: str) -> None:
    template = ProcessWorker.get_default_base_job_template()
    try:
        client.create_work_pool(WorkPoolCreate(name=name, type=TYPE, base_job_template=template))
    except ObjectAlreadyExists:  # another worker was faster
        return


def deploy(file: PrefectFile) -> None:
    """Deploy all of a prefect.yaml: a repetition updates them. Raises ConfigError with what Prefect says.

    Runs Prefect's own command in this process, which has imported Prefect and the flows already.
    """
    given, printed = sys.argv, io.StringIO()
    sys.argv = ["prefect", "--no-prompt", "deploy", "--all", "--prefect-file", str(file.path)]
    try:
        with redirect_stdout(printed), redirect_stderr(printed):
            app()
    except SystemExit as ended:
        if ended.code:
            raise ConfigError(f"{file.path}: Prefect refuses it: {_last_words(printed.getvalue())}") from None
    finally:
        sys.argv = given


def _last_words(text: str) -> str:
    lines = [line.strip(" │╭╮╰╯─") for line in text.splitlines()]
    return " ".join([line for line in lines if line][-3:]) or "it gives no reason"
