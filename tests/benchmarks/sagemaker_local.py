"""SageMaker local compared with unpatched moto, with the script alone, and with the model server alone."""

from __future__ import annotations

import io
import itertools
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3

import offline_cloud
from sagemaker_local.store import Record, Store
from tests.benchmarks import servers
from tests.benchmarks.figures import Figure, median, per_second, percentile, seconds
from tests.benchmarks.servers import Caller, free_port

JOBS_ON_RECORD = 10_000
JOBS_AT_ONCE = 100
_LOCALSTACK_ENV = Path(__file__).parents[2] / ".vishwaops" / "localstack-env"
_IMAGES = _LOCALSTACK_ENV.with_name("images")
_BUCKET = "benchmarks"
_IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0"
_ROLE = "arn:aws:iam::000000000000:role/benchmark"
_SCRIPT = "import os, pathlib\npathlib.Path(os.environ['SM_MODEL_DIR'], 'model.txt').write_text('done')\n"
_INFERENCE = """
def model_fn(model_dir):
    return 2.0

def input_fn(body, content_type):
    return float(body)

def predict_fn(data, model):
    return data * model

def output_fn(prediction, accept):
    return str(prediction), "text/csv"
"""


def job_request(number: int) -> dict[str, Any]:
    """CreateTrainingJob of a job that is stored and never runs."""
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{_BUCKET}/data"}
    return {
        "TrainingJobName": f"job-{number:05}",
        "HyperParameters": {"max_depth": "6", "eta": "0.3", "num_round": "100"},
        "AlgorithmSpecification": {"TrainingImage": _IMAGE, "TrainingInputMode": "File"},
        "RoleArn": _ROLE,
        "InputDataConfig": [{"ChannelName": "train", "DataSource": {"S3DataSource": source}}],
        "OutputDataConfig": {"S3OutputPath": f"s3://{_BUCKET}/out"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    }


def figures() -> Iterator[Figure]:
    """Every figure; takes some two minutes."""
    with tempfile.TemporaryDirectory(prefix="benchmark-", ignore_cleanup_errors=True) as folder:
        root = Path(folder)
        yield _server_start(root)
        yield from _calls(root)
        cloud = offline_cloud.up(root / "cloud", _LOCALSTACK_ENV)
        try:
            environment = {**cloud.environment, "SAGEMAKER_LOCAL_IMAGES": str(_IMAGES)}
            with servers.sagemaker_local(root / "work", port := free_port(), **environment) as server:
                bench = _Bench(cloud.environment, port, server)
                yield _job_overhead(bench)
                yield _invocation_overhead(bench)
                yield from _many_jobs(bench)
        finally:
            offline_cloud.down(root / "cloud")


def _server_start(root: Path) -> Figure:
    def ours() -> None:
        with servers.sagemaker_local(root / f"start-{free_port()}", free_port()):
            pass

    def start_only(context: Any) -> float:
        took = seconds(context.__enter__)
        context.__exit__(None, None, None)
        return took

    mine = statistics.median(start_only(servers.sagemaker_local(root / f"start-{n}", free_port())) for n in range(5))
    moto = statistics.median(start_only(servers.moto(free_port())) for _ in range(5))
    return Figure("server start, to its first answer", "moto", mine, moto, "s", "no slower than moto", mine <= moto)


def _seed(state: Path) -> None:
    state.mkdir()
    store = Store(state / "sagemaker.sqlite3")
    now = time.time()
    with store.exclusively():
        for number in range(JOBS_ON_RECORD):
            request = job_request(number)
            name, moment = request["TrainingJobName"], now - JOBS_ON_RECORD + number
            arn = f"arn:aws:sagemaker:us-east-1:000000000000:training-job/{name}"
            body = {
                **request,
                "TrainingJobArn": arn,
                "TrainingJobStatus": "Completed",
                "SecondaryStatus": "Completed",
                "ModelArtifacts": {"S3ModelArtifacts": f"s3://{_BUCKET}/out/{name}/output/model.tar.gz"},
                "CreationTime": moment,
                "LastModifiedTime": moment,
                "TrainingEndTime": moment,
                "EnableNetworkIsolation": False,
            }
            store.insert(Record("TrainingJob", name, arn, moment, moment, "Completed", body))
    store.close()


def _calls(root: Path) -> Iterator[Figure]:
    _seed(root / "seeded")
    with (
        servers.sagemaker_local(root / "seeded", mine := free_port()),
        servers.moto(theirs := free_port(), jobs=JOBS_ON_RECORD),
    ):
        us, them = Caller(mine), Caller(theirs)
        names = (f"job-{(7919 * n) % JOBS_ON_RECORD:05}" for n in itertools.count())
        requests = {
            "DescribeTrainingJob": lambda c: c.call("DescribeTrainingJob", TrainingJobName=next(names)),
            "ListTrainingJobs, the newest 10": lambda c: c.call(
                "ListTrainingJobs", MaxResults=10, SortBy="CreationTime", SortOrder="Descending"
            ),
            "ListTrainingJobs, every page of the 1,000 whose names contain job-09": _all_by_name,
        }
        for what, request in requests.items():
            mine_rate = per_second(lambda request=request: request(us), 3.0)  # type: ignore[misc]
            their_rate = per_second(lambda request=request: request(them), 3.0)  # type: ignore[misc]
            what = f"{what}, with {JOBS_ON_RECORD:,} jobs stored"
            yield Figure(what, "moto", mine_rate, their_rate, "calls/s", "no fewer than moto", mine_rate >= their_rate)


def _all_by_name(caller: Caller) -> None:
    found, token = 0, dict[str, str]()
    while True:  # moto filters each page of 100 that it has cut before, so it needs more of them
        answer = caller.call("ListTrainingJobs", MaxResults=100, NameContains="job-09", **token)
        found += len(answer["TrainingJobSummaries"])
        if not answer.get("NextToken"):
            break
        token = {"NextToken": answer["NextToken"]}
    if found != 1_000:
        raise RuntimeError(f"{found} jobs instead of 1,000")


class _Bench:
    """A server with S3 and logs beside it."""

    def __init__(self, environment: dict[str, str], port: int, server: subprocess.Popen[bytes]) -> None:
        os.environ.update(environment)
        self.port, self.server, self.caller = port, server, Caller(port)
        self._s3: Any = boto3.session.Session().client("s3", region_name="us-east-1")
        self._s3.create_bucket(Bucket=_BUCKET)
        self._s3.put_object(Bucket=_BUCKET, Key="data/rows.csv", Body=b"1\n2\n")
        self.code = self._archive("sourcedir.tar.gz", {"train.py": _SCRIPT})
        self.model = self._archive("model.tar.gz", {"code/inference.py": _INFERENCE})

    def create_job(self, name: str) -> None:
        request = job_request(0) | {"TrainingJobName": name}
        request["HyperParameters"] = {"sagemaker_program": "train.py", "sagemaker_submit_directory": self.code}
        self.caller.call("CreateTrainingJob", **request)

    def status(self, name: str) -> str:
        return str(self.caller.call("DescribeTrainingJob", TrainingJobName=name)["TrainingJobStatus"])

    def wait(self, name: str) -> None:
        while (status := self.status(name)) == "InProgress":
            time.sleep(0.01)
        if status != "Completed":
            raise RuntimeError(f"{name} ended {status}")

    def _archive(self, key: str, files: dict[str, str]) -> str:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
            for name, text in files.items():
                info = tarfile.TarInfo(name)
                info.size = len(text)
                archive.addfile(info, io.BytesIO(text.encode()))
        self._s3.put_object(Bucket=_BUCKET, Key=key, Body=buffer.getvalue())
        return f"s3://{_BUCKET}/{key}"


def _job_overhead(bench: _Bench) -> Figure:
    numbers = itertools.count()

    def job() -> None:
        name = f"overhead-{next(numbers)}"
        bench.create_job(name)
        bench.wait(name)

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "train.py").write_text(_SCRIPT)
        command = [sys.executable, f"{folder}/train.py"]
        alone = median(lambda: subprocess.run(command, env={**os.environ, "SM_MODEL_DIR": folder}, check=True), 9)
    job()
    through = median(job, 9)
    goal = "at most 0.5 s more"
    return Figure(
        "a training job, from Create to Completed",
        "its script by hand",
        through,
        alone,
        "s",
        goal,
        through - alone <= 0.5,
    )


