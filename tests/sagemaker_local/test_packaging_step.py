"""What a start installs, as sagemaker-containers does it: vendored wheels, once; without them it needs an index."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from offline_cloud import Cloud
from sagemaker_local.images import environment_for
from tests.conftest import LOCALSTACK_ENV
from tests.sagemaker_local.endpoint_support import own_server
from tests.sagemaker_local.support import IMAGE, ROLE, Bench, unique
from tests.sagemaker_local.wheels import tar, tiny_wheel, vendored

GROUP = "/aws/sagemaker/TrainingJobs"
TRAIN = b"import tinyhelper\nprint('the answer is', tinyhelper.ANSWER)\n"
SERVE = b"""
import tinyhelper
def model_fn(folder):
    return tinyhelper.ANSWER
def transform_fn(model, body, content_type, accept):
    return str(model), "text/plain"
"""
INSTALL = ' -m pip install . -r requirements.txt", exit code: 1'


@pytest.fixture(scope="module")
def bench(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A server without package indexes, whose layers are these tests' own."""
    folder = tmp_path_factory.mktemp("server")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAGEMAKER_LOCAL_IMAGES", str(LOCALSTACK_ENV.parent / "images"))
        environment = Path(environment_for(IMAGE).python).parents[1]
    (folder / "images").mkdir()
    (folder / "images" / environment.name).symlink_to(environment)
    options = ("--images-dir", str(folder / "images"), "--package-index", "refused")
    with own_server(cloud, folder / "state", *options) as server:
        yield server


def train(bench: Bench, files: dict[str, bytes], **more: Any) -> tuple[dict[str, Any], list[str]]:
    """A finished job and its log."""
    uri = bench.put(f"{unique('code')}.tar.gz", tar(files))
    job = bench.train("", hyperparameters={"sagemaker_submit_directory": uri}, **more)
    return job, bench.printed(GROUP, job["TrainingJobName"])


def test_vendored_wheels_are_installed_by_pip_once_and_then_taken_also_without_a_network(bench: Bench) -> None:
    files = {"train.py": TRAIN, **vendored(tiny=tiny_wheel(41))}
    first, lines = train(bench, files)
    assert first["TrainingJobStatus"] == "Completed", lines
    assert any(line.startswith("Successfully installed tinyhelper-1.0 train-1.0.0") for line in lines)
    later, lines = train(bench, files, EnableNetworkIsolation=True)
    assert later["TrainingJobStatus"] == "Completed", lines
    assert "Taking what was installed before: tinyhelper==1.0" in lines
    assert lines[-1] == "the answer is 41"


def test_another_wheel_of_the_same_version_is_installed_again(bench: Bench) -> None:
    _, lines = train(bench, {"train.py": TRAIN, **vendored(tiny=tiny_wheel(43))})
    assert lines[-1] == "the answer is 43"


def test_without_a_wheel_of_setuptools_the_start_fails_as_on_aws(bench: Bench) -> None:
    job, lines = train(bench, {"train.py": TRAIN, **vendored(setuptools=False, tiny=tiny_wheel())})
    assert job["FailureReason"].startswith('AlgorithmError: InstallModuleError:\nCommand "')
    assert job["FailureReason"].endswith(INSTALL)
    assert any("No matching distribution found for setuptools" in line for line in lines)


def test_with_network_isolation_a_script_without_setuptools_can_not_start(bench: Bench) -> None:
    job, lines = train(bench, {"train.py": b"print('never')\n"}, EnableNetworkIsolation=True)
    assert job["FailureReason"].endswith(' -m pip install .", exit code: 1')
    assert any("No matching distribution found for setuptools" in line for line in lines)


def test_a_setup_py_of_the_scripts_own_is_used(bench: Bench) -> None:
    setup = b"from setuptools import setup\nsetup(name='own', version='2.0', py_modules=['helper'])\n"
    script = b"from importlib.metadata import version\nprint('own', version('own'))\n"
    files = {"train.py": script, "helper.py": b"", "setup.py": setup}
    job, lines = train(bench, {**files, **vendored()}, EnableNetworkIsolation=True)
    assert job["TrainingJobStatus"] == "Completed", lines
    assert lines[-1] == "own 2.0"
    job, lines = train(bench, files)
    assert lines[-1] == "own 2.0"


@pytest.mark.parametrize("isolated", [False, True])
def test_a_model_is_served_from_its_vendored_wheels(bench: Bench, isolated: bool) -> None:
    files = {"inference.py": SERVE, **vendored(tiny=tiny_wheel())}
    archive = tar({f"code/{name}": content for name, content in files.items()})
    environment = {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}
    model = unique("model")
    bench.sagemaker.create_model(
        ModelName=model,
        ExecutionRoleArn=ROLE,
        PrimaryContainer={
            "Image": IMAGE,
            "ModelDataUrl": bench.put(f"{model}.tar.gz", archive),
            "Environment": environment,
        },
        EnableNetworkIsolation=isolated,
    )
    name = bench.endpoint(bench.config(v=(model, 1.0)))
    assert bench.invoke(name) == "42"
    bench.sagemaker.delete_endpoint(EndpointName=name)


def test_the_guard_refuses_a_job_that_needs_an_index_and_says_what_to_do(bench: Bench) -> None:
    job, lines = train(bench, {"train.py": TRAIN, "requirements.txt": b"tinyhelper==1.0\n"})
    assert job["FailureReason"].endswith(INSTALL)
    assert any("the connection to pypi.org is refused (--package-index refused)" in line for line in lines)
    assert any("`--no-index` and `--find-links wheels` into its requirements.txt" in line for line in lines)


def test_the_guard_refuses_every_connection_that_leaves_the_machine(bench: Bench) -> None:
    script = b"import socket\nsocket.create_connection(('192.0.2.1', 80), 1)\n"
    job, lines = train(
        bench,
        {
            "train.py": script,
        },
    )
    assert job["TrainingJobStatus"] == "Failed"
    assert "SageMaker local: the connection to 192.0.2.1:80 is refused (--package-index refused)." in lines
