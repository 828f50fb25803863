"""Each command has its own Prefect server, also when other commands run."""

import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import settings
from flows.session.prefect_server import ADDRESS, PrefectServer, start_prefect_server
from tests.patience import PATIENCE


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[tuple[PrefectServer, PrefectServer]]:
    """The servers of two commands that start at the same time, each with its own state."""
    monkeypatch.setenv("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", str(PATIENCE))
    both = [_start(monkeypatch, tmp_path / name) for name in ("one", "other")]
    try:
        yield both[0], both[1]
    finally:
        for server in both:
            assert server.process
            server.process.kill()
            server.process.wait()


def _start(monkeypatch: pytest.MonkeyPatch, state: Path) -> PrefectServer:
    monkeypatch.setattr(settings, "STATE", state)
    monkeypatch.setenv("PREFECT_HOME", str(state / "prefect"))
    monkeypatch.delenv(ADDRESS, raising=False)
    return start_prefect_server()


def test_two_commands_that_start_together_have_a_server_each(servers: tuple[PrefectServer, PrefectServer]) -> None:
    one, other = servers
    assert one.url != other.url
    assert one.process
    one.process.kill()
    one.process.wait()
    other.wait()
    with urllib.request.urlopen(f"{other.url}/health", timeout=PATIENCE) as answer:
        assert answer.status == 200
    assert os.environ[ADDRESS] == other.url
