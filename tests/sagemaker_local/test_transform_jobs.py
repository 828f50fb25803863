"""Batch transform jobs: how objects become requests and results, filters and joins, failures, stopping."""

import gzip
import json
import signal
import struct
import threading
from collections.abc import Callable, Iterator
from datetime import UTC
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from uuid import UUID

import psutil
import pytest
from botocore.exceptions import ClientError

from sagemaker_local.executors.transform_containers import execution_parameters
from tests.patience import PATIENCE
from tests.sagemaker_local.conftest import OwnServer
from tests.sagemaker_local.support import BUCKET, ROLE, Bench, everything, unique, until

GROUP = "/aws/sagemaker/TransformJobs"
# Answers each line with twice its number, and logs its requests.
DOUBLE = """
import json, os, sys, time
import flask

print({k: v for k, v in sorted(os.environ.items()) if k.startswith("SAGEMAKER_") and ("BATCH" in k or "MAX" in k)})
print("colour", os.environ.get("COLOUR"))

def model_fn(model_dir):
    return 2.0

def transform_fn(model, body, content_type, accept):
    body = body if isinstance(body, str) else body.decode("latin-1")
    sys.stdout.write("asked " + json.dumps([len(body), body[:60]]) + "\\n")
    if body == "slow":
        time.sleep(600)
    if body == "bad":
        return flask.Response("bad row", 400, mimetype="text/plain")
    if body == "crash":
        raise KeyError("crash")
    data = json.loads(body) if content_type == "application/json" else body.split()
    return packed(predict(data, model), accept)

def predict(data, model):
    if isinstance(data, (list, dict)) and data and not isinstance(data, list):
        return {"doubled": data["x"] * model}
    if isinstance(data, list) and data and not isinstance(data[0], str):
        return [x * model for x in data]
    return [sum(float(x) for x in row.split(",")) * model for row in data]

def packed(prediction, accept):
    if accept == "application/json":
        return json.dumps(prediction), accept
    return "\\n".join(map(str, prediction)), "text/csv"
"""


@pytest.fixture(scope="module")
def model(bench: Bench) -> str:
    return bench.model(script=DOUBLE)


def request(model: str, uri: str, **changes: Any) -> dict[str, Any]:
    """A CreateTransformJob request for CSV by the line; `source` and `target` go into TransformInput and Output."""
    name = unique("transform")
    source = {
        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}},
        "ContentType": "text/csv",
        "SplitType": "Line",
        **changes.pop("source", {}),
    }
    target = {
        "S3OutputPath": f"s3://{BUCKET}/out/{name}",
        "Accept": "text/csv",
        "AssembleWith": "Line",
        **changes.pop("target", {}),
    }
    return {
        "TransformJobName": name,
        "ModelName": model,
        "TransformInput": source,
        "TransformOutput": target,
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        **changes,
    }


def describe(bench: Bench, name: str) -> dict[str, Any]:
    return dict(bench.sagemaker.describe_transform_job(TransformJobName=name))


def ended(bench: Bench, name: str) -> dict[str, Any]:
    over = ("Completed", "Failed", "Stopped")
    return until(lambda: describe(bench, name), lambda job: job["TransformJobStatus"] in over)


def run(bench: Bench, asked: dict[str, Any]) -> dict[str, Any]:
    bench.sagemaker.create_transform_job(**asked)
    return ended(bench, asked["TransformJobName"])


def outputs(bench: Bench, job: dict[str, Any]) -> dict[str, str]:
    """The output objects of the job, by the names below its output path."""
    prefix = f"out/{job['TransformJobName']}/"
    listed = bench.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
    return {item["Key"].removeprefix(prefix): bench.read(f"s3://{BUCKET}/{item['Key']}").decode() for item in listed}


def asked_of_model(bench: Bench, job: dict[str, Any]) -> list[str]:
    """The beginnings of the request bodies that the model got."""
    return [body for _, body in _asked(bench, job)]


def _asked(bench: Bench, job: dict[str, Any]) -> list[tuple[int, str]]:
    lines = bench.printed(GROUP, f"{job['TransformJobName']}/i-")
    return [tuple(json.loads(line.removeprefix("asked "))) for line in lines if line.startswith("asked ")]


