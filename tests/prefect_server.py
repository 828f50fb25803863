"""The run's Prefect server: one for all workers of pytest and the commands that they start.

It lives as long as the process that the run began in, and keeps its database in the run's folder.
"""

import os
import subprocess
import sys
from pathlib import Path

from offline_cloud import state
from offline_cloud.ports import LOOPBACK, Port, reserve
from offline_cloud.processes import ProcessIdentity, spawn, spawn_tied, stop
from offline_cloud.services import answers
from tests.patience import until

PROJECT = Path(__file__).parents[1]
USUAL_PORT = 4212
_reserved: list[Port] = []
"""The reservation of the port lasts as long as this process: another run of the tests must not take the port before the
server listens."""


def shared_prefect_server(folder: Path, owner: int) -> str:
    """Return the API's address of the server in `folder`. The first caller starts the server. `owner` is a pid."""
    address = folder / "address"
    with state.locked(folder):
        if not address.exists():
            state.write_atomically(address, _start(folder, owner))
    url = address.read_text()
    keeper = _keeper(folder)
    until(lambda: answers(f"{url}/health") or not keeper.is_running())
    assert keeper.is_running(), f"The Prefect server has ended:\n{(folder / 'server.log').read_text()}"
    return url


def _start(folder: Path, owner: int) -> str:
    port = reserve(USUAL_PORT)
    _reserved.append(port)
    keeper = spawn(
        [sys.executable, "-m", "tests.prefect_server", str(port.number), str(owner), ProcessIdentity.of(owner).started],
        log=folder / "keeper.log",
        folder=PROJECT,
        environment={**os.environ, "PREFECT_HOME": str(folder), "PREFECT_UI_ENABLED": "0"},
    )
    (folder / "keeper").write_text(f"{keeper.pid} {ProcessIdentity.of(keeper.pid).started}")
    return f"http://{LOOPBACK}:{port.number}/api"


def end_shared_prefect_server(folder: Path) -> None:
    """End the server in `folder`, if there is one."""
    if (folder / "keeper").exists():
        stop([_keeper(folder)], grace=0)


def _keeper(folder: Path) -> ProcessIdentity:
    pid, started = (folder / "keeper").read_text().split(" ", 1)
    return ProcessIdentity(int(pid), started)


def main() -> None:
    """Run the server until its owner ends. The kernel ends it with this process."""
    port, pid, started = sys.argv[1:]
    owner = ProcessIdentity(int(pid), started)
    command = [sys.executable, "-m", "flows.commands.entry_point", "prefect", "server", "start", "--host", LOOPBACK]
    server = spawn_tied(
        [*command, "--port", port],
        log=Path(os.environ["PREFECT_HOME"], "server.log"),
        folder=PROJECT,
        environment=os.environ,
    )
    while owner.is_running() and server.poll() is None:
        try:
            server.wait(0.5)
        except subprocess.TimeoutExpired:
            continue
    server.kill()


if __name__ == "__main__":
    main()
