"""The members of DescribeEndpoint's response that describe a fleet and a deployment in progress."""

from __future__ import annotations

from typing import Any


def describe_fleet(spec: dict[str, Any], now: float) -> dict[str, Any]:
    """The members of DescribeEndpoint's response for a fleet; None for absent ones."""
    return {
        "ProductionVariants": [_variant(variant, now) for variant in spec["Variants"]],
        "ShadowProductionVariants": [_variant(variant, now) for variant in spec["Shadows"]] or None,
        "DataCaptureConfig": _data_capture(spec.get("DataCapture")),
        "AsyncInferenceConfig": spec.get("Async"),
    }


def pending_deployment(
    spec: dict[str, Any], config: str, status: str, share: float, began: float, now: float
) -> dict[str, Any]:
    """PendingDeploymentSummary of a new fleet that has a share of the traffic."""

    def pending(variant: dict[str, Any]) -> dict[str, Any]:
        summary = _variant(variant, now)
        summary["VariantStatus"] = [{"Status": status, "StartTime": now}]
        if "InstanceType" in variant:
            summary["InstanceType"] = variant["InstanceType"]
        if "CurrentWeight" in summary:
            summary["CurrentWeight"] = round(variant["Weight"] * share, 6)
        if status == "Creating" and "CurrentInstanceCount" in summary:
            summary["CurrentInstanceCount"] = 0
        return summary

    return {
        "EndpointConfigName": config,
        "StartTime": began,
        "ProductionVariants": [pending(variant) for variant in spec["Variants"]],
        **({"ShadowProductionVariants": [pending(variant) for variant in spec["Shadows"]]} if spec["Shadows"] else {}),
    }


def _variant(variant: dict[str, Any], now: float) -> dict[str, Any]:
    summary: dict[str, Any] = {
        "VariantName": variant["VariantName"],
        "DeployedImages": [
            {
                "SpecifiedImage": container.get("Image"),
                "ResolvedImage": container.get("Image"),
                "ResolutionTime": now,
            }
            for container in variant["Containers"]
        ],
        "CurrentWeight": variant["Weight"],
        "DesiredWeight": variant["Weight"],
    }
    if serverless := variant.get("ServerlessConfig"):
        return {**summary, "CurrentServerlessConfig": serverless, "DesiredServerlessConfig": serverless}
    for member in ("ManagedInstanceScaling", "RoutingConfig"):
        if member in variant:
            summary[member] = variant[member]
    return {
        **summary,
        "CurrentInstanceCount": variant["Count"],
        "DesiredInstanceCount": variant["Count"],
    }


def _data_capture(config: dict[str, Any] | None) -> dict[str, Any] | None:
    if config is None:
        return None
    enabled = config.get("EnableCapture", True)
    return {
        "EnableCapture": enabled,
        "CaptureStatus": "Started" if enabled else "Stopped",
        "CurrentSamplingPercentage": config["InitialSamplingPercentage"],
        "DestinationS3Uri": config["DestinationS3Uri"],
        "KmsKeyId": config.get("KmsKeyId", ""),
    }
