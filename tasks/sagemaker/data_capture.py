"""DataCaptureConfig: which requests SageMaker captures, and the folder, whose name has the versions that answered."""

from typing import Any

from config.hosting import Serverless
from config.use_case import UseCase
from tasks import locations
from tasks.platform import platform

SHADOW_VARIANT = "shadow"
"""The name of a shadow variant."""
BETWEEN = "_"
"""Between the hosted versions of a folder's name: of production, then of the shadow variant."""
AS_TEXT = {"CsvContentTypes": ["text/csv"], "JsonContentTypes": ["application/json"]}
"""The content types that are captured as text. The others are captured in base64."""


def captures(use_case: UseCase) -> bool:
    """Whether the use case's endpoint captures requests. A serverless endpoint has no data capture."""
    return use_case.monitoring.capture is not None and not isinstance(use_case.hosting, Serverless)


def settings_of(use_case: UseCase) -> dict[str, Any]:
    """Return what an endpoint configuration's name depends on; empty without data capture."""
    capture = use_case.monitoring.capture
    return {"capture": capture.percent} if capture and captures(use_case) else {}


def data_capture(use_case: UseCase, served: str, shadow: str | None = None) -> dict[str, Any]:
    """Return the member DataCaptureConfig of an endpoint configuration; empty without data capture.

    `served` and `shadow` are the names of the models of its variants. SageMaker captures a shadow variant as well.
    """
    capture = use_case.monitoring.capture
    if capture is None or not captures(use_case):
        return {}
    config = {
        "EnableCapture": True,
        "InitialSamplingPercentage": capture.percent,
        "DestinationS3Uri": f"{locations.capture(use_case.name)}/{folder_of(served, shadow)}",
        "KmsKeyId": platform().data_key,
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": AS_TEXT,
    }
    return {"DataCaptureConfig": config}


def folder_of(served: str, shadow: str | None = None) -> str:
    """Return the name of the folder that an endpoint configuration is captured to."""
    return served if shadow is None else f"{served}{BETWEEN}{shadow}"


def hosted_in(folder: str, variant: str) -> str:
    """Return the name of the model of a variant, by the folder that it was captured to."""
    served, _, shadow = folder.partition(BETWEEN)
    return shadow if shadow and variant == SHADOW_VARIANT else served
