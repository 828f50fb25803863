"""The Prefect server of `vishwaops serve`: what keeps it from starting is explained."""

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.errors import PortInUse, Unreachable
from flows.commands.main import main
from flows.serve.parts import Part
from flows.serve.server import prefect_api
from flows.session.prefect_server import ADDRESS
from offline_cloud.processes import spawn_tied


@pytest.fixture(autouse=True)
def own_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No server is configured, and there is no database yet."""
    monkeypatch.setenv(ADDRESS, "")
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))


@pytest.fixture
def taken() -> Iterator[int]:
    """A port at which this process listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def closed() -> int:
    """A port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_free_port_is_listened_at_and_set_for_prefect() -> None:
    with prefect_api(0) as api:
        assert api.listener
        assert os.environ[ADDRESS] == api.address == f"http://127.0.0.1:{api.listener.getsockname()[1]}/api"


def test_a_port_in_use_names_the_program_and_the_option(taken: int) -> None:
    program = (
        rf"^Port {taken} is in use by .*\(pid {os.getpid()}\)\. End that program, or choose another port: .*--port N"
    )
    with pytest.raises(PortInUse, match=program), prefect_api(taken):
        pass


def test_a_port_that_does_not_exist_is_an_invalid_argument(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["serve", "--port", "70000"])
    assert "--port: expected 0 to 65535, found 70000" in capsys.readouterr().err


def test_a_configured_server_that_has_stopped_is_named(closed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ADDRESS, f"http://127.0.0.1:{closed}/api")
    found = (
        rf"^No Prefect server answers at http://127\.0\.0\.1:{closed}/api, which {ADDRESS} names\. Start that server"
    )
    with pytest.raises(Unreachable, match=found), prefect_api(0):
        pass


def test_a_database_server_that_does_not_answer_is_named_without_its_password(
    closed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "PREFECT_API_DATABASE_CONNECTION_URL"
    monkeypatch.setenv(name, f"postgresql+asyncpg://someone:geheim@127.0.0.1:{closed}/prefect")
    found = rf"at 127\.0\.0\.1:{closed}, which {name} names, does not answer \(.*\)\. Start it, or unset {name}: then"
    with pytest.raises(Unreachable, match=found) as raised, prefect_api(0):
        pass
    assert "geheim" not in str(raised.value)


def test_a_database_file_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "prefect.db").write_text("This is not a database. " * 100)
    with (
        pytest.raises(Unreachable, match=r"prefect\.db: expected .*file is not a database\. Mend it, or move"),
        prefect_api(0),
    ):
        pass


def test_a_server_that_has_ended_is_explained_by_the_last_line_of_its_log(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    command = [sys.executable, "-c", "import sys; sys.exit('no space left')"]
    process = spawn_tied(command, log=log, folder=tmp_path, environment=os.environ)
    process.wait()
    with pytest.raises(
        Unreachable, match=r"^The server has ended with status 1: no space left\. Its log: .*it continues$"
    ):
        Part("server", process, log).require_running()
