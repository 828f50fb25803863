"""The worker processes of a model server: each has the model, a stuck one is killed, one that ends is replaced."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from sagemaker_local.container.serve import ServingApp
from sagemaker_local.container.workers import LoadFailed, Workers
from tests.patience import PATIENCE

MODULES = Path(__file__).parents[2] / "localstack" / "sagemaker_local" / "container" / "modules"
SCRIPT = """
import json, os, time

def model_fn(model_dir):
    with open(os.path.join(model_dir, "loads"), "a") as file:
        file.write("x")
    return os.getpid()

def transform_fn(model, body, content_type, accept):
    if body == "hold":
        time.sleep(600)
    if body == "die":
        os._exit(3)
    if body == "meet":  # answers only while another worker has a request, too
        here = os.path.join(os.environ["SAGEMAKER_BASE_DIR"], "meeting")
        open(os.path.join(here, str(model)), "w").close()
        while len(os.listdir(here)) < 2:
            time.sleep(0.01)
    return json.dumps(model), "application/json"
"""
Answered = tuple[int, bytes]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Starts a worker on a small script; the folder `model` has the file `loads`."""
    for name in ("code", "model", "meeting"):
        (tmp_path / name).mkdir()
    (tmp_path / "code" / "inference.py").write_text(SCRIPT)
    environment = {
        "SAGEMAKER_BASE_DIR": str(tmp_path),
        "SAGEMAKER_PROGRAM": "inference.py",
        "SAGEMAKER_LOCAL_MODULES": str(MODULES),
        "SAGEMAKER_LOCAL_TOOLKIT": "sagemaker-containers",
        "SAGEMAKER_LOCAL_DEFAULTS": "defaults",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return [sys.executable, "-m", "sagemaker_local.container.worker_process", str(tmp_path / "code")]


def served(
    command: list[str],
    count: int,
    exchange: Callable[[Callable[[str], Awaitable[Answered]]], Awaitable[list[Answered]]],
    timeout: float | None = None,
) -> list[Answered]:
    """What `exchange` returns; its argument posts one body to an application with `count` workers."""

    async def run() -> list[Answered]:
        workers = Workers(command, count)
        try:
            await workers.start()
            app = ServingApp(workers, timeout)
            return await asyncio.wait_for(exchange(lambda body: post(app, body)), PATIENCE / 10)
        finally:
            workers.kill()

    return asyncio.run(run())


async def post(app: ServingApp, body: str) -> Answered:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body.encode()}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"path": "/invocations", "method": "POST", "headers": [(b"content-type", b"text/csv")]}
    await app(scope, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


async def one_after_the_other(ask: Callable[[str], Awaitable[Answered]], *bodies: str) -> list[Answered]:
    return [await ask(body) for body in bodies]


def test_each_worker_loads_the_model_and_they_answer_at_the_same_time(command: list[str], tmp_path: Path) -> None:
    async def both(ask: Callable[[str], Awaitable[Answered]]) -> list[Answered]:
        return [*await asyncio.gather(ask("meet"), ask("meet"))]

    answers = served(command, 2, both)
    assert [status for status, _ in answers] == [200, 200]
    assert len({json.loads(body) for _, body in answers}) == 2
    assert (tmp_path / "model" / "loads").read_text() == "xx"


def test_a_worker_that_takes_too_long_is_killed_and_another_one_answers(command: list[str]) -> None:
    first, late, after = served(command, 1, lambda ask: one_after_the_other(ask, "on", "hold", "on"), timeout=4.0)
    assert late[0] == 504
    assert b"504 Gateway Time-out" in late[1]
    assert after[0] == 200
    stuck = json.loads(first[1])
    assert json.loads(after[1]) != stuck
    assert not Path(f"/proc/{stuck}").exists()


def test_a_request_whose_worker_ends_is_a_502_and_the_next_one_is_answered(command: list[str]) -> None:
    ended, after = served(command, 1, lambda ask: one_after_the_other(ask, "die", "on"))
    assert ended[0] == 502
    assert b"502 Bad Gateway" in ended[1]
    assert after[0] == 200


def test_a_worker_that_can_not_load_the_model_is_an_error(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "code" / "inference.py").write_text("import no_such_module")
    with pytest.raises(LoadFailed):
        served(command, 1, lambda ask: one_after_the_other(ask))
