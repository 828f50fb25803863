import socket
from pathlib import Path

import pytest

from offline_cloud import ports


def test_a_port_where_another_program_listens_is_left_to_it() -> None:
    for host in ("127.0.0.1", "0.0.0.0"):  # noqa: S104  # a program that listens everywhere takes the port, too
        with socket.create_server((host, 0)) as other:
            taken = other.getsockname()[1]
            assert ports.reserve(taken).number != taken


def test_a_reserved_port_is_not_given_twice_and_comes_back() -> None:
    first = ports.reserve(_free_port())
    assert ports.reserve(first.number).number != first.number
    first.reservation.close()
    assert ports.reserve(first.number).number == first.number


def test_a_reserved_port_is_kept_from_those_with_another_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ports.reserve(_free_port())
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert ports.reserve(first.number).number != first.number
    assert not list(tmp_path.iterdir())


def test_a_port_that_was_just_left_is_free_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        left = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", left)):
            server.accept()[0].close()  # the closing side keeps the port in TIME_WAIT
    assert ports.reserve(left).number == left


def test_a_claimed_port_is_reserved_before_its_server_listens() -> None:
    with ports.claim(_free_port()) as first:
        number = first.getsockname()[1]
        with ports.claim(number) as second:
            assert second.getsockname()[1] != number
        with pytest.raises(OSError, match="in use"), socket.create_server(("127.0.0.1", number)):
            pass
        first.listen()
        socket.create_connection(("127.0.0.1", number)).close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
