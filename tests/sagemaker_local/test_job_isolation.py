"""Jobs and endpoints with /opt/ml written into their scripts, in each isolation that this machine allows."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from offline_cloud import Cloud
from tests.isolations import WITH_OWN_ML
from tests.patience import until
from tests.sagemaker_local import test_processing_jobs as processing
from tests.sagemaker_local.endpoint_support import own_server
from tests.sagemaker_local.support import TRAIN, Bench, unique
from tests.sagemaker_local.wheels import tar, vendored

GROUP = "/aws/sagemaker/TrainingJobs"
WRITTEN_OUT = """
import json, pathlib
pathlib.Path("/opt/ml/model/slope.json").write_text(json.dumps(3.0))
pathlib.Path("/opt/ml/model/who.txt").write_text(json.loads(
    pathlib.Path("/opt/ml/input/config/resourceconfig.json").read_text())["current_host"])
"""
SERVES = """
import json, pathlib
def model_fn(model_dir):
    return json.loads(pathlib.Path("/opt/ml/model/slope.json").read_text())
def input_fn(body, content_type):
    return float(body)
def predict_fn(data, model):
    return data * model
def output_fn(prediction, accept):
    return str(prediction), "text/csv"
"""


@pytest.fixture(scope="module")
def servers(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Bench]]:
    """One server for each isolation."""
    running: dict[str, Bench] = {}
    contexts = []

    def serve(isolation: str) -> Bench:
        if isolation not in running:
            contexts.append(own_server(cloud, tmp_path_factory.mktemp("server"), "--isolation", isolation))
            running[isolation] = contexts[-1].__enter__()
        return running[isolation]

    yield serve
    for context in contexts:
        context.__exit__(None, None, None)


@pytest.fixture(params=WITH_OWN_ML)
def own_ml(request: pytest.FixtureRequest, servers: Callable[[str], Bench]) -> Bench:
    return servers(request.param)


@pytest.fixture
def relocated(servers: Callable[[str], Bench]) -> Bench:
    return servers("relocated paths")


def opt() -> list[Path]:
    return sorted(path for folder in ("/opt", "/opt/ml") for path in Path(folder).glob("*"))


def test_training_processing_and_serving_have_an_opt_ml_of_their_own(own_ml: Bench) -> None:
    before = opt()
    job = own_ml.train(WRITTEN_OUT)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    model = own_ml.unpacked(job["ModelArtifacts"]["S3ModelArtifacts"])
    assert model == {"slope.json": b"3.0", "who.txt": b"algo-1"}
    lines = own_ml.printed(GROUP, job["TrainingJobName"])
    assert not [line for line in lines if line.startswith("SageMaker local") and "setuptools" not in line]

    processed = processing.run(own_ml, processing.request(own_ml))
    assert processed["ProcessingJobStatus"] == "Completed", processed.get("FailureReason")
    assert processed["ExitMessage"] == "all is well"

    name = own_ml.endpoint(own_ml.config(v=(own_ml.model(slope=5.0, script=SERVES), 1.0)))
    assert own_ml.invoke(name, "2") == "10.0"
    assert opt() == before


def test_with_relocated_paths_the_variables_work_and_written_out_paths_fail_and_change_nothing(
    relocated: Bench,
) -> None:
    before = opt()
    job = relocated.train(WRITTEN_OUT)
    assert job["TrainingJobStatus"] == "Failed"
    first, *rest = relocated.printed(GROUP, job["TrainingJobName"])
    assert any("No such file or directory: '/opt/ml" in line for line in rest)
    assert first.startswith("SageMaker local: /opt/ml is at ")
    assert first.endswith("which it can't write.")
    assert opt() == before


def test_with_relocated_paths_jobs_work_and_the_log_says_that_there_is_no_network_isolation(relocated: Bench) -> None:
    code = relocated.put(f"{unique('code')}.tar.gz", tar({"train.py": TRAIN.encode(), **vendored()}))
    hyperparameters = {"slope": "5", "sagemaker_submit_directory": code}
    job = relocated.train("", hyperparameters=hyperparameters, EnableNetworkIsolation=True)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert relocated.unpacked(job["ModelArtifacts"]["S3ModelArtifacts"]) == {"slope.json": b"5.0"}
    lines = relocated.printed(GROUP, job["TrainingJobName"])
    assert "the network is reachable" in lines[1]


def test_with_relocated_paths_endpoints_work_and_their_log_says_where_opt_ml_is(relocated: Bench) -> None:
    name = relocated.endpoint(relocated.config(v=(relocated.model(slope=2.0), 1.0)))
    assert relocated.invoke(name) == "2.0"
    lines = until(lambda: relocated.printed(f"/aws/sagemaker/Endpoints/{name}", "v/"))
    assert lines[0].startswith("SageMaker local: /opt/ml is at ")
