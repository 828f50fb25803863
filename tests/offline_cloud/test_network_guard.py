"""The guard that refuses connections off this machine. Each test has its own copy, so that this run does not fail."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE

TESTS = Path(__file__).parents[1]
WITHOUT = [f"-pno:{plugin}" for plugin in ("cacheprovider", "hypothesispytest", "anyio", "platformdirs")]
"""Plugins that these runs do not use; importing them takes most of a run's time."""
SKIPS = """
import pytest
def test_of_data():
    pytest.skip("the data is not on this machine")
"""


@pytest.fixture
def guard(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TESTS / "network_guard", tmp_path / "guard", ignore=_all_but_source))


def _all_but_source(_: str, names: list[str]) -> list[str]:
    return [name for name in names if not name.endswith(".py")]


def run_python(program: str, *path: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))}
    return subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=PATIENCE
    )


@pytest.mark.parametrize(
    ("program", "address"),
    [
        ("import socket; socket.create_connection(('192.0.2.1', 80), 1)", "192.0.2.1:80"),
        ("import socket; socket.socket(socket.AF_INET6).connect(('2001:db8::1', 443))", "2001:db8::1:443"),
        ("import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'', ('192.0.2.1', 53))", "192.0.2.1:53"),
        ("import socket; socket.getaddrinfo('example.invalid', 80)", "example.invalid"),
        ("import socket; socket.gethostbyname('example.invalid')", "example.invalid"),
        ("import urllib.request as u; u.urlopen('http://example.invalid')", "example.invalid"),
    ],
)
def test_a_child_that_tries_to_leave_is_refused_and_recorded(guard: Path, program: str, address: str) -> None:
    child = run_python(program, guard)
    assert child.returncode == 1
    assert f"to {address} was refused" in child.stderr
    assert f"to {address} by process" in (guard / "refusals.txt").read_text()


def test_threads_of_openmp_wait_without_processor_time_unless_a_program_is_told_otherwise(
    guard: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = "import os; print(os.environ['OMP_WAIT_POLICY'])"
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    assert run_python(shown, guard).stdout == "PASSIVE\n"
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    assert run_python(shown, guard).stdout == "ACTIVE\n"


def test_a_grandchild_is_refused_too(guard: Path) -> None:
    inner = "import socket; socket.create_connection(('192.0.2.1', 80), 1)"
    program = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
    run_python(program, guard)
    assert "192.0.2.1:80" in (guard / "refusals.txt").read_text()


def test_what_stays_on_this_machine_passes(guard: Path) -> None:
    program = """
import socket
for host, family in (("127.0.0.1", socket.AF_INET), ("localhost", socket.AF_INET)):
    with socket.create_server((host, 0), family=family) as server:
        socket.create_connection((host, server.getsockname()[1]), 2).close()
socket.getaddrinfo(None, 80)
socket.gethostbyname(socket.gethostname())
try:
    socket.socket(socket.AF_UNIX).connect("/nowhere.sock")
except FileNotFoundError:
    print("done")
"""
    child = run_python(program, guard)
    assert child.stdout == "done\n", child.stderr
    assert not (guard / "refusals.txt").exists()


def test_the_next_sitecustomize_still_runs(guard: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('the other one')")
    assert run_python("", guard, tmp_path).stdout == "the other one\n"


@pytest.mark.parametrize("options", [(), ("-n", "1")])
def test_a_run_fails_and_lists_what_tried_to_leave_though_the_test_swallowed_it(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    run = _run_tests(
        tmp_path,
        """
        import socket
        def test_telemetry():
            try:
                socket.create_connection(("192.0.2.1", 80), 1)
            except OSError:
                pass
        """,
        *options,
    )
    assert "1 passed" in run.stdout, run.stdout + run.stderr
    assert "socket.connect to 192.0.2.1:80 by process" in run.stdout
    assert "test_inner.py" in run.stdout
    assert run.returncode == pytest.ExitCode.TESTS_FAILED


def test_a_run_names_the_parts_that_this_machine_lacks(tmp_path: Path) -> None:
    run = _run_tests(tmp_path, SKIPS, PATH="/nowhere", VISHWAOPS_REQUIRE_ALL="")
    for part in ("terraform", "Chromium", "bubblewrap"):
        assert f"{part}: not tested: " in run.stdout
    assert "the data is not on this machine: 1 not run: test_inner.py" in run.stdout
    assert run.returncode == pytest.ExitCode.OK


def test_where_all_parts_are_required_a_test_skipped_for_one_fails(tmp_path: Path) -> None:
    run = _run_tests(tmp_path, SKIPS, "-n", "1", PATH="/nowhere", VISHWAOPS_REQUIRE_ALL="1")
    assert "the data is not on this machine, and VISHWAOPS_REQUIRE_ALL is 1" in run.stdout
    assert "1 failed" in run.stdout
    assert run.returncode == pytest.ExitCode.TESTS_FAILED


def test_where_all_parts_are_required_a_run_without_one_fails_though_no_test_does(tmp_path: Path) -> None:
    run = _run_tests(tmp_path, "def test_nothing(): pass", PATH="/nowhere", VISHWAOPS_REQUIRE_ALL="1")
    assert "1 passed" in run.stdout
    assert "bubblewrap: not tested: " in run.stdout
    assert run.returncode == pytest.ExitCode.TESTS_FAILED


def _run_tests(tmp_path: Path, test: str, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A separate pytest run, with a copy of our conftest."""
    shutil.copytree(TESTS / "network_guard", tmp_path / "network_guard", ignore=_all_but_source)
    shutil.copy(TESTS / "conftest.py", tmp_path)
    lines = test.strip("\n").splitlines()
    indent = len(lines[0]) - len(lines[0].lstrip())
    (tmp_path / "test_inner.py").write_text("\n".join(line[indent:] for line in lines))
    return subprocess.run(
        [sys.executable, "-m", "pytest", *WITHOUT, "--rootdir", tmp_path, *options, tmp_path],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": "", "PYTEST_ADDOPTS": "", **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
