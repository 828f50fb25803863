"""Kills a process with SIGKILL when it is about to change AWS, repeats it, and compares the result."""

import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from tests.faulty_cloud import BEGUN, VARIABLES, Call, Kind, proxied
from tests.patience import PATIENCE

PROCESSES = get_context("forkserver")
CHANGES = ("Put", "Delete", "Create", "Update", "Add", "Query")
"""The beginnings of the actions that change AWS. `Query` has DeleteObjects and PutMetricData."""
State = Mapping[str, Any]
"""What is compared, by name."""


@dataclass(frozen=True)
class Prepared:
    """A use case that a command can run for."""

    call: Callable[[], Any]
    """Runs the command in the process that is killed. May return an exit status."""
    state: Callable[[], State]
    """Reads what the command has made until now."""


@dataclass(frozen=True)
class Command:
    """A command that may be killed. `prepare` makes a use case of this name, whose YAML file is in the folder."""

    name: str
    prepare: Callable[[Path, str], Prepared]
    steps: Callable[[Call], bool] = lambda _: True
    """The changes that it is killed at."""
    modules: tuple[str, ...] = ()
    """What the process is forked with, already imported: imports take the most time."""


@dataclass(frozen=True)
class Repeated:
    """What a command that was killed, and its repetition, have made together."""

    command: str
    title: str
    """What the command was about to do, or had just sent, when it was killed."""
    exit_status: int
    again: int
    """The exit status of the repetition."""
    differences: tuple[str, ...]
    """The parts of the state that differ from those of an undisturbed command."""
    output: str = field(default="", compare=False)
    """Of the repetition."""

    @property
    def as_it_should_be(self) -> bool:
        """Whether it was killed, and its repetition made what an undisturbed command makes."""
        return (self.exit_status, self.again) == (-signal.SIGKILL, 0) and not self.differences

    def row(self) -> dict[str, str]:
        """The figures of a table's row, by heading."""
        return {
            "command": self.command,
            "killed when": self.title,
            "exit status": f"{self.exit_status}, then {self.again}",
            "different from an undisturbed one": ", ".join(self.differences) or "nothing",
        }

    @property
    def shown(self) -> str:
        """One line, and the repetition's output if anything is not as it should be."""
        line = " | ".join(self.row().values())
        return line if self.as_it_should_be else f"{line}\n{self.output}"


@dataclass
class Killer:
    """Kills a process at its step of this number, from 0, before or after AWS has the call. Notes all steps."""

    is_step: Callable[[Call], bool]
    number: int | None = None
    after: bool = False
    process: BaseProcess | None = None
    steps: list[Call] = field(default_factory=list)

    def __call__(self, call: Call) -> Kind | None:
        if not self._is_change(call):
            return None
        self.steps.append(call)
        if self.process is None or len(self.steps) - 1 != self.number:
            return None
        self.process.kill()
        wait([self.process.sentinel], PATIENCE)  # only one thread may join a process
        return "lost" if self.after else "dropped"

    def _is_change(self, call: Call) -> bool:
        """Whether a call is a step. Of the heartbeats, which come by the clock, it is only the first one."""
        later_heartbeat = call.title == BEGUN and any(each.title == BEGUN for each in self.steps)
        return call.action.startswith(CHANGES) and not later_heartbeat and self.is_step(call)


def import_early(commands: Iterable[Command]) -> None:
    """Import the commands' modules once, in the process that theirs are forked from. To be called before any runs."""
    PROCESSES.set_forkserver_preload([module for command in commands for module in command.modules])


def run(prepared: Prepared, killer: Killer) -> tuple[int, str]:
    """Run a command in a process until it ends or is killed. Returns its exit status and its output."""
    with proxied({name: os.environ[name] for name in VARIABLES}) as (cloud, variables), NamedTemporaryFile() as output:
        process = PROCESSES.Process(target=_carry_out, args=(prepared.call, variables, output.name))
        process.start()
        killer.process, cloud.faults = process, killer
        process.join(PATIENCE)
        process.kill()  # has no effect on one that has ended
        process.join()
        return process.exitcode or 0, output.read().decode()


def _carry_out(call: Callable[[], Any], variables: Mapping[str, str], output: str) -> None:
    """In the process: reach the cloud by these variables, write to the file, and exit with the command's status."""
    os.environ.update(variables)
    file = os.open(output, os.O_WRONLY | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(file, stream)
    status = call()
    sys.exit(status if isinstance(status, int) else 0)


def undisturbed(command: Command, folder: Path, name: str) -> tuple[list[Call], State]:
    """Run a command once. Returns its steps, and its result."""
    prepared, killer = command.prepare(folder, name), Killer(command.steps)
    status, output = run(prepared, killer)
    assert status == 0, output
    return killer.steps, prepared.state()


def repeated(command: Command, folder: Path, name: str, killer: Killer, expected: State, title: str = "") -> Repeated:
    """Kill a command, run it again, and compare the result with the expected one."""
    prepared = command.prepare(folder, name)
    status, _ = run(prepared, killer)
    again, output = run(prepared, Killer(command.steps))
    return Repeated(
        command.name, title or title_of(killer), status, again, different(expected, prepared.state()), output
    )


def title_of(killer: Killer) -> str:
    """What a table calls the step that a process was killed at."""
    if killer.number is None or killer.number >= len(killer.steps):
        return "it had ended"
    call = killer.steps[killer.number]
    place = "/".join(call.path.partition("?")[0].split("/")[-2:])
    return f"{'after' if killer.after else 'before'} {killer.number + 1}: {call.action} {place}".rstrip()


def different(expected: State, found: State) -> tuple[str, ...]:
    """The differences between two results."""
    names = sorted(set(expected) | set(found))
    return tuple(
        f"{name}: {found.get(name)} instead of {expected.get(name)}"
        for name in names
        if expected.get(name) != found.get(name)
    )


def repeat_all(command: Command, folder: Path, side_by_side: int) -> Iterator[Repeated]:
    """Kill a command at each of its steps, before AWS has the call, and at the last one after it."""
    steps, expected = undisturbed(command, folder, f"{command.name}_whole")
    killers = [Killer(command.steps, number) for number in range(len(steps))]
    killers.append(Killer(command.steps, len(steps) - 1, after=True))
    with ThreadPoolExecutor(side_by_side) as threads:
        waiting = [
            threads.submit(repeated, command, folder, f"{command.name}_{number}", killer, expected)
            for number, killer in enumerate(killers)
        ]
        for each in waiting:
            yield each.result()
