"""The Prefect server of `vishwaops serve`: its port, its database, and the wait until it answers."""

import os
import socket
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from config.errors import PortInUse, Unreachable
from flows.serve.parts import Part, end, start
from flows.session.prefect_database import OTHER_DATABASE
from flows.session.prefect_server import ADDRESS, answers
from offline_cloud.ports import LOOPBACK

POLL_SECONDS = 0.05
DATABASE_SECONDS = 5.0
SERVER = "Prefect server"
PORTS = {"postgresql": 5432}
"""The usual ports of the databases that have a server."""


@dataclass(frozen=True)
class PrefectApi:
    """The API that this machine uses. `listener` is None for a server that another program has started."""

    address: str
    listener: socket.socket | None


@contextmanager
def prefect_api(port: int) -> Iterator[PrefectApi]:
    """Yield the API at PREFECT_API_URL, or set this variable to that of a server which is not started yet.

    Call it before Prefect is imported, which reads the variable. Raises PortInUse, and Unreachable for a server or a
    database that does not answer.
    """
    if given := os.environ.get(ADDRESS):
        _require_answer(given)
        yield PrefectApi(given, None)
        return
    _require_database()
    with _listen(port) as listener:
        os.environ[ADDRESS] = f"http://{LOOPBACK}:{listener.getsockname()[1]}/api"
        yield PrefectApi(os.environ[ADDRESS], listener)


def _listen(port: int) -> socket.socket:
    """Return a listening loopback socket; port 0 is any free one. Raises PortInUse."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections of the last server may still close
    try:
        listener.bind((LOOPBACK, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise PortInUse(
            f"Port {port} is in use by {_holder(port)}. End that program, or choose another port: vishwaops serve "
            "--port N, where 0 is any free one"
        ) from None
    return listener


def _holder(port: int) -> str:
    try:
        found = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        return "another program"
    pids = [each.pid for each in found if each.laddr and each.laddr.port == port and each.status == psutil.CONN_LISTEN]
    try:
        return f"{psutil.Process(pids[0]).name()} (pid {pids[0]})" if pids and pids[0] else "another program"
    except psutil.NoSuchProcess:
        return "another program"


def _require_database() -> None:
    """Raises Unreachable when Prefect's database can't be opened, or its server does not answer."""
    name = next((name for name in OTHER_DATABASE if os.environ.get(name)), None)
    if name is None:
        _require_sqlite(Path(os.environ["PREFECT_HOME"]) / "prefect.db")
    elif (parts := urlsplit(os.environ[name])).hostname:
        _require_server(name, parts.hostname, parts.port or PORTS.get(parts.scheme.partition("+")[0], 0))


def _require_sqlite(path: Path) -> None:
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(path, timeout=DATABASE_SECONDS)) as database:
            database.execute("BEGIN IMMEDIATE").execute("ROLLBACK")
    except sqlite3.Error as error:
        raise Unreachable(
            f"{path}: expected Prefect's database, which can be written; SQLite says: {error}. Mend it, or move it "
            "away: a new one is made, without the earlier runs"
        ) from None


def _require_server(name: str, host: str, port: int) -> None:
    try:
        socket.create_connection((host, port), DATABASE_SECONDS).close()
    except OSError as error:
        raise Unreachable(
            f"The database of Prefect at {host}:{port}, which {name} names, does not answer "
            f"({error.strerror or error}). Start it, or unset {name}: then Prefect's database is a file"
        ) from None


@contextmanager
def running_server(api: PrefectApi, environment: Mapping[str, str]) -> Iterator[list[Part]]:
    """Start a server with its user interface and its scheduler on the API's socket; none where another one answers.

    It is killed at the end: only its SQLite file is open, which is safe.
    """
    parts = []
    if api.listener:
        own = {ADDRESS: api.address, "PREFECT_UI_API_URL": api.address, "PREFECT__SERVER_FINAL": "1"}
        number = api.listener.fileno()
        module = "flows.session.prefect_process"
        parts.append(start(SERVER, module, str(number), environment={**environment, **own}, inherited=(number,)))
    try:
        yield parts
    finally:
        end(parts, seconds=0)


def wait(parts: list[Part], address: str) -> None:
    """Wait until the server answers. Raises Unreachable when it ends, or after the startup timeout of the settings."""
    deadline = time.monotonic() + float(os.environ["PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS"])
    while not answers(address):
        for part in parts:
            part.require_running()
        if time.monotonic() > deadline:
            logs = "".join(f" Its log: {part.log}" for part in parts)
            raise Unreachable(f"The Prefect server at {address} does not answer.{logs}")
        time.sleep(POLL_SECONDS)


def _require_answer(address: str) -> None:
    """Raises Unreachable when no server answers at the configured address."""
    if not answers(address):
        raise Unreachable(
            f"No Prefect server answers at {address}, which {ADDRESS} names. Start that server, or unset {ADDRESS}: "
            "then this command starts one"
        )
