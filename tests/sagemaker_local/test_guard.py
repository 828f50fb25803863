"""The guard of `--package-index refused`: what stays on this machine passes, and everything else is refused."""

import subprocess
import sys
from pathlib import Path

import pytest

GUARD = Path(__file__).parents[2] / "localstack" / "sagemaker_local" / "container" / "guard"
PROGRAM = """
import sagemaker_local_guard, socket
def attempt(call, *arguments):
    try:
        call(*arguments)
    except sagemaker_local_guard.ConnectionRefusedHere:
        return "refused"
    except OSError:
        pass
    return "passed"
print({})
"""


def outcome(expression: str) -> tuple[str, str]:
    """What a guarded Python prints, and its standard error."""
    command = [sys.executable, "-c", PROGRAM.format(expression)]
    done = subprocess.run(command, env={"PYTHONPATH": str(GUARD)}, capture_output=True, text=True, check=True)
    return done.stdout.strip(), done.stderr


@pytest.mark.parametrize(
    "target",
    [
        "'192.0.2.1', 9",
        "'2001:db8::1', 9",
        "'pypi.org', 443",
        "b'pypi.org', 443",
        "'algo-1.example.org', 443",
        "'1', 9",
    ],
)
def test_what_leaves_this_machine_is_refused_and_named_once(target: str) -> None:
    connecting = f"attempt(socket.create_connection, ({target}))"
    said, errors = outcome(f"{connecting}, {connecting}")
    assert said == "refused refused"
    assert len(errors.splitlines()) == 1
    assert "is refused (--package-index refused)." in errors


@pytest.mark.parametrize(
    "target",
    ["'127.0.0.1', 9", "'127.3.2.1', 9", "'localhost', 9", "'::1', 9", "'::ffff:127.0.0.1', 9", "'algo-2', 9"],
)
def test_what_stays_on_this_machine_passes(target: str) -> None:
    said, errors = outcome(f"attempt(socket.create_connection, ({target}))")
    assert (said, errors) == ("passed", "")


def test_datagrams_are_refused_too() -> None:
    sender = "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto"
    assert outcome(f"attempt({sender}, b'x', ('192.0.2.1', 53))")[0] == "refused"