def folder(bench: Bench, **objects: str | bytes) -> str:
    """Puts objects under a new prefix, and returns its URI; `__` in a name means a slash."""
    prefix = unique("in")
    for name, content in objects.items():
        bench.put(f"{prefix}/{name.replace('__', '/')}", content)
    return f"s3://{BUCKET}/{prefix}/"


def test_every_object_of_a_prefix_becomes_an_out_object(bench: Bench, model: str) -> None:
    uri = folder(bench, a="1\n2\n3\n", deep__b="4\n", folder__="")
    job = run(bench, request(model, uri, Environment={"COLOUR": "blue"}, BatchStrategy="MultiRecord"))
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    assert outputs(bench, job) == {"a.out": "2.0\n4.0\n6.0\n", "deep/b.out": "8.0\n"}
    assert job["CreationTime"] <= job["TransformStartTime"] <= job["TransformEndTime"]
    assert job["DataProcessing"] == {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"}
    assert "MaxConcurrentTransforms" not in job
    lines = bench.printed(GROUP, f"{job['TransformJobName']}/i-")
    assert "{'SAGEMAKER_BATCH': 'true', 'SAGEMAKER_BATCH_STRATEGY': 'MULTI_RECORD'}" in lines
    assert "colour blue" in lines
    assert any(
        line.endswith(":[sagemaker logs]: MaxConcurrentTransforms=1, MaxPayloadInMB=6, BatchStrategy=MULTI_RECORD")
        for line in lines
    )
    streams = bench.logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=job["TransformJobName"])
    names = [stream["logStreamName"].split("/")[1:] for stream in streams["logStreams"]]
    assert sorted(map(len, names)) == [1, 2]
    assert names[0][0] == names[1][0]


def test_a_record_by_itself_or_as_many_as_fit(bench: Bench, model: str) -> None:
    uri = folder(bench, rows="1\n2\n3\n")
    single = run(bench, request(model, uri, BatchStrategy="SingleRecord"))
    several = run(bench, request(model, uri))
    assert asked_of_model(bench, single) == ["1", "2", "3"]
    assert asked_of_model(bench, several) == ["1\n2\n3"]
    assert outputs(bench, single) == outputs(bench, several) == {"rows.out": "2.0\n4.0\n6.0\n"}


def test_payloads_keep_to_the_limit_and_results_to_their_order(bench: Bench, model: str) -> None:
    rows = [str(number).zfill(1000) for number in range(2500)]
    uri = folder(bench, rows="\n".join(rows))
    job = run(bench, request(model, uri, MaxPayloadInMB=1, MaxConcurrentTransforms=3))
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    sizes = [size for size, _ in _asked(bench, job)]
    assert len(sizes) == 3
    assert max(sizes) <= 1 << 20
    assert outputs(bench, job)["rows.out"].split() == [str(2.0 * number) for number in range(2500)]


def test_an_object_that_is_not_split_goes_as_a_whole(bench: Bench, model: str) -> None:
    uri = folder(bench, rows="1\n2\n")
    job = run(bench, request(model, uri, source={"SplitType": "None"}, target={"AssembleWith": "None"}))
    assert asked_of_model(bench, job) == ["1\n2\n"]
    assert outputs(bench, job) == {"rows.out": "2.0\n4.0"}


def test_gzipped_objects_are_unpacked(bench: Bench, model: str) -> None:
    uri = folder(bench, rows_gz=gzip.compress(b"5\n6\n"))
    job = run(bench, request(model, uri, source={"CompressionType": "Gzip"}))
    assert outputs(bench, job) == {"rows_gz.out": "10.0\n12.0\n"}


def test_a_manifest_names_the_objects(bench: Bench, model: str) -> None:
    uri = folder(bench, x__a="1", x__b="2", x__c="3")
    manifest = bench.put(f"{unique('m')}.manifest", json.dumps([{"prefix": uri}, "x/a", "x/c"]))
    source = {"DataSource": {"S3DataSource": {"S3DataType": "ManifestFile", "S3Uri": manifest}}}
    job = run(bench, request(model, uri, source=source))
    assert outputs(bench, job) == {"x/a.out": "2.0\n", "x/c.out": "6.0\n"}


def test_several_instances_share_the_objects(bench: Bench, model: str) -> None:
    uri = folder(bench, a="1", b="2", c="3")
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 2}
    job = run(bench, request(model, uri, TransformResources=resources))
    assert outputs(bench, job) == {"a.out": "2.0\n", "b.out": "4.0\n", "c.out": "6.0\n"}
    assert sorted(asked_of_model(bench, job)) == ["1", "2", "3"]
    streams = bench.logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=job["TransformJobName"])
    logs = {stream["logStreamName"].split("/")[1] for stream in streams["logStreams"]}
    assert len(logs) == 2


