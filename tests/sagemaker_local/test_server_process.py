"""A server in a process of its own: started again when it ends or hangs, and ended for good by stop."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sagemaker_local.executors.server_process import ServerProcess
from sagemaker_local.logs import LogWriter
from sagemaker_local.sandbox import Process, Workspace
from tests.sagemaker_local.engine_support import REGION
from tests.sagemaker_local.support import Bench, unique, until

GROUP = "/aws/sagemaker/tests"
SERVER = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *arguments):
        pass
print("up", flush=True)
HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


class SmallServer(ServerProcess):
    title = "the small server"
    health_path, health_timeout, health_every = "/", 0.3, 0.02
    most_missed_checks = 1
    restart_delay, grace = 0.01, 5.0

    def __init__(self, writer: LogWriter, folder: Path, port: int) -> None:
        self.stream = unique("server")
        super().__init__(writer.stream(GROUP, self.stream), Workspace.make(folder, "server"), port)
        self.port = port
        self.program = SERVER
        self.broken = threading.Event()
        self.launched: list[int] = []

    def launch(self) -> Process:
        if self.broken.is_set():
            raise OSError(28, "No space left on device")
        command = [sys.executable, "-u", "-c", self.program, str(self.port)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        self.launched.append(process.pid)
        return Process(process, generations=0)


@pytest.fixture
def server(bench: Bench, tmp_path: Path) -> Iterator[SmallServer]:
    with closing(LogWriter(REGION)) as writer, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        server = SmallServer(writer, tmp_path, port)
        yield server
        server.stop()


def test_a_server_that_ends_is_started_again(server: SmallServer, bench: Bench) -> None:
    assert server.start_within(60)
    os.kill(server.launched[0], signal.SIGKILL)
    until(lambda: len(server.launched) == 2 and server.healthy)
    server.log.flush()
    said = ["up", "SageMaker local: the small server ended and is started again.", "up"]
    until(lambda: bench.printed(GROUP, server.stream), lambda lines: lines == said)


def test_a_server_that_hangs_is_started_again(server: SmallServer) -> None:
    assert server.start_within(60)
    os.kill(server.launched[0], signal.SIGSTOP)
    until(lambda: len(server.launched) == 2 and server.healthy)


def test_a_launch_that_fails_is_repeated_until_it_works(server: SmallServer, bench: Bench) -> None:
    assert server.start_within(60)
    server.broken.set()
    os.kill(server.launched[0], signal.SIGKILL)
    reason = "SageMaker local: the small server can't be started: The disk of this machine is full."
    until(lambda: bench.printed(GROUP, server.stream), lambda lines: any(reason in line for line in lines))
    server.broken.clear()
    until(lambda: len(server.launched) == 2 and server.healthy)


@pytest.mark.parametrize(("program", "seconds"), [("print('no model')", 60.0), ("import time; time.sleep(600)", 0.3)])
def test_a_server_that_ends_or_takes_too_long_did_not_start(server: SmallServer, program: str, seconds: float) -> None:
    server.program = program
    assert not server.start_within(seconds)
    server.stop()
    assert not running(server.launched[0])


def test_a_server_that_is_stopped_while_it_is_launched_is_ended(server: SmallServer) -> None:
    server.stop()
    assert not server.start_within(60)
    until(lambda: not running(server.launched[0]))


def running(pid: int) -> bool:
    try:
        os.waitpid(pid, os.WNOHANG)
        os.kill(pid, 0)
    except (ChildProcessError, ProcessLookupError):
        return False
    return True
