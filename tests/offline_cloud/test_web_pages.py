"""A page in a real browser reads and changes nothing on our servers, by DNS rebinding or from another port."""

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import psutil
import pytest

import offline_cloud
from offline_cloud.ports import claim, reserve
from offline_cloud.services import answers
from tests.browser import opened
from tests.conftest import PROJECT
from tests.offline_cloud.web_pages import RESOLVER, Attack, attacker
from tests.patience import PATIENCE, until
from tests.sagemaker_local.conftest import make_bench
from tests.sagemaker_local.support import BUCKET, IMAGE, ROLE, SIGNED, Bench, everything

WAYS = {"read", "readUnseen", "write", "simple", "form", "image", "socket"}
VICTIM = "written-by-a-page"
SLOPE = 1234.5
"""The factor of the endpoint's model, different from all other tests."""
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


def port_of(url: str) -> int:
    return int(url.rsplit(":", 1)[1])


@contextmanager
def process(*arguments: str, state: Path, inherited: tuple[int, ...] = (), **environment: str) -> Iterator[None]:
    """A server that ends at the end of the block, with its descendants."""
    server = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=PROJECT,
        env={**os.environ, "VISHWAOPS_STATE": str(state), "PREFECT_HOME": str(state / "prefect"), **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=inherited,
    )
    try:
        yield
    finally:
        family = [*psutil.Process(server.pid).children(recursive=True), psutil.Process(server.pid)]
        for each in family:
            each.kill()
        server.wait()


@pytest.fixture(scope="module")
def prefect_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Prefect's server as the flows start it, on a new state folder."""
    listener = claim(4210)
    number, state = listener.fileno(), tmp_path_factory.mktemp("prefect")
    with listener, process("flows.session.prefect_process", str(number), state=state, inherited=(number,)):
        yield listener.getsockname()[1]


@pytest.fixture(scope="module")
def mlflow_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """`vishwaops mlflow ui` on a new state folder."""
    port = reserve(5000)
    ui = ("flows.commands.entry_point", "mlflow", "ui", "--port", str(port.number))
    with process(*ui, state=tmp_path_factory.mktemp("mlflow")):
        yield port.number


@pytest.fixture(scope="module")
def bench(cloud: offline_cloud.Cloud) -> Bench:
    return make_bench(cloud.environment)


@pytest.fixture(scope="module")
def endpoint(bench: Bench) -> str:
    return bench.endpoint(bench.config(all=(bench.model(slope=SLOPE), 1.0)))


def model_server_port(cloud: offline_cloud.Cloud) -> int:
    """The port where the endpoint's model server listens; other tests have model servers too."""
    (sagemaker,) = (each for each in offline_cloud.status(cloud.state_dir).services if each.name == "sagemaker")
    listening = {
        connection.laddr.port
        for connection in psutil.Process(sagemaker.pid).net_connections()
        if connection.status == psutil.CONN_LISTEN
    }
    return next(port for port in listening - {port_of(sagemaker.url)} if answer_to_one(port) == str(SLOPE))


def answer_to_one(port: int) -> str:
    """The model server's answer to the row `1`."""
    connection = http.client.HTTPConnection(f"127.0.0.1:{port}", timeout=PATIENCE)
    try:
        connection.request("POST", "/invocations", "1", {"Content-Type": "text/csv"})
        return connection.getresponse().read().decode()
    except (OSError, http.client.HTTPException):  # it has ended in the meantime
        return ""
    finally:
        connection.close()