def test_binary_records_lose_their_padding_only_when_they_go_one_by_one(bench: Bench, model: str) -> None:
    def recordio(data: bytes) -> bytes:
        return struct.pack("<II", 0xCED7230A, len(data)) + data + b"\0" * (-len(data) % 4)

    def tfrecord(data: bytes) -> bytes:
        return struct.pack("<QI", len(data), 0) + data + struct.pack("<I", 0)

    for split, frame in (("RecordIO", recordio), ("TFRecord", tfrecord)):
        uri = folder(bench, rows=frame(b"1") + frame(b"22"))
        source = {"SplitType": split, "ContentType": "application/x-records"}
        job = run(bench, request(model, uri, source=source, BatchStrategy="SingleRecord"))
        assert asked_of_model(bench, job) == ["1", "22"]
        assert outputs(bench, job) == {"rows.out": "2.0\n44.0\n"}
    job = run(bench, request(model, folder(bench, rows=b"no records"), source=source))
    assert job["FailureReason"] == "ClientError: See job logs for more information"
    assert any("not in TFRecord format" in line for line in bench.printed(GROUP, job["TransformJobName"]))


CSV_ROWS = 'id-1,1,2\n"a ""b"", c",3,4\n'


@pytest.mark.parametrize(
    ("processing", "result"),
    [
        ({"InputFilter": "$[1:]"}, "6.0\n14.0\n"),
        ({"InputFilter": "$[1]"}, "2.0\n6.0\n"),
        ({"InputFilter": "$[1:]", "JoinSource": "Input"}, 'id-1,1,2,6.0\n"a ""b"", c",3,4,14.0\n'),
        (
            {"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"},
            'id-1,6.0\n"a ""b"", c",14.0\n',
        ),
        ({"InputFilter": "$[1:2]", "JoinSource": "Input", "OutputFilter": "$[2:]"}, "2,6.0\n4,14.0\n"),
    ],
)
def test_csv_rows_are_filtered_and_joined(bench: Bench, model: str, processing: dict[str, str], result: str) -> None:
    job = run(bench, request(model, folder(bench, rows=CSV_ROWS), DataProcessing=processing))
    assert job["TransformJobStatus"] == "Completed", bench.printed(GROUP, job["TransformJobName"])
    assert outputs(bench, job) == {"rows.out": result}


def test_a_field_of_any_length_is_filtered_and_joined(bench: Bench, model: str) -> None:
    record = f"7,{'x' * 200_000}"
    uri = bench.put(f"{unique('long')}/rows.csv", f"{record}\n")
    job = run(bench, request(model, uri, DataProcessing={"InputFilter": "$[0]", "JoinSource": "Input"}))
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    assert outputs(bench, job) == {"rows.csv.out": f"{record},14.0\n"}


def test_json_objects_are_filtered_and_joined(bench: Bench, model: str) -> None:
    document = json.dumps({"id": 7, "features": {"x": 21}})
    processing = {"InputFilter": "$.features", "JoinSource": "Input", "OutputFilter": "$['id','SageMakerOutput']"}
    kind = {"ContentType": "application/json"}
    asked = request(
        model,
        folder(bench, one=document),
        source={**kind, "SplitType": "None"},
        target={"Accept": "application/json", "AssembleWith": "None"},
        DataProcessing=processing,
    )
    assert outputs(bench, run(bench, asked)) == {"one.out": '{"id":7,"SageMakerOutput":{"doubled":42.0}}'}
    lines = request(
        model,
        folder(bench, rows='{"x":1}\n[5,6]\n'),
        source=kind,
        target={"Accept": "application/json"},
        BatchStrategy="SingleRecord",
        DataProcessing={"JoinSource": "Input"},
    )
    assert outputs(bench, run(bench, lines))["rows.out"].splitlines() == [
        '{"x":1,"SageMakerOutput":{"doubled":2.0}}',
        '{"SageMakerInput":[5,6],"SageMakerOutput":[10.0,12.0]}',
    ]


