"""The same rows wherever the serving code runs: the predictions are the same numbers."""

import csv
import io
import json
import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from offline_cloud import Cloud
from sagemaker_local.container import defaults
from sagemaker_local.container.flask_worker import FlaskHandlers
from sagemaker_local.container.handlers import Request
from serving.answer import answer
from tests.endpoints import packed_folder, serving_archive
from tests.fuzz.servers import SCRIPTS, endpoint
from tests.sagemaker_local.conftest import make_bench
from tests.sagemaker_local.support import BUCKET, Bench, unique, until
from tests.scripts.models import ALGORITHMS, FEATURES, contract, rows, saved_model, small_model
from tests.scripts.serving.bodies import bodies as request_bodies
from tests.serving.server.running_server import running_server

JSON, CSV, JSON_LINES = "application/json", "text/csv", "application/jsonlines"
PARQUET = "application/vnd.apache.parquet"
ARROW_STREAM, ARROW_FILE = "application/vnd.apache.arrow.stream", "application/vnd.apache.arrow.file"
KINDS = (JSON, CSV, JSON_LINES, PARQUET, ARROW_STREAM, ARROW_FILE)
COUNT, MISSING_EVERY = 40, 5
TRANSFORMED = {"logistic_regression": ARROW_STREAM, "random_forest": CSV, "xgboost": PARQUET, "ridge": JSON_LINES}
"""The content type of each algorithm's batch transform job: a job takes seconds."""

Predictions = list[tuple[float, ...]]
"""For each row the probabilities in the contract's order, or the number."""
Home = Callable[[bytes, str, str], bytes]
"""Returns the body of the response to a body, its content type and the Accept header."""


def table() -> pa.Table:
    """Rows of every kind: numbers of 17 digits, missing values, all categories."""
    frame = rows(contract("xgboost"), COUNT, seed=3)[[column.name for column in FEATURES]]
    frame.loc[::MISSING_EVERY, ["hours", "colour"]] = None
    return pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata()


def bodies() -> dict[str, bytes]:
    """The rows in every media type of requests."""
    return request_bodies(table().to_pylist())


def of_json(body: bytes) -> Predictions:
    return [_numbers(row) for row in json.loads(body)["predictions"]]


def of_json_lines(body: bytes) -> Predictions:
    return [_numbers(json.loads(line)) for line in body.splitlines()]


def _numbers(row: dict[str, Any]) -> tuple[float, ...]:
    return tuple(row["probabilities"].values()) if "probabilities" in row else (row["prediction"],)


def of_csv(body: bytes) -> Predictions:
    """The class, then the probabilities; or the number."""
    lines = list(csv.reader(io.StringIO(body.decode())))
    return [tuple(map(float, line[1:] if len(line) > 1 else line)) for line in lines]


def of_arrow(body: bytes) -> Predictions:
    with pa.ipc.open_stream(body) as reader:
        found = reader.read_all()
    names = [name for name in found.column_names if name.startswith("probability_")] or ["prediction"]
    return list(zip(*(found[name].to_pylist() for name in names), strict=True))


READERS: dict[str, Callable[[bytes], Predictions]] = {
    JSON: of_json, JSON_LINES: of_json_lines, CSV: of_csv, ARROW_STREAM: of_arrow,
}  # fmt: skip


@dataclass(frozen=True)
class Served:
    """One model in every home but batch transform, which is a job."""

    algorithm: str
    homes: dict[str, Home]
    bench: Bench
    model_name: str


@pytest.fixture(scope="module", params=ALGORITHMS)
def served(request: pytest.FixtureRequest, cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The small model of an algorithm, compiled."""
    base = tmp_path_factory.mktemp(request.param)
    folder = base / "model"
    folder.mkdir()
    model = saved_model(folder, request.param)
    with ExitStack() as stack:
        name = stack.enter_context(serving_archive(cloud, packed_folder(folder)))
        server = stack.enter_context(running_server(base, "serving.server"))
        live = endpoint(cloud.environment["AWS_ENDPOINT_URL_SAGEMAKER"], name)

        def own(body: bytes, kind: str, accept: str) -> bytes:
            return server.invoke(body, f"Content-Type: {kind}", f"Accept: {accept}").body

        homes: dict[str, Home] = {
            "in process": lambda body, kind, accept: answer(model, body, kind, accept).body,
            "functions of a prebuilt image": functions(folder),
            "own server": own,
            "endpoint": lambda body, kind, accept: live.send(body, kind, accept)[1],
        }
        yield Served(request.param, homes, make_bench(cloud.environment), name)


def functions(folder: Path) -> Home:
    """model_fn and transform_fn under the handlers of AWS's prebuilt images."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(SCRIPTS))
        import inference
    handlers = FlaskHandlers(inference, defaults, JSON)
    handlers.load(str(folder))

    def send(body: bytes, kind: str, accept: str) -> bytes:
        found = handlers.answer(Request(body, {"content-type": kind, "accept": accept})).body
        assert isinstance(found, bytes)
        return found

    return send


def test_every_home_answers_every_media_type_with_the_same_numbers(served: Served) -> None:
    expected = of_json(served.homes["in process"](bodies()[JSON], JSON, JSON))
    assert len(expected) == COUNT
    assert_by_the_pipeline(served.algorithm, expected)
    for home, send in served.homes.items():
        for kind in KINDS:
            assert of_json(send(bodies()[kind], kind, JSON)) == expected, (home, kind)
        for accept, read in READERS.items():
            assert read(send(bodies()[PARQUET], PARQUET, accept)) == expected, (home, accept)


def test_a_batch_transform_job_answers_with_the_same_numbers(served: Served) -> None:
    kind, accept = TRANSFORMED[served.algorithm], ARROW_STREAM
    expected = of_json(served.homes["in process"](bodies()[JSON], JSON, JSON))
    assert of_arrow(transformed(served.bench, served.model_name, bodies()[kind], kind, accept)) == expected


def assert_by_the_pipeline(algorithm: str, found: Predictions) -> None:
    """Equal to scikit-learn's pipeline: the same bits for trees, the last digit for linear models."""
    output = small_model(algorithm).output(_typed(table().to_pandas()))
    expected = [tuple(row) if isinstance(row, list) else (row,) for row in output.tolist()]
    for one, other in zip(found, expected, strict=True):
        assert all(math.isclose(a, b, rel_tol=1e-14) for a, b in zip(one, other, strict=True)), (one, other)


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.astype({"age": "Int64", "hours": "float64"})


def transformed(bench: Bench, model: str, body: bytes, kind: str, accept: str) -> bytes:
    """The output object of a batch transform job of one object."""
    name = unique("equal")
    source = bench.put(f"{name}/rows", body)
    bench.sagemaker.create_transform_job(
        TransformJobName=name,
        ModelName=model,
        TransformInput={
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": source}},
            "ContentType": kind,
            "SplitType": "None",
        },
        TransformOutput={"S3OutputPath": f"s3://{BUCKET}/{name}/out", "Accept": accept},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )
    job = until(
        lambda: dict(bench.sagemaker.describe_transform_job(TransformJobName=name)),
        lambda job: job["TransformJobStatus"] in ("Completed", "Failed", "Stopped"),
    )
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    return bench.read(f"s3://{BUCKET}/{name}/out/rows.out")