@pytest.fixture(scope="module")
def attacks(cloud: offline_cloud.Cloud, endpoint: str, prefect_port: int, mlflow_port: int) -> dict[str, Attack]:
    sagemaker, localstack = (port_of(cloud.urls[name]) for name in ("sagemaker", "localstack"))
    signed = {"Authorization": SIGNED, "Content-Type": "application/x-amz-json-1.1"}
    job = {
        "ProcessingJobName": VICTIM,
        "RoleArn": ROLE,
        "AppSpecification": {"ImageUri": IMAGE, "ContainerEntrypoint": ["true"]},
        "ProcessingResources": {
            "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
        },
    }
    create = {**signed, "X-Amz-Target": "SageMaker.CreateProcessingJob"}
    invoked = f"/endpoints/{endpoint}/invocations"
    as_json = {"Content-Type": "application/json"}
    user = f"Action=CreateUser&UserName={VICTIM}&Version=2010-05-08"
    as_form = {"Content-Type": "application/x-www-form-urlencoded"}
    return {
        "sagemaker": Attack(sagemaker, "/_sagemaker_local/health", "/", json.dumps(job), headers=create),
        "endpoint": Attack(sagemaker, invoked, invoked, "1", headers={**signed, "Content-Type": "text/csv"}),
        "model-server": Attack(
            model_server_port(cloud), "/ping", "/invocations", "1", headers={"Content-Type": "text/csv"}
        ),
        "s3": Attack(localstack, f"/{BUCKET}", f"/{BUCKET}/{VICTIM}", "x", method="PUT"),
        "iam": Attack(localstack, "/_localstack/health", "/", user, headers=as_form, link=f"/?{user}"),
        "mlflow": Attack(
            mlflow_port,
            "/api/2.0/mlflow/experiments/search?max_results=9",
            "/api/2.0/mlflow/experiments/create",
            json.dumps({"name": VICTIM}),
            headers=as_json,
        ),
        "prefect": Attack(
            prefect_port,
            "/api/health",
            "/api/flows/",
            json.dumps({"name": VICTIM}),
            headers=as_json,
            socket="/api/events/out",
        ),
    }


def ask(attack: Attack, method: str, path: str, body: str = "", headers: Mapping[str, str] = NO_HEADERS) -> str:
    """The server's answer to a program on this machine."""
    connection = http.client.HTTPConnection("127.0.0.1", attack.port, timeout=60)
    connection.request(method, path, body or None, dict(headers))
    answer = connection.getresponse()
    text = f"{answer.status} {answer.read().decode(errors='replace')}"
    connection.close()
    return text


def written(bench: Bench, cloud: offline_cloud.Cloud, attacks: Mapping[str, Attack]) -> set[str]:
    """The servers on which the page's write took effect."""
    jobs = everything(bench.sagemaker, "list_processing_jobs", NameContains=VICTIM)
    objects = bench.s3.list_objects_v2(Bucket=BUCKET, Prefix=VICTIM).get("Contents", [])
    users = ask(attacks["iam"], "POST", "/", "Action=ListUsers&Version=2010-05-08", attacks["iam"].headers)
    experiments = ask(attacks["mlflow"], "GET", attacks["mlflow"].read)
    flows = ask(attacks["prefect"], "POST", "/api/flows/filter", "{}", attacks["prefect"].headers)
    found: dict[str, Any] = {"sagemaker": jobs, "s3": objects}
    texts = {"iam": users, "mlflow": experiments, "prefect": flows}
    assert all(text.startswith("200 ") for text in texts.values()), texts
    return {name for name, what in found.items() if what} | {name for name, text in texts.items() if VICTIM in text}


def test_a_page_reads_nothing_and_changes_nothing(
    bench: Bench,
    cloud: offline_cloud.Cloud,
    attacks: dict[str, Attack],
    tmp_path: Path,
) -> None:
    for name, path in (("prefect", "/api/health"), ("mlflow", "/health")):
        until(partial(answers, f"http://127.0.0.1:{attacks[name].port}{path}"))
    with attacker(attacks) as state, opened(state.url, tmp_path / "browser", RESOLVER):
        until(state.finished)
    for (name, origin), found in state.reports.items():
        assert found.keys() == WAYS, (name, origin)
        assert found["socket"] == "refused", (name, origin)
        assert found["image"] == "sent", (name, origin)
        for way in ("read", "write"):
            nothing = found[way].startswith("403 Refused: ") or found[way] == "TypeError"
            assert nothing, (name, origin, way, found[way])
    assert all(state.reports[name, "rebound"]["read"].startswith("403 Refused: ") for name in attacks), state.reports
    assert written(bench, cloud, attacks) == set()

    # The requests themselves are valid: from a program each has its effect.
    for each in attacks.values():
        assert ask(each, each.method, each.path, each.body, each.headers)[0] == "2", each
    assert written(bench, cloud, attacks) == {"sagemaker", "s3", "iam", "mlflow", "prefect"}