@pytest.mark.parametrize(
    ("rows", "processing", "reason", "said"),
    [
        ("bad", {}, "ClientError: See job logs for more information", "/rows: ClientError: 400"),
        (
            "crash",
            {},
            "AlgorithmError: See job logs for more information",
            "/rows: Bad HTTP status received from algorithm: 500",
        ),
        (
            "1,2,3",
            {"OutputFilter": "$[0:1,2:]"},
            "ClientError: See job logs for more information",
            "/rows: Invalid JsonPath: $[0:1,2:]: only single range filters of format (eg: [1:5]) are supported. "
            "Format [0:1,2:] is not supported",
        ),
        (
            "1,2",
            {"InputFilter": "$[7]"},
            "ClientError: See job logs for more information",
            "/rows: Invalid JsonPath: $[7]: it selects nothing",
        ),
    ],
)
def test_a_failing_object_fails_the_job_and_the_others_are_uploaded(
    bench: Bench, model: str, rows: str, processing: dict[str, str], reason: str, said: str
) -> None:
    good = {} if processing else {"good": "1\n"}
    client = {"InvocationsMaxRetries": 0}
    asked = request(model, folder(bench, rows=rows, **good), DataProcessing=processing, ModelClientConfig=client)
    job = run(bench, asked)
    assert (job["TransformJobStatus"], job["FailureReason"]) == ("Failed", reason)
    assert list(outputs(bench, job)) == [f"{name}.out" for name in good]
    lines = bench.printed(GROUP, job["TransformJobName"])
    assert any(line.endswith(said) for line in lines), lines


def test_a_record_beyond_the_payload_limit_fails_the_job(bench: Bench, model: str) -> None:
    job = run(bench, request(model, folder(bench, rows="1" * ((1 << 20) + 1)), MaxPayloadInMB=1))
    assert job["FailureReason"] == "ClientError: See job logs for more information"
    lines = bench.printed(GROUP, job["TransformJobName"])
    assert any(line.endswith("Too much data for max payload size") for line in lines)


def test_a_prefix_without_objects_and_a_model_that_does_not_start_fail_the_job(bench: Bench, model: str) -> None:
    empty = run(bench, request(model, f"s3://{BUCKET}/{unique('nothing')}/"))
    assert empty["FailureReason"].startswith("ClientError: No S3 objects found under S3 URL")
    broken = bench.model(script="raise RuntimeError('no such weights')")
    job = run(bench, request(broken, folder(bench, rows="1")))
    assert job["FailureReason"] == "AlgorithmError: See job logs for more information"
    assert any("no such weights" in line for line in bench.printed(GROUP, job["TransformJobName"]))


def test_a_job_that_is_stopped_stores_no_output(bench: Bench, model: str) -> None:
    asked = request(model, folder(bench, a="1", rows="slow"))
    name = asked["TransformJobName"]
    bench.sagemaker.create_transform_job(**asked)
    until(lambda: [line for line in bench.printed(GROUP, name) if "slow" in line], bool)
    bench.sagemaker.stop_transform_job(TransformJobName=name)
    job = ended(bench, name)
    assert job["TransformJobStatus"] == "Stopped"
    assert outputs(bench, job) == {}
    with pytest.raises(ClientError, match="in status Stopped"):
        bench.sagemaker.stop_transform_job(TransformJobName=name)


def test_captured_data_are_manifests_and_results_carry_inference_ids(bench: Bench, model: str) -> None:
    uri = folder(bench, deep__a="1\n2\n", b="3\n")
    captured = unique("captured")
    capture = {"DestinationS3Uri": f"s3://{BUCKET}/{captured}", "GenerateInferenceId": True}
    job = run(bench, request(model, uri, DataCaptureConfig=capture))
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    rows = [row.split(",") for row in outputs(bench, job)["deep/a.out"].splitlines()]
    assert [row[0] for row in rows] == ["2.0", "4.0"]
    assert len({UUID(row[1]) for row in rows}) == 2
    started = job["TransformStartTime"].astimezone(UTC)
    assert {row[2] for row in rows} == {started.strftime("%Y-%m-%dT%H:%M:%SZ")}
    found = {}
    for item in bench.s3.list_objects_v2(Bucket=BUCKET, Prefix=captured)["Contents"]:
        _, side, *hour, _ = item["Key"].split("/")
        assert hour == started.strftime("%Y %m %d %H").split()
        found[side] = json.loads(bench.read(f"s3://{BUCKET}/{item['Key']}"))
    assert found["input"] == [{"prefix": uri}, "b", "deep/a"]
    assert found["output"] == [{"prefix": f"{job['TransformOutput']['S3OutputPath']}/"}, "b.out", "deep/a.out"]


