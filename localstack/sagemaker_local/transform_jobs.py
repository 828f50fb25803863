"""The rules of the transform job actions beyond the service model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sagemaker_local.errors import ValidationException
from sagemaker_local.job_stop import request_stop

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.store import Record

DEFAULTS: dict[str, Any] = {"TransformJobStatus": "InProgress"}
_MOST_MB = 100
_MOST_INSTANCES = 100
_EVERYTHING = {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"}
_TEXT_TYPES = ("text/csv", "application/json", "application/jsonlines")


def prepare(engine: Engine, body: dict[str, Any]) -> None:
    """Refuses what can't run, and snapshots the model's containers, so that later changes to it have no effect."""
    model = engine.require(engine.kinds["Model"], body["ModelName"])
    body["_Containers"] = model.body["_Containers"]
    body["_NetworkIsolation"] = bool(model.body.get("EnableNetworkIsolation"))
    if any(container.get("Mode") == "MultiModel" for container in body["_Containers"]):
        raise ValidationException(f"Model {body['ModelName']} is of Mode MultiModel, which batch transform can't use.")
    _check_limits(body)
    _check_places(body)
    body["TransformInput"] = {"CompressionType": "None", "SplitType": "None", **body["TransformInput"]}
    body["TransformOutput"] = {"AssembleWith": "None", **body["TransformOutput"]}
    body["DataProcessing"] = {**_EVERYTHING, **body.get("DataProcessing", {})}
    stamped = body.get("DataCaptureConfig", {}).get("GenerateInferenceId", False)
    if stamped or body["DataProcessing"] != _EVERYTHING:
        _check_processing(body["TransformInput"], body["TransformOutput"])


def start(engine: Engine, record: Record) -> None:
    engine.executors.transform.submit(record)


def stop(engine: Engine, record: Record) -> None:
    """StopTransformJob.

    Raises:
        ValidationException: the job has ended.
    """
    request_stop(engine, record, "transform job")
    engine.executors.transform.stop(record)


def _check_limits(body: dict[str, Any]) -> None:
    payload, concurrent = body.get("MaxPayloadInMB", 0), body.get("MaxConcurrentTransforms", 0)
    if payload > _MOST_MB:
        raise ValidationException(f"MaxPayloadInMB [{payload}] cannot be greater than {_MOST_MB} MB.")
    if payload * concurrent > _MOST_MB:
        raise ValidationException(
            f"MaxConcurrentTransforms * MaxPayloadInMB [{concurrent} * {payload}] cannot exceed {_MOST_MB} MB."
        )
    count = body["TransformResources"]["InstanceCount"]
    if count > _MOST_INSTANCES:
        raise ValidationException(f"InstanceCount [{count}] cannot be greater than {_MOST_INSTANCES}.")


def _check_places(body: dict[str, Any]) -> None:
    source = body["TransformInput"]["DataSource"]["S3DataSource"]
    if source["S3DataType"] not in ("S3Prefix", "ManifestFile"):
        raise ValidationException(f"S3DataType {source['S3DataType']} is not supported for transform jobs.")
    captured = body.get("DataCaptureConfig", {}).get("DestinationS3Uri", "s3://")
    for uri in (source["S3Uri"], body["TransformOutput"]["S3OutputPath"], captured):
        if not uri.startswith("s3://"):
            raise ValidationException(f"{uri} is not an s3://bucket/key URI.")


def _check_processing(source: dict[str, Any], target: dict[str, Any]) -> None:
    """Filters, joins and inference ids work on CSV, JSON and JSON Lines only, and CSV only with SplitType Line."""
    kinds = [source.get("ContentType", ""), target.get("Accept") or source.get("ContentType", "")]
    kinds = [kind.split(";")[0].strip() for kind in kinds]
    if kinds[0] not in _TEXT_TYPES or kinds[1] not in _TEXT_TYPES:
        raise ValidationException(
            f"DataProcessing needs a ContentType and an Accept of {', '.join(_TEXT_TYPES)}; given: {', '.join(kinds)}."
        )
    if "text/csv" in kinds and (source["SplitType"], target["AssembleWith"]) != ("Line", "Line"):
        raise ValidationException("DataProcessing of text/csv needs SplitType Line and AssembleWith Line.")
