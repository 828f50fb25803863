"""A Prefect server for one command: it starts in the background, and ends with the command, even if that is killed.

Prefect can start such a server itself, but does not stop it when the process that started it is killed.
"""

import atexit
import os
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

from config import settings
from config.errors import Unreachable
from offline_cloud.ports import LOOPBACK, claim
from offline_cloud.processes import spawn_tied
from sagemaker_local.private_files import private_folder

ADDRESS = "PREFECT_API_URL"
USUAL_PORT = 4210
POLL_SECONDS = 0.1
ANSWER_SECONDS = 5.0
EPHEMERAL_SERVER_ENVIRONMENT = {
    "PREFECT_UI_ENABLED": "0",
    "PREFECT__SERVER_EPHEMERAL": "1",
    "PREFECT__SERVER_FINAL": "1",
}


@dataclass(frozen=True)
class PrefectServer:
    """A server that this process has started, or a server at PREFECT_API_URL (`process` is None)."""

    url: str
    process: Popen[bytes] | None

    def wait(self) -> None:
        """Wait until the server answers. Raises Unreachable after the startup timeout of Prefect's settings."""
        deadline = time.monotonic() + float(os.environ["PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS"])
        while not answers(self.url):
            if (self.process and self.process.poll() is not None) or time.monotonic() > deadline:
                raise Unreachable(
                    f"The Prefect server at {self.url} does not answer. "
                    + (f"Its log: {_log()}" if self.process else f"{ADDRESS} names it: start it, or unset {ADDRESS}.")
                )
            time.sleep(POLL_SECONDS)


def answers(address: str) -> bool:
    """Whether a Prefect server answers at this address of an API."""
    try:
        with urllib.request.urlopen(f"{address}/health", timeout=ANSWER_SECONDS) as answer:  # noqa: S310  Prefect's own
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError, ValueError):
        return False


def start_prefect_server() -> PrefectServer:
    """Return the server at PREFECT_API_URL, or start one that ends last in this process.

    Call this from the main thread, before Prefect is imported: at exit, Prefect still sends requests to its server.
    """
    if given := os.environ.get(ADDRESS):
        return PrefectServer(given, None)
    with claim(USUAL_PORT) as listener:
        process = _start(listener.fileno())
        os.environ[ADDRESS] = f"http://{LOOPBACK}:{listener.getsockname()[1]}/api"
    atexit.register(_end, process)
    return PrefectServer(os.environ[ADDRESS], process)


def _start(listener: int) -> Popen[bytes]:
    private_folder(_log().parent)
    return spawn_tied(
        [sys.executable, "-m", "flows.session.prefect_process", str(listener)],
        log=_log(),
        folder=settings.PROJECT,
        environment={**os.environ, **EPHEMERAL_SERVER_ENVIRONMENT},
        inherited=(listener,),
    )


def _end(process: Popen[bytes]) -> None:
    process.kill()  # only its SQLite file is open, which is safe
    process.wait()


def _log() -> Path:
    return settings.STATE / "prefect" / "server.log"