def test_containers_of_a_pipeline_follow_one_another(bench: Bench, model: str) -> None:
    container = bench.sagemaker.describe_model(ModelName=model)["PrimaryContainer"]
    name = unique("chain")
    bench.sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, Containers=[container, container])
    job = run(bench, request(name, folder(bench, rows="1\n2\n")))
    assert outputs(bench, job) == {"rows.out": "4.0\n8.0\n"}


def test_jobs_are_listed_newest_first(bench: Bench, model: str) -> None:
    jobs = [run(bench, request(model, f"s3://{BUCKET}/{unique('nothing')}/")) for _ in range(2)]
    names = [job["TransformJobName"] for job in jobs]
    every = everything(bench.sagemaker, "list_transform_jobs", NameContains="transform")
    listed = [job for job in every if job["TransformJobName"] in names]
    assert [job["TransformJobName"] for job in listed] == names[::-1]
    assert listed[0]["TransformJobStatus"] == "Failed"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ModelName": "no-such-model"}, 'Could not find model "arn:aws:sagemaker:.*:model/no-such-model".'),
        ({"MaxPayloadInMB": 101}, "cannot be greater than 100 MB"),
        ({"MaxPayloadInMB": 50, "MaxConcurrentTransforms": 3}, "cannot exceed 100 MB"),
        ({"DataProcessing": {"JoinSource": "Input"}, "source": {"SplitType": "None"}}, "needs SplitType Line"),
        ({"DataProcessing": {"JoinSource": "Input"}, "source": {"ContentType": "image/png"}}, "needs a ContentType"),
        ({"DataCaptureConfig": {"DestinationS3Uri": "https://b/c"}}, "is not an s3://bucket/key URI"),
        (
            {
                "DataCaptureConfig": {"DestinationS3Uri": "s3://b/c", "GenerateInferenceId": True},
                "target": {"Accept": "image/png"},
            },
            "needs a ContentType and an Accept",
        ),
        ({"BatchStrategy": "Some"}, r"enum value set: \[MultiRecord, SingleRecord\]"),
    ],
)
def test_a_bad_transform_job_is_refused_and_not_stored(
    bench: Bench, model: str, changes: dict[str, Any], message: str
) -> None:
    asked = request(model, f"s3://{BUCKET}/x", **changes)
    with pytest.raises(ClientError, match=message):
        bench.sagemaker.create_transform_job(**asked)
    with pytest.raises(ClientError, match="Could not find requested job with name"):
        describe(bench, asked["TransformJobName"])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["TERM", "KILL"])
def test_a_server_that_ends_leaves_a_failed_job_and_no_container(
    start_server: Callable[..., OwnServer], number: signal.Signals
) -> None:
    first = start_server()
    model = first.bench.model(script=DOUBLE)
    asked = request(model, folder(first.bench, rows="slow"))
    first.bench.sagemaker.create_transform_job(**asked)
    name = asked["TransformJobName"]
    until(lambda: [line for line in first.bench.printed(GROUP, name) if "slow" in line], bool)
    processes = psutil.Process(first.process.pid).children(recursive=True)
    assert processes
    first.end(number)
    assert psutil.wait_procs(processes, timeout=PATIENCE)[1] == []
    job = describe(start_server().bench, name)
    assert job["TransformJobStatus"] == "Failed"
    assert "SageMaker local stopped while the job was in progress" in job["FailureReason"]


class Parameters(BaseHTTPRequestHandler):
    answer = b""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/execution-parameters" else 404)
        self.end_headers()
        self.wfile.write(self.answer)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def container() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Parameters)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_container_may_say_its_execution_parameters(container: HTTPServer) -> None:
    Parameters.answer = b'{"MaxConcurrentTransforms": 8, "BatchStrategy": "SINGLE_RECORD", "MaxPayloadInMB": 20}'
    assert execution_parameters(container.server_port) == {
        "MaxConcurrentTransforms": 8,
        "MaxPayloadInMB": 20,
        "BatchStrategy": "SingleRecord",
    }
    Parameters.answer = b"not json"
    assert execution_parameters(container.server_port) == {}
