"""The run's AWS provider of Terraform: one process for all workers and all tests that mock AWS.

Terraform starts the provider's process for each plan, which costs more processor time than a small plan itself. A
process that was started with `-debug` is shared instead: Terraform attaches to it by TF_REATTACH_PROVIDERS. It lives as
long as the process that the run began in.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from offline_cloud import state
from offline_cloud.processes import ProcessIdentity, spawn, spawn_tied, stop
from tasks.platform.terraform import FETCHED, PROVIDER, provider_mirror
from tests.patience import until

PROJECT = Path(__file__).parents[1]
_ADDRESS = re.compile(r"TF_REATTACH_PROVIDERS='(.*)'\n")


def shared_provider(folder: Path, owner: int, providers: Path | None = None) -> str:
    """Return the value of TF_REATTACH_PROVIDERS, or "" without exactly one unpacked provider below `providers`.

    The first caller starts the provider. `owner` is a pid. By default, `providers` is where Terraform finds them.
    """
    found = (providers or provider_mirror() or FETCHED) / PROVIDER
    programs = sorted(found.glob("*/*/terraform-provider-aws_v*"))
    if len(programs) != 1:
        return ""
    with state.locked(folder):
        if not (folder / "keeper").exists():
            _start(folder, owner, programs[0])
    keeper, log = _keeper(folder), folder / "provider.log"
    until(lambda: _address(log) or not keeper.is_running())
    assert keeper.is_running(), f"Terraform's provider has ended:\n{log.read_text()}"
    return _address(log)


def end_shared_provider(folder: Path) -> None:
    """End the provider in `folder`, if there is one."""
    if (folder / "keeper").exists():
        stop([_keeper(folder)], grace=0)


def _start(folder: Path, owner: int, program: Path) -> None:
    keeper = spawn(
        [
            *(sys.executable, "-m", "tests.terraform_provider", folder, program),
            *(str(owner), ProcessIdentity.of(owner).started),
        ],
        log=folder / "keeper.log",
        folder=PROJECT,
        environment={**os.environ, "TMPDIR": str(folder)},  # the provider's socket
    )
    (folder / "keeper").write_text(f"{keeper.pid} {ProcessIdentity.of(keeper.pid).started}")


def _address(log: Path) -> str:
    found = _ADDRESS.search(log.read_text()) if log.exists() else None
    return found[1] if found else ""


def _keeper(folder: Path) -> ProcessIdentity:
    pid, started = (folder / "keeper").read_text().split(" ", 1)
    return ProcessIdentity(int(pid), started)


def main() -> None:
    """Run the provider until its owner ends. The kernel ends it with this process."""
    folder, program, pid, started = sys.argv[1:]
    owner = ProcessIdentity(int(pid), started)
    provider = spawn_tied(
        [program, "-debug"], log=Path(folder, "provider.log"), folder=Path(folder), environment=os.environ
    )
    while owner.is_running() and provider.poll() is None:
        try:
            provider.wait(0.5)
        except subprocess.TimeoutExpired:
            continue
    provider.kill()


if __name__ == "__main__":
    main()
