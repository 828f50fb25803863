"""Managed MLflow: a real server, used by real clients by its address and by its ARN."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError

from offline_cloud import Cloud
from tasks.experiments.tracking_server import why_stopped
from tests.patience import PATIENCE
from tests.sagemaker_local.conftest import OwnServer
from tests.sagemaker_local.support import BUCKET, ROLE, Bench, unique, until

LOG = """
import mlflow, pathlib
with mlflow.start_run(run_name="first") as run:
    mlflow.log_param("depth", 3)
    mlflow.log_metric("auc", 0.87)
    pathlib.Path("notes.txt").write_text("good")
    mlflow.log_artifact("notes.txt")
found = mlflow.get_run(run.info.run_id)
print(found.data.params["depth"], found.data.metrics["auc"], run.info.artifact_uri)
"""
COUNT = "import mlflow; print(len(mlflow.search_runs(experiment_names=['Default'])))"


def client(cloud: Cloud, folder: Path, script: str, **environment: str) -> list[str]:
    """The words of the last line that a program with the `mlflow` client prints."""
    settings = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1", **environment}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, **cloud.environment, **settings},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1].split()


def test_a_tracking_server_lives_logs_stops_starts_and_goes(bench: Bench, cloud: Cloud, tmp_path: Path) -> None:
    name = unique("mlflow")
    server = {"TrackingServerName": name}
    describe = bench.sagemaker.describe_mlflow_tracking_server
    arn = bench.sagemaker.create_mlflow_tracking_server(
        **server, ArtifactStoreUri=f"s3://{BUCKET}/{name}", RoleArn=ROLE
    )["TrackingServerArn"]
    assert arn == f"arn:aws:sagemaker:us-east-1:000000000000:mlflow-tracking-server/{name}"
    first = describe(**server)
    assert (first["TrackingServerStatus"], first["IsActive"]) == ("Creating", "Inactive")
    assert (first["TrackingServerSize"], first["AutomaticModelRegistration"]) == ("Small", False)
    assert refused(bench.sagemaker.delete_mlflow_tracking_server, **server) == "ConflictException"

    def settled() -> dict[str, Any]:
        return until(
            lambda: dict(describe(**server)),
            lambda found: found["TrackingServerStatus"] not in ("Creating", "Starting", "Stopping", "Updating"),
        )

    up = settled()
    assert (up["TrackingServerStatus"], up["IsActive"]) == ("Created", "Active")
    assert why_stopped(up) is None
    url = up["TrackingServerUrl"]
    depth, auc, artifacts = client(cloud, tmp_path, LOG, MLFLOW_TRACKING_URI=url)
    assert (depth, auc) == ("3", "0.87")
    assert bench.read(f"{artifacts}/notes.txt") == b"good"
    assert artifacts.startswith(f"s3://{BUCKET}/{name}/")
    authorized = bench.sagemaker.create_presigned_mlflow_tracking_server_url(**server)["AuthorizedUrl"]
    assert authorized.startswith(f"{url}/?authToken=")
    assert {connection.laddr[0] for connection in listening(url)} == {"127.0.0.1"}

    bench.sagemaker.stop_mlflow_tracking_server(**server)
    stopped = settled()
    assert (stopped["TrackingServerStatus"], stopped["IsActive"]) == ("Stopped", "Inactive")
    assert f"start-mlflow-tracking-server --tracking-server-name {name}" in str(why_stopped(stopped))
    assert not listening(url)
    assert refused(bench.sagemaker.stop_mlflow_tracking_server, **server) == "ConflictException"
    assert refused(bench.sagemaker.create_presigned_mlflow_tracking_server_url, **server) == "ValidationException"
    bench.sagemaker.update_mlflow_tracking_server(**server, TrackingServerSize="Medium")
    bench.sagemaker.start_mlflow_tracking_server(**server)
    started = settled()
    assert (started["TrackingServerStatus"], started["TrackingServerSize"]) == ("Started", "Medium")
    assert client(cloud, tmp_path, COUNT, MLFLOW_TRACKING_URI=arn) == ["1"]

    bench.sagemaker.delete_mlflow_tracking_server(**server)
    until(lambda: bench.sagemaker.list_mlflow_tracking_servers()["TrackingServerSummaries"], lambda all: not all)
    assert refused(describe, **server) == "ResourceNotFound"
    assert not listening(started["TrackingServerUrl"])


def test_a_tracking_server_dies_with_a_killed_server_and_comes_back_with_the_next(
    start_server: Callable[..., OwnServer], tmp_path: Path
) -> None:
    name = unique("mlflow")
    first = start_server()
    first.bench.sagemaker.create_mlflow_tracking_server(
        TrackingServerName=name, ArtifactStoreUri=f"s3://{BUCKET}/{name}", RoleArn=ROLE
    )
    (before,) = until(lambda: processes_of(name), lambda found: len(found) == 1)
    first.process.kill()
    first.process.wait()
    until(lambda: processes_of(name), lambda found: not found)
    second = start_server()
    (after,) = until(lambda: processes_of(name), lambda found: len(found) == 1)
    assert after != before
    found = second.bench.sagemaker.describe_mlflow_tracking_server(TrackingServerName=name)
    assert found["TrackingServerStatus"] in ("Creating", "Created")
    second.end()
    until(lambda: processes_of(name), lambda found: not found)


def test_artifacts_go_to_s3_only(bench: Bench) -> None:
    request = {"TrackingServerName": unique("mlflow"), "RoleArn": ROLE, "ArtifactStoreUri": "https://b/x"}
    assert refused(bench.sagemaker.create_mlflow_tracking_server, **request) == "ValidationException"


def refused(call: Any, **request: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**request)
    return str(error.value.response["Error"]["Code"])


def processes_of(name: str) -> list[int]:
    """The MLflow servers whose database has this name, without their wrappers and descendants."""
    found = []
    for process in psutil.process_iter(["cmdline", "pid"]):
        words = process.info["cmdline"] or []
        if words[1:4] == ["-m", "mlflow", "server"] and any(f"/{name}.sqlite3" in word for word in words):
            found.append(int(process.info["pid"]))
    return found


def listening(url: str) -> list[Any]:
    port = int(url.rsplit(":", 1)[1])
    return [
        connection
        for connection in psutil.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN and connection.laddr[1:2] == (port,)
    ]
