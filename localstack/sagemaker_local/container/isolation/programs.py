"""Starts commands and waits for them."""

import os
import sys

_SIGPIPE, _SIGXFSZ = 13, 25  # Python ignores these signals; a command must not inherit that
_CANT_RUN, _NOT_FOUND = 126, 127  # the exit code that a shell uses


def spawn(command: list[str]) -> int:
    """Starts a command, with this process's environment, and returns its pid. Ends this process when it can't."""
    try:
        return os.posix_spawnp(command[0], command, _environment(), setsigdef=(_SIGPIPE, _SIGXFSZ))
    except OSError as error:
        say(f"{command[0]} can't be started: {error.strerror}.")
        os._exit(_NOT_FOUND if isinstance(error, FileNotFoundError) else _CANT_RUN)


def _environment() -> dict[bytes, bytes]:
    """As this process got it: where no locale is set, Python adds one to os.environ."""
    with open("/proc/self/environ", "rb") as file:
        pairs = [each.partition(b"=") for each in file.read().split(b"\0") if b"=" in each]
    return {name: value for name, _, value in pairs}


def exit_code(pid: int) -> int:
    """Reaps every child until this one has ended; its exit code, as a shell has it."""
    ended = 0
    while ended != pid:
        ended, status = os.waitpid(-1, 0)
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def say(text: str) -> None:
    """Prints a line of SageMaker local into the job's log."""
    sys.stdout.write(f"SageMaker local: {text}\n")
    sys.stdout.flush()
