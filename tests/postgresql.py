"""The run's PostgreSQL server: one for all workers of pytest, on a Unix socket, from Debian's package.

It lives as long as the process that the run began in. Its data are in a folder that an unprivileged user owns, because
PostgreSQL refuses to run as root.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from adbc_driver_manager import Error
from adbc_driver_manager.dbapi import Connection
from adbc_driver_postgresql.dbapi import connect

from offline_cloud import state
from offline_cloud.processes import ProcessIdentity, spawn, stop
from tests.patience import until

PROJECT = Path(__file__).parents[1]
UNPRIVILEGED = "postgres"
"""The user that Debian's package creates."""
OWNER, READER, PASSWORD = "owner", "reader", "hunter2/@:?"
"""The role that may do everything, without a password; and one that may only read, with one."""
READERS = "readers"
"""The group of roles that have a password."""
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=32MB", "listen_addresses=",
        "max_prepared_transactions=2")  # fmt: skip


def shared_postgresql(folder: Path, owner: int) -> str:
    """Return the folder of the socket. The first caller starts the server, or skips its test. `owner` is a pid."""
    from tests.conftest import MACHINE_PARTS

    program = next(filter(None, map(shutil.which, MACHINE_PARTS["PostgreSQL"])), None)
    if program is None:
        pytest.skip("PostgreSQL is not on this machine")
    with state.locked(folder):
        if not (folder / "keeper").exists():
            _start(folder, owner, Path(program).resolve())
    keeper, ready = _keeper(folder), folder / "ready"
    until(lambda: ready.exists() or not keeper.is_running())
    assert ready.exists(), f"PostgreSQL has ended:\n{(folder / 'keeper.log').read_text()}"
    return ready.read_text()


def end_shared_postgresql(folder: Path) -> None:
    """End the server in `folder`, if there is one."""
    if (folder / "keeper").exists():
        stop([_keeper(folder)], grace=10)


def url(socket: str, database: str, role: str = OWNER, password: str = "") -> str:
    """The URL of a database of the server."""
    return f"postgresql://{role}{':' if password else ''}{password}@/{database}?host={socket}"


@contextmanager
def connected(address: str) -> Iterator[Connection]:
    """A connection that commits each statement."""
    with connect(address, autocommit=True) as made:
        yield made


def run(made: Connection, *statements: str) -> None:
    """Run statements without rows."""
    for statement in statements:
        with made.cursor() as cursor:
            cursor.execute(statement)


def _start(folder: Path, owner: int, program: Path) -> None:
    keeper = spawn(
        [sys.executable, "-m", "tests.postgresql", folder, program, str(owner), ProcessIdentity.of(owner).started],
        log=folder / "keeper.log",
        folder=PROJECT,
        environment=os.environ,
    )
    (folder / "keeper").write_text(f"{keeper.pid} {ProcessIdentity.of(keeper.pid).started}")


def _keeper(folder: Path) -> ProcessIdentity:
    pid, started = (folder / "keeper").read_text().split(" ", 1)
    return ProcessIdentity(int(pid), started)


def main() -> None:
    """Run a server until its owner ends, or SIGTERM."""
    folder, program, pid, started = sys.argv[1:]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    owner = ProcessIdentity(int(pid), started)
    with tempfile.TemporaryDirectory(prefix="vishwaops-postgresql-") as home, _server(Path(home), program) as server:
        state.write_atomically(Path(folder, "ready"), home)
        while owner.is_running() and server.poll() is None:
            try:
                server.wait(0.5)
            except subprocess.TimeoutExpired:
                continue


@contextmanager
def _server(home: Path, program: str) -> Iterator[subprocess.Popen[bytes]]:
    user, data = _unprivileged(home), home / "data"
    initdb = Path(program).with_name("initdb")
    made = [str(initdb), "-D", str(data), "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]
    subprocess.run(["setpriv", *user, *made], cwd=home, check=True, stdout=subprocess.DEVNULL)
    (data / "pg_hba.conf").write_text(f"local all +{READERS} scram-sha-256\nlocal all all trust\n")
    settings = [part for setting in FAST for part in ("-c", setting)]
    # The kernel ends the server with this process. SIGQUIT is its immediate shutdown.
    command = ["setpriv", *user, "--pdeathsig", "QUIT", program, "-D", str(data), "-k", str(home), *settings]
    with subprocess.Popen(command, cwd=home) as server:
        try:
            until(lambda: _answers(home) or server.poll() is not None)
            with connected(url(str(home), "postgres")) as owner:
                run(
                    owner,
                    f"CREATE ROLE {READERS}",
                    f"CREATE ROLE {READER} LOGIN PASSWORD '{PASSWORD}' IN ROLE {READERS}",
                )
            yield server
        finally:
            server.send_signal(signal.SIGQUIT)


def _unprivileged(home: Path) -> list[str]:
    """The options of setpriv for a user that PostgreSQL accepts. `home` becomes that user's."""
    if os.getuid() != 0:
        return ["--reuid", str(os.getuid())]
    shutil.chown(home, UNPRIVILEGED, UNPRIVILEGED)
    return ["--reuid", UNPRIVILEGED, "--regid", UNPRIVILEGED, "--clear-groups"]


def _answers(home: Path) -> bool:
    try:
        with connected(url(str(home), "postgres")):
            return True
    except Error:
        return False


if __name__ == "__main__":
    main()
