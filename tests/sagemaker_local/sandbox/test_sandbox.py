"""The guarantees of every isolation, to a process and to the machine."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import psutil
import pytest

from sagemaker_local.sandbox import Identity
from tests.patience import PATIENCE, until
from tests.sagemaker_local.sandbox.conftest import Box

Machine = Callable[[], list[str]]


def unique_seconds() -> str:
    """A duration for a `sleep` that no other process has."""
    return f"{3000 + uuid4().int % 10**6}.{uuid4().int % 10**6:06}"


def sleeping(seconds: str) -> list[int]:
    found = psutil.process_iter(["cmdline"])
    return [process.pid for process in found if process.info["cmdline"] == ["sleep", seconds]]


@pytest.mark.parametrize(("script", "code"), [("true", 0), ("exit 7", 7), ("kill -KILL $$", 137), ("/nowhere/x", 127)])
def test_the_exit_code_is_the_commands(box: Box, script: str, code: int) -> None:
    assert box.run(script)[0] == code


def test_a_command_that_is_not_there_is_named(box: Box) -> None:
    workspace = box.workspace()
    process = box.sandbox.start(["no-such-command"], workspace, {}, directory=box.sandbox.ml(workspace))
    assert "no-such-command" in process.output.read().decode()
    assert process.wait(PATIENCE) != 0


def test_the_environment_is_exactly_what_was_given_and_signals_are_as_python_starts_programs(box: Box) -> None:
    workspace = box.workspace()
    command = ["/bin/sh", "-c", "env; grep SigIgn /proc/self/status"]
    process = box.sandbox.start(command, workspace, {"A": "ä=b"}, directory=box.sandbox.ml(workspace))
    *lines, ignored = process.output.read().decode().splitlines()
    assert process.wait(PATIENCE) == 0
    assert {line for line in lines if not line.startswith(("PWD=", "_=", "OLDPWD=", "SHLVL="))} == {"A=ä=b"}
    sigpipe = 1 << 12
    assert int(ignored.split()[1], 16) & sigpipe == 0


def test_it_starts_where_it_is_told_and_writes_into_its_folder_as_its_user(box: Box) -> None:
    workspace = box.workspace()
    code, output = box.run("pwd; echo weights > model; id -u", workspace)
    assert (code, output.split()) == (0, [box.sandbox.ml(workspace), str(os.getuid())])
    assert (workspace.ml / "model").read_text() == "weights\n"
    assert (workspace.ml / "model").owner() == Path(workspace.ml).owner()


def test_sigterm_reaches_the_command_itself_which_may_end_in_its_own_time(box: Box) -> None:
    process = box.start(
        "trap 'sleep 0.2; echo saved; exit 5' TERM; echo up; while :; do sleep 0.05; done", box.workspace()
    )
    assert process.output.readline() == b"up\n"
    process.stop(PATIENCE)
    assert process.output.read() == b"saved\n"
    assert process.wait(PATIENCE) == 5


def test_what_ignores_sigterm_is_killed_after_its_grace(box: Box) -> None:
    process = box.start("trap '' TERM; echo up; while :; do sleep 0.05; done", box.workspace())
    assert process.output.readline() == b"up\n"
    process.stop(0.1)
    assert process.wait(PATIENCE) in (-9, 137)


def test_a_daemon_that_left_its_group_ends_with_the_command(box: Box) -> None:
    seconds = unique_seconds()
    code, _ = box.run(f"setsid sleep {seconds} > /dev/null 2>&1 & sleep 0.1")
    assert code == 0
    until(lambda: sleeping(seconds) == [])


def test_kill_ends_everything_at_once_also_what_left_the_group(box: Box) -> None:
    seconds = unique_seconds()
    process = box.start(f"setsid sleep {seconds} & sleep {seconds}", box.workspace())
    until(lambda: len(sleeping(seconds)) == 2)
    process.kill()
    until(lambda: sleeping(seconds) == [])
    assert process.wait(PATIENCE) in (-9, 137)


SERVER = """
import sys
from pathlib import Path
from sagemaker_local.sandbox import Sandbox, Workspace
sandbox, workspace = Sandbox(sys.argv[1]), Workspace.make(Path(sys.argv[2]), "job")
script = f"setsid sleep {sys.argv[3]} & sleep {sys.argv[3]}"
sandbox.start(["/bin/sh", "-c", script], workspace, {"PATH": "/usr/bin:/bin"}, directory=sandbox.ml(workspace)).wait()
"""


def test_nothing_outlives_a_server_that_is_killed(box: Box, tmp_path: Path) -> None:
    seconds = unique_seconds()
    server = subprocess.Popen([sys.executable, "-c", SERVER, box.sandbox.isolation.name, str(tmp_path), seconds])
    until(lambda: len(sleeping(seconds)) == 2)
    server.kill()
    server.wait(PATIENCE)
    until(lambda: sleeping(seconds) == [])


def test_a_written_out_opt_ml_is_the_jobs_own_and_the_rest_of_opt_is_there(own_ml: Box, machine: Machine) -> None:
    before, workspace = machine(), own_ml.workspace()
    (workspace.ml / "input").write_text("rows")
    code, output = own_ml.run("cat /opt/ml/input; mkdir /opt/ml/model; touch /opt/ml/model/x; ls /opt", workspace)
    assert code == 0, output
    assert output.startswith("rows")
    assert {Path(each).name for each in before if Path(each).parent == Path("/opt")} <= set(output[4:].split())
    assert (workspace.ml / "model" / "x").exists()
    assert machine() == before


def test_two_jobs_at_once_see_neither_the_files_nor_the_processes_of_each_other(own_ml: Box) -> None:
    seconds = unique_seconds()
    script = f"echo {{}} > /opt/ml/mine; sleep {seconds} & echo up; "
    script += "read line < /opt/ml/go; ls /opt/ml; cat /proc/[0-9]*/cmdline"
    workspaces = [own_ml.workspace() for _ in range(2)]
    for workspace in workspaces:
        os.mkfifo(workspace.ml / "go")
    processes = [own_ml.start(script.format(i), workspace) for i, workspace in enumerate(workspaces)]
    assert [process.output.readline() for process in processes] == [b"up\n"] * 2
    until(lambda: len(sleeping(seconds)) == 2)
    for workspace in workspaces:
        (workspace.ml / "go").write_text("go\n")
    for number, (process, workspace) in enumerate(zip(processes, workspaces, strict=True)):
        output = process.output.read()
        assert output.startswith(b"go\nmine\n")
        assert output.count(b"sleep\0" + seconds.encode()) == 1
        assert (workspace.ml / "mine").read_text() == f"{number}\n"
        assert process.wait(PATIENCE) == 0


def test_without_network_there_is_a_loopback_of_its_own_and_nothing_else(own_ml: Box) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        script = (
            "import socket\n"
            f"own = socket.create_server(('127.0.0.1', {port}))\n"
            f"socket.create_connection(('127.0.0.1', {port}), 5)\n"
            "print(sorted(name for _, name in socket.if_nameindex())[:1])\n"
        )
        code, output = own_ml.run(f'{sys.executable} -IS -c "{script}"', network=False)
    assert (code, output) == (0, "['lo']\n")


def test_it_has_its_hosts_name_and_finds_the_others_by_theirs(own_ml: Box, tmp_path: Path) -> None:
    names, machines = tmp_path / "hosts", Path("/etc/hosts").read_bytes()
    names.write_text("127.0.0.1 localhost\n127.77.1.2 algo-2\n")
    script = "cat /proc/sys/kernel/hostname; getent hosts algo-2 | cut -d' ' -f1"
    assert own_ml.run(script, identity=Identity("algo-1", names)) == (0, "algo-1\n127.77.1.2\n")
    assert Path("/etc/hosts").read_bytes() == machines
    assert socket.gethostname() != "algo-1"


def test_no_program_in_it_gains_privileges(own_ml: Box) -> None:
    assert own_ml.run("grep NoNewPrivs /proc/self/status")[1].split() == ["NoNewPrivs:", "1"]