def _invocation_overhead(bench: _Bench) -> Figure:
    environment = {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}
    container = {"Image": _IMAGE, "ModelDataUrl": bench.model, "Environment": environment}
    call = bench.caller.call
    call("CreateModel", ModelName="m", ExecutionRoleArn=_ROLE, PrimaryContainer=container)
    variant = {"VariantName": "v", "ModelName": "m", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    call("CreateEndpointConfig", EndpointConfigName="c", ProductionVariants=[variant])
    call("CreateEndpoint", EndpointName="e", EndpointConfigName="c")
    while (status := call("DescribeEndpoint", EndpointName="e")["EndpointStatus"]) != "InService":
        if status == "Failed":
            raise RuntimeError("the endpoint failed")
        time.sleep(0.02)
    direct = Caller(servers.listening_below(bench.server))
    headers = {"Content-Type": "text/csv", "Authorization": "AWS4-HMAC-SHA256 x"}
    took: dict[str, list[float]] = {"through": [], "direct": []}
    for number in range(2_200):
        for name, caller, path in (
            ("through", bench.caller, "/endpoints/e/invocations"),
            ("direct", direct, "/invocations"),
        ):
            began = time.perf_counter()
            status_code, _ = caller.post(path, b"1.5", headers)
            if status_code != 200:
                raise RuntimeError(f"{path}: {status_code}")
            if number >= 200:
                took[name].append(1e3 * (time.perf_counter() - began))
    call("DeleteEndpoint", EndpointName="e")
    through, alone = statistics.median(took["through"]), statistics.median(took["direct"])
    goal = "at most 1 ms more at the median"
    return Figure(
        "InvokeEndpoint", "the model's server, asked directly", through, alone, "ms", goal, through - alone <= 1
    )


def _many_jobs(bench: _Bench) -> Iterator[Figure]:
    idle = [1e3 * seconds(lambda: bench.status("overhead-1")) for _ in range(500)]
    names = [f"many-{number}" for number in range(JOBS_AT_ONCE)]
    peak, over, busy = [0.0], threading.Event(), []

    def watch() -> None:
        while not over.wait(0.1):
            peak[0] = max(peak[0], servers.memory(bench.server.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    began = time.perf_counter()
    try:
        for name in names:
            bench.create_job(name)
        waiting = list(names)
        while waiting:
            busy.append(1e3 * seconds(lambda: bench.status(waiting[0])))
            while waiting and bench.status(waiting[0]) == "Completed":
                waiting.pop(0)
            if waiting and bench.status(waiting[0]) == "Failed":
                raise RuntimeError(f"{waiting[0]} failed")
            time.sleep(0.01)
    finally:
        over.set()
        watcher.join()
    took = time.perf_counter() - began
    yield Figure(
        f"{JOBS_AT_ONCE} training jobs queued at once, all complete: peak memory of server and jobs",
        "a limit",
        peak[0],
        1_000,
        "MB",
        "below 1 GB",
        peak[0] < 1_000,
    )
    yield Figure(
        f"{JOBS_AT_ONCE} training jobs queued at once, until the last is complete",
        f"{JOBS_AT_ONCE} times 0.5 s",
        took,
        0.5 * JOBS_AT_ONCE,
        "s",
        "no longer",
        took <= 0.5 * JOBS_AT_ONCE,
    )
    at_work, at_rest = percentile(busy, 0.95), percentile(idle, 0.95)
    goal = "at most 50 ms"
    yield Figure(
        "DescribeTrainingJob while they run, 95th percentile", "idle", at_work, at_rest, "ms", goal, at_work <= 50
    )
