"""An image whose own programs run, as `docker run <image> train` and `serve` do on AWS: here the image of VishwaOps."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sagemaker_local.errors import JobFailure
from sagemaker_local.images import environment_for
from tests.sagemaker_local.conftest import OwnServer
from tests.sagemaker_local.endpoint_support import printed
from tests.sagemaker_local.support import ROLE, Bench, archive, channel, unique, until
from tests.sagemaker_local.test_real_containers import docker as docker

OWN = "000000000000.dkr.ecr.us-east-1.amazonaws.com/vishwaops-offline-model:1.0.0"
PROGRAMS = Path(__file__).parents[2] / "sagemaker_scripts" / "container" / "bin"
TRAIN = """
import os, sys
print("loss=0.25;")
with open(os.environ["SM_MODEL_DIR"] + "/seen", "w") as file:
    print(*sys.argv[1:], open(os.environ["SM_CHANNEL_TRAIN"] + "/rows").read(), file=file)
"""
SAVES = """
import signal, sys, time
def save(number, frame):
    open("../model/saved", "w").close()
    sys.exit()
signal.signal(signal.SIGTERM, save)
print("ready", flush=True)
time.sleep(300)
"""
SERVER = """
import os, signal, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.answer(200 if self.path == "/ping" else 404, b"")
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if body == b"die":
            os._exit(3)
        self.answer(200, os.environ["FACTOR"].encode() + b" times " + body)
    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *arguments):
        pass

def drain(number, frame):
    print("drained", flush=True)
    sys.exit()

signal.signal(signal.SIGTERM, drain)
print("serving on", os.environ["SAGEMAKER_BIND_TO_PORT"], flush=True)
ThreadingHTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
"""
LOGS = "/aws/sagemaker/TrainingJobs"


def request(bench: Bench, script: str, image: str = OWN, **more: object) -> dict:  # type: ignore[type-arg]
    """A training job whose code is in a channel, and which names no other place for it."""
    name = unique("own")
    code = bench.put(f"{name}/code/sourcedir.tar.gz", archive(train=script))
    rows = bench.put(f"{name}/train/rows", "1,2")
    request = bench.request("", name=name, algorithm={"TrainingImage": image})
    channels = [channel("code", code), channel("train", rows.removesuffix("rows"))]
    hyperparameters = {"sagemaker_program": "train.py", "depth": "3"}
    return {**request, "HyperParameters": hyperparameters, "InputDataConfig": channels, **more}


def test_a_training_job_runs_the_image_s_own_train_on_the_code_of_its_channel(bench: Bench) -> None:
    metrics = [{"Name": "loss", "Regex": "loss=(.*?);"}]
    job = request(bench, f"import orjson\n{TRAIN}")  # which AWS's image has not
    job["AlgorithmSpecification"]["MetricDefinitions"] = metrics
    bench.sagemaker.create_training_job(**job)
    ended = bench.ended(job["TrainingJobName"])
    assert ended["TrainingJobStatus"] == "Completed", ended.get("FailureReason")
    assert bench.unpacked(ended["ModelArtifacts"]["S3ModelArtifacts"]) == {"seen": b"--depth 3 1,2\n"}
    assert [metric["Value"] for metric in ended["FinalMetricDataList"]] == [0.25]


def test_its_failure_reason_is_what_the_image_writes(bench: Bench) -> None:
    job = request(bench, "raise ValueError('too few rows')")
    bench.sagemaker.create_training_job(**job)
    reason = bench.ended(job["TrainingJobName"])["FailureReason"]
    assert reason.startswith("AlgorithmError: ValueError: too few rows\ntrain.py ended with exit code 1.")


def test_a_stopped_job_gets_sigterm_and_its_saved_model_is_uploaded(bench: Bench) -> None:
    job = request(bench, SAVES)
    name = job["TrainingJobName"]
    bench.sagemaker.create_training_job(**job)
    until(lambda: bench.printed(LOGS, name), lambda lines: "ready" in lines)
    bench.sagemaker.stop_training_job(TrainingJobName=name)
    ended = bench.ended(name)
    assert ended["TrainingJobStatus"] == "Stopped"
    assert list(bench.unpacked(ended["ModelArtifacts"]["S3ModelArtifacts"])) == ["saved"]


def test_an_endpoint_runs_the_image_s_own_serve_again_after_its_end_and_drains_it_by_sigterm(bench: Bench) -> None:
    name = unique("own")
    data = bench.put(f"{name}/model.tar.gz", archive(code__serving__server=SERVER))
    container = {"Image": OWN, "ModelDataUrl": data, "Environment": {"FACTOR": "2"}}
    bench.sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    endpoint = bench.endpoint(bench.config(v=(name, 1.0)))
    assert bench.invoke(endpoint, "21") == "2 times 21"
    with pytest.raises(bench.runtime.exceptions.ModelError):
        bench.invoke(endpoint, "die")

    def again() -> str:
        try:
            return bench.invoke(endpoint, "4")
        except bench.runtime.exceptions.ModelError as error:
            return str(error)

    until(again, lambda answer: answer == "2 times 4")
    bench.sagemaker.delete_endpoint(EndpointName=endpoint)
    lines = until(lambda: printed(bench, endpoint, "v"), lambda lines: "drained" in lines)
    assert sum(line.startswith("serving on ") for line in lines) == 2


def test_an_endpoint_without_a_server_in_its_model_fails_with_the_reason(bench: Bench) -> None:
    name = unique("own")
    data = bench.put(f"{name}/model.tar.gz", archive(code__inference=""))
    bench.sagemaker.create_model(
        ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": OWN, "ModelDataUrl": data}
    )
    endpoint = bench.endpoint(bench.config(v=(name, 1.0)))
    reason = bench.sagemaker.describe_endpoint(EndpointName=endpoint)["FailureReason"]
    assert "expected the model server that a training job stores with its model, found none" in reason


def test_the_programs_run_in_real_containers_too(docker: Path, start_server: Callable[..., OwnServer]) -> None:
    (docker / "image" / "train").unlink()
    (docker / "image" / "train").symlink_to(PROGRAMS / "train")
    (docker / "image" / "python3").symlink_to(sys.executable)
    bench = start_server("--containers", "docker").bench
    job = request(bench, TRAIN)
    bench.sagemaker.create_training_job(**job)
    ended = bench.ended(job["TrainingJobName"])
    assert ended["TrainingJobStatus"] == "Completed", ended.get("FailureReason")
    assert bench.unpacked(ended["ModelArtifacts"]["S3ModelArtifacts"]) == {"seen": b"--depth 3 1,2\n"}


TOML = 'repository = "tiny"\ntag = "1"\ntraining = "programs"\nserving = "sagemaker-inference"\n'


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("", r"expected the executable programs train in its `programs`.* None lacks train"),
        ('programs = "bin"\n', r"expected the executable programs train in its `programs`.*/tiny-1/bin lacks train"),
        ('programs = "."\nlock = "none.lock"\n', r"expected its `lock` /.*/tiny-1/none\.lock, found no such file"),
    ],
)
def test_an_image_that_lacks_its_programs_or_its_lock_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: str, said: str
) -> None:
    folder = tmp_path / "definitions" / "tiny-1"
    folder.mkdir(parents=True)
    (folder / "image.toml").write_text(TOML + more)
    (folder / "train").write_text("#!/bin/sh\n")
    (folder / "train").chmod(0o755)
    monkeypatch.setenv("SAGEMAKER_LOCAL_IMAGES", str(tmp_path))
    with pytest.raises(JobFailure, match=said):
        environment_for("tiny:1")
