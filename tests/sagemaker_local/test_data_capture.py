"""DataCaptureConfig: what is written to S3, where, in which encoding, and how much of it."""

import base64
import json
import re
from typing import Any

import pytest

from tests.sagemaker_local.endpoint_support import config_of, described, variant
from tests.sagemaker_local.support import BUCKET, Bench, unique, until


@pytest.fixture(scope="module")
def model(bench: Bench) -> str:
    return bench.model(slope=2.0)


def capture(folder: str, *modes: str, percentage: int = 100, **more: Any) -> dict[str, Any]:
    return {
        "InitialSamplingPercentage": percentage,
        "DestinationS3Uri": f"s3://{BUCKET}/{folder}",
        "CaptureOptions": [{"CaptureMode": mode} for mode in modes],
        **more,
    }


def captured(bench: Bench, folder: str) -> dict[str, list[dict[str, Any]]]:
    """The lines of every object, by its key."""
    keys = [item["Key"] for item in bench.s3.list_objects_v2(Bucket=BUCKET, Prefix=folder).get("Contents", [])]
    return {
        key: [json.loads(line) for line in bench.read(f"s3://{BUCKET}/{key}").decode().splitlines()] for key in keys
    }


def lines(objects: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    return [line for found in objects.values() for line in found]


def test_input_and_output_are_captured_in_awss_layout(bench: Bench, model: str) -> None:
    folder = unique("capture")
    headers = {"CsvContentTypes": ["text/csv"], "JsonContentTypes": ["application/json"]}
    config = capture(folder, "Input", "Output", CaptureContentTypeHeader=headers)
    name = bench.endpoint(config_of(bench, variant(model), DataCaptureConfig=config))
    assert described(bench, name)["DataCaptureConfig"] == {
        "EnableCapture": True,
        "CaptureStatus": "Started",
        "CurrentSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{BUCKET}/{folder}",
        "KmsKeyId": "",
    }
    bench.invoke(name, "1\n2", InferenceId="row-17", CustomAttributes="source=test")
    bench.invoke(name, "3")
    with pytest.raises(bench.runtime.exceptions.ModelError):
        bench.invoke(name, "x")
    objects = until(lambda: captured(bench, folder), lambda found: len(lines(found)) == 2)
    for key in objects:
        assert re.fullmatch(rf"{folder}/{name}/v/\d{{4}}/\d\d/\d\d/\d\d/\d\d-\d\d-\d{{3}}-[0-9a-f-]{{36}}\.jsonl", key)
    first, second = lines(objects)
    assert first["captureData"] == {
        "endpointInput": {
            "observedContentType": "text/csv",
            "mode": "INPUT",
            "data": "1\n2",
            "encoding": "CSV",
        },
        "endpointOutput": {
            "observedContentType": "text/csv; charset=utf-8",
            "mode": "OUTPUT",
            "data": "2.0\n4.0",
            "encoding": "CSV",
        },
    }
    assert first["eventVersion"] == "0"
    metadata = first["eventMetadata"]
    assert metadata["inferenceId"] == "row-17"
    assert metadata["customAttributes"] == ["source=test"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", metadata["inferenceTime"])
    assert second["eventMetadata"].keys() == {"eventId", "inferenceTime"}
    assert metadata["eventId"] != second["eventMetadata"]["eventId"]
    bench.sagemaker.delete_endpoint(EndpointName=name)


def test_without_content_types_data_is_base64_and_only_the_asked_side_is_there(bench: Bench, model: str) -> None:
    folder = unique("capture")
    name = bench.endpoint(config_of(bench, variant(model), DataCaptureConfig=capture(folder, "Output")))
    bench.invoke(name, "4")
    bench.sagemaker.delete_endpoint(EndpointName=name)  # which writes what was not yet written
    objects = until(lambda: captured(bench, folder), bool)
    [line] = lines(objects)
    assert line["captureData"].keys() == {"endpointOutput"}
    output = line["captureData"]["endpointOutput"]
    assert (output["encoding"], base64.b64decode(output["data"])) == ("BASE64", b"8.0")


def test_a_part_of_the_requests_is_captured_and_none_when_it_is_off(bench: Bench, model: str) -> None:
    some, none = unique("capture"), unique("capture")
    sampled = bench.endpoint(config_of(bench, variant(model), DataCaptureConfig=capture(some, "Input", percentage=50)))
    config = capture(none, "Input", EnableCapture=False)
    off = bench.endpoint(config_of(bench, variant(model), DataCaptureConfig=config))
    assert described(bench, off)["DataCaptureConfig"]["CaptureStatus"] == "Stopped"
    for _ in range(200):
        bench.invoke(sampled)
        bench.invoke(off)
    for name in (sampled, off):
        bench.sagemaker.delete_endpoint(EndpointName=name)
    until(lambda: [e["EndpointName"] for e in bench.sagemaker.list_endpoints(MaxResults=100)["Endpoints"]],
          lambda names: not {sampled, off} & set(names))  # fmt: skip
    assert 50 <= len(lines(captured(bench, some))) <= 150  # 100 expected; seven standard deviations
    assert captured(bench, none) == {}
