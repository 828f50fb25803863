"""A command with a Prefect server inside a VPC, with a fake of the tunnel to it."""

import subprocess
from pathlib import Path

import pytest

from tests.github.conftest import Commands

SCRIPT = Path(__file__).parents[2] / ".github" / "with_prefect.sh"
LOCAL = "http://127.0.0.1:4207/api"
TUNNEL = '#!/bin/sh\necho "tunnel $*" >> {folder}/calls\n{answer}\n'
STAYS = "touch open; exec sleep 600"


@pytest.fixture
def checkout(commands: Commands, tmp_path: Path) -> Path:
    """A checkout whose tunnel opens at once, and stays until it is stopped."""
    commands.add("curl", "[ -e open ]")
    commands.add("deploy", 'echo "${PREFECT_API_AUTH_STRING-none}"')
    (tmp_path / "terraform").mkdir()
    open_tunnel(tmp_path, commands, STAYS)
    return tmp_path


def open_tunnel(checkout: Path, commands: Commands, answer: str) -> None:
    tunnel = checkout / "terraform" / "prefect-tunnel.sh"
    tunnel.write_text(TUNNEL.format(folder=commands.folder, answer=answer))
    tunnel.chmod(0o755)


def run(checkout: Path, commands: Commands, url: str, secret: str = "") -> subprocess.CompletedProcess[str]:
    environment = {"ENVIRONMENT": "dev", "PREFECT_API_URL": url, "PREFECT_API_AUTH_STRING": secret}
    return subprocess.run(
        [SCRIPT, "deploy", "all"],
        cwd=checkout,
        env={**commands.environment, **environment},
        text=True,
        capture_output=True,
        timeout=60,
    )


def test_a_server_in_the_vpc_is_reached_by_a_tunnel_that_ends_with_the_command(
    checkout: Path, commands: Commands
) -> None:
    done = run(checkout, commands, LOCAL, "user:password")  # would wait for the tunnel's output if it stayed
    assert (done.returncode, done.stdout) == (0, "user:password\n"), done.stderr
    assert commands.calls.count("tunnel dev 4207") == 1
    assert commands.calls[-2:] == [f"curl --fail --silent --output /dev/null {LOCAL}/health", "deploy all"]


def test_a_server_with_an_address_needs_no_tunnel(checkout: Path, commands: Commands) -> None:
    done = run(checkout, commands, "https://api.prefect.cloud/api/accounts/1/workspaces/2")
    assert (done.returncode, done.stdout) == (0, "none\n")
    assert commands.calls == ["deploy all"]


def test_a_tunnel_that_ends_stops_the_deployment(checkout: Path, commands: Commands) -> None:
    open_tunnel(checkout, commands, 'echo "no running task" >&2; exit 1')
    done = run(checkout, commands, LOCAL)
    assert (done.returncode, "The tunnel to dev's Prefect server has ended" in done.stdout) == (1, True)
    assert "no running task" in done.stderr
    assert "deploy all" not in commands.calls
