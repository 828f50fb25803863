"""`vishwaops serve` as a child process, with the run's offline cloud and a Prefect server and state of its own."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from flows.session.prefect_server import ADDRESS
from offline_cloud.processes import die_with_parent
from tests.patience import PATIENCE, until

PROJECT = Path(__file__).parents[3]


class Serve:
    """A `vishwaops serve` in progress. `home` holds Prefect's database, also for the ones after it."""

    def __init__(self, home: Path, prefect_file: Path, output: str, state: Path) -> None:
        self.home, self.output = home, home / output
        environment = {**os.environ, "VISHWAOPS_STATE": str(state), "PREFECT_HOME": str(home / "prefect")}
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(PROJECT), os.environ.get("PYTHONPATH")]))
        environment.pop(ADDRESS, None)
        tests = os.getpid()
        arguments = ["serve", "--port", "0", "--prefect-file", str(prefect_file)]
        with self.output.open("w") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "flows.commands.entry_point", *arguments],
                cwd=PROJECT,
                env=environment,
                stdout=file,
                stderr=subprocess.STDOUT,
                preexec_fn=lambda: die_with_parent(signal.SIGTERM, tests),
            )

    @property
    def text(self) -> str:
        """What it has printed."""
        return self.output.read_text()

    def address(self) -> str:
        """Wait until all runs. Returns the address of its Prefect API."""
        shown = until(lambda: self.text, lambda text: "The same command continues" in text or self._ended())
        found = re.search(rf"export {ADDRESS}=(\S+)", shown)
        assert found, shown
        return found[1]

    def _ended(self) -> bool:
        return self.process.poll() is not None

    def family(self) -> list[psutil.Process]:
        """This process and all below it."""
        root = psutil.Process(self.process.pid)
        return [root, *root.children(recursive=True)]

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, and return the exit status."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@contextmanager
def served(home: Path, prefect_file: Path, output: str = "output.txt", state: Path | None = None) -> Iterator[Serve]:
    """Run `vishwaops serve`, and kill what is left of it at the end. Its `state` is in `home` by default."""
    home.mkdir(parents=True, exist_ok=True)
    serve = Serve(home, prefect_file, output, state or home)
    try:
        yield serve
    finally:
        for process in serve.family() if serve.process.poll() is None else ():
            process.kill()
        serve.process.wait()
