"""The server over a trained model."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from serving.answer import answer
from serving.media_types import ARROW_FILE, ARROW_STREAM, CSV, JSON, JSON_LINES, PARQUET
from tabular.compiled.model import CompiledModel
from tests.scripts.models import ROW, saved_model
from tests.scripts.serving import bodies
from tests.serving.server.running_server import RunningServer, running_server

MODULE = "serving.server"
MOST_MEMORY = 120 << 20
COUNT = 800


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SAGEMAKER_BASE_DIR with an XGBoost model."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "model").mkdir()
    saved_model(folder / "model", "xgboost")
    return folder


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[RunningServer]:
    """A server over the model."""
    with running_server(folder, MODULE) as running:
        yield running


def body(*rows: object) -> bytes:
    return json.dumps({"instances": rows}).encode()


BODIES = (
    *((body({**ROW, "age": age}), JSON, JSON) for age in range(10, 31)),
    (body(ROW, {**ROW, "hours": None}), JSON, CSV),
    (body({**ROW, "hours": "12.5"}), JSON, JSON),
    (body({**ROW, "age": 99}), JSON, JSON),
    (body(ROW, {**ROW, "age": 99}), JSON, f"{JSON}; on_error=row"),
    (body({}), JSON, JSON),
    (b"not json", JSON, JSON),
    (b"age,hours,colour,origin\n15,30.5,red,yes\n", CSV, CSV),
    (b"x", "image/png", JSON),
    (body(ROW), JSON, "image/png"),
)


def test_each_answer_is_that_of_the_model_alone_also_under_load(server: RunningServer, folder: Path) -> None:
    model = CompiledModel.load(folder / "model")
    expected = [answer(model, *each) for each in BODIES]

    def ask(_: int) -> list[tuple[int, bytes, str]]:
        with server.client() as client:
            found = [client.invoke(data, f"Content-Type: {kind}", f"Accept: {accept}") for data, kind, accept in BODIES]
        return [(each.status, each.body, each.headers["content-type"]) for each in found]

    with ThreadPoolExecutor(6) as pool:
        for found in pool.map(ask, range(12)):
            assert found == [(each.status, each.body, each.content_type) for each in expected]
    assert {each.status for each in expected} == {200, 400, 406, 415}


@pytest.mark.parametrize("kind", [JSON, CSV, JSON_LINES, PARQUET, ARROW_STREAM, ARROW_FILE])
def test_a_large_body_of_each_format_is_read(server: RunningServer, kind: str) -> None:
    answer = server.invoke(_large(kind), f"Content-Type: {kind}", f"Accept: {CSV}")
    assert (answer.status, answer.body.count(b"\n") + 1) == (200, COUNT)


def _large(kind: str) -> bytes:
    """COUNT rows in a format, with a column that makes the body larger than a worker reads at once."""
    wide = [{**ROW, "unused": os.urandom(200).hex()} for _ in range(COUNT)]
    return bodies.bodies(wide)[kind]


def test_predicted_rows_are_counted(server: RunningServer) -> None:
    before = server.metric("model_server_rows_total")
    server.invoke(body(ROW, ROW, ROW), f"Content-Type: {JSON}")
    server.invoke(body({}), f"Content-Type: {JSON}")
    assert server.metric("model_server_rows_total") == before + 3


def test_the_description_is_that_of_the_model(server: RunningServer) -> None:
    found = json.loads(server.get("/openapi.json").body)
    assert set(found["paths"]) == {"/invocations", "/ping", "/metrics", "/openapi.json"}
    assert found["info"]["version"] == server.events("loaded")[0]["digest"][:16]


def test_the_loader_forks_without_threads_and_all_need_little_memory(server: RunningServer) -> None:
    assert server.events("loaded")[0]["threads"] == 1
    assert 0 < server.metric("model_server_memory_bytes") < MOST_MEMORY


def test_neither_pandas_nor_scikit_learn_is_loaded(server: RunningServer) -> None:
    for pid in (server.process.pid, server.loader, *server.workers):
        maps = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
        assert [name for name in ("/pandas/", "/sklearn/", "/scipy/") if name in maps] == []
    assert "/numpy/" not in Path(f"/proc/{server.process.pid}/maps").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("modules", "unused"),
    [
        ("serving.server.__main__", {"numpy", "pyarrow", "ctypes", "email", "argparse", "tabular"}),
        (
            "serving.server.loader, serving.server.model",
            {"pandas", "sklearn", "scipy", "xgboost", "pyarrow.parquet", "email", "argparse", "asyncio", "ssl"},
        ),
    ],
    ids=["front", "loader"],
)
def test_a_process_imports_nothing_that_an_idle_server_does_not_need(modules: str, unused: set[str]) -> None:
    code = f"import sys, {modules}; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "serving.server" in found
    assert unused & set(found) == set()


def test_freed_memory_is_returned_to_the_system() -> None:
    code = (
        "from serving.server import memory\n"
        "blocks = [bytes(4000) for _ in range(10_000)]; last = bytes(4000)\n"
        "del blocks\n"
        "before = memory.proportional(); memory.release(); print(before - memory.proportional())"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert int(found) > 30 << 20


def test_a_model_with_another_file_than_it_was_made_with_is_not_served(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    saved_model(tmp_path / "model", "xgboost")
    contract = tmp_path / "model" / "contract.json"
    contract.write_text(contract.read_text(encoding="utf-8").replace("small", "other"), encoding="utf-8")
    with running_server(tmp_path, MODULE) as running:
        assert running.process.wait(60) == 1
        last = running.log.read_text(encoding="utf-8").splitlines()[-1]
    assert last.startswith(f"The model in {tmp_path}/model can't be served: ValueError: ")
    assert "contract.json" in last
