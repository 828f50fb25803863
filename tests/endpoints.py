"""A trained model behind a real endpoint of the offline cloud."""

import io
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from offline_cloud import Cloud
from tabular.artefact import Artefact
from tests.sagemaker_local.conftest import make_bench
from tests.sagemaker_local.endpoint_support import config_of, variant
from tests.sagemaker_local.support import IMAGE, ROLE, unique

SCRIPTS = Path(__file__).parents[1] / "sagemaker_scripts"


@contextmanager
def serving(cloud: Cloud, model: Artefact, **config: Any) -> Iterator[str]:
    """Serve `model` by the project's scripts. Yields the endpoint's name and deletes the endpoint at the end.

    `config` has further members of the endpoint configuration.
    """
    with serving_archive(cloud, packed(model), **config) as name:
        yield name


@contextmanager
def serving_archive(cloud: Cloud, archive: bytes, **config: Any) -> Iterator[str]:
    """Serve a model.tar.gz. Yields the name of the endpoint and of its model."""
    bench, name = make_bench(cloud.environment), unique("served")
    data = bench.put(f"{name}/model.tar.gz", archive)
    environment = {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}
    container = {"Image": IMAGE, "ModelDataUrl": data, "Environment": environment}
    bench.sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    bench.endpoint(config_of(bench, variant(name), **config), name)
    assert bench.settled(name)["EndpointStatus"] == "InService"
    yield name
    bench.sagemaker.delete_endpoint(EndpointName=name)


def packed(model: Artefact) -> bytes:
    """The model.tar.gz of a model."""
    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder), code=SCRIPTS)
        return packed_folder(Path(folder))


def packed_folder(folder: Path) -> bytes:
    """The .tar.gz of a folder's contents."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        tar.add(folder, arcname=".")
    return buffer.getvalue()
