"""The end of the server on SIGTERM, and servers that can't start."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from tests.patience import until
from tests.serving.server.running_server import PROJECT, running_server


def test_sigterm_answers_what_was_accepted_and_then_ends(tmp_path: Path) -> None:
    with running_server(tmp_path) as server, server.client() as client, server.client() as waiting:
        idle = server.client()
        waiting.send(waiting.request(b"sleep 0.5") + waiting.request(b"pipelined"))
        client.send(client.request(b"sleep 0.5"))
        until(lambda: server.metric("model_server_in_progress"), lambda count: count == 2)
        server.process.send_signal(signal.SIGTERM)
        until(lambda: server.events("draining"))
        late = idle.invoke(b"from an open connection")
        assert (late.body, late.headers["connection"]) == (b"from an open connection", "close")
        assert (client.read().body, waiting.read().headers["connection"]) == (b"sleep 0.5", "close")
        assert server.process.wait(30) == 0
        assert [event["waiting"] for event in server.events("draining")] == [0]
        assert server.events("stopped")


def test_ping_is_503_while_the_server_drains(tmp_path: Path) -> None:
    with running_server(tmp_path) as server, server.client() as client, server.client() as pinging:
        assert pinging.get("/ping").status == 200
        client.send(client.request(b"sleep 0.3"))
        until(lambda: server.metric("model_server_in_progress"))
        server.process.send_signal(signal.SIGTERM)
        until(lambda: server.events("draining"))
        assert pinging.get("/ping").status == 503


def test_sigint_of_the_whole_group_drains_too(tmp_path: Path) -> None:
    with running_server(tmp_path) as server, server.client() as client:
        client.send(client.request(b"sleep 0.3"))
        until(lambda: server.metric("model_server_in_progress"))
        for pid in (*server.workers, server.loader, server.process.pid):
            subprocess.run(["kill", "-INT", str(pid)], check=True)
        assert client.read().body == b"sleep 0.3"
        assert server.process.wait(30) == 0
        assert [*server.events("worker_ended"), *server.events("loader_ended")] == []


def test_a_server_without_a_model_ends_with_one_sentence(tmp_path: Path) -> None:
    failed = _run({"SAGEMAKER_BASE_DIR": str(tmp_path)}, "tests.serving.server.scripted_server")
    assert failed.returncode == 1
    sentence = failed.stderr.splitlines()[-1]
    assert sentence.startswith(f"The model in {tmp_path}/model can't be served: FileNotFoundError: ")
    assert "Traceback" not in failed.stderr


def test_a_setting_that_is_not_valid_is_named(tmp_path: Path) -> None:
    failed = _run({"SAGEMAKER_MODEL_SERVER_WORKERS": "many"}, "serving.server")
    assert failed.returncode == 1
    assert failed.stderr == ("SAGEMAKER_MODEL_SERVER_WORKERS: expected a whole number of at least 1, found 'many'\n")


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        failed = _run({"SAGEMAKER_BIND_TO_PORT": port}, "serving.server")
    assert (failed.returncode, failed.stderr) == (1, f"Can't listen on 127.0.0.1:{port}: Address already in use.\n")


def _run(environment: dict[str, str], module: str) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, "PYTHONPATH": str(PROJECT), "SAGEMAKER_BIND_TO_PORT": "0", **environment}
    return subprocess.run([sys.executable, "-m", module], env=variables, capture_output=True, text=True, timeout=60)
