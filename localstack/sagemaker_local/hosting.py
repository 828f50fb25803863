"""Endpoint configs and endpoints: the rules of their actions, and when fleets start, change and end."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from sagemaker_local import deployments, serverless, shadow_variants
from sagemaker_local.alarms import Alarms
from sagemaker_local.errors import NotImplementedAction, ValidationException

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.store import Record

_BUSY = {"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"}
_RETAINED = {"DesiredWeight": "Weight", "DesiredInstanceCount": "Count"}
_OF_VARIANT = ("InstanceType", "ServerlessConfig", "ManagedInstanceScaling", "RoutingConfig")


def prepare_config(engine: Engine, body: dict[str, Any]) -> None:
    """Refuses variants with equal names, with a missing model, or in a combination that AWS forbids."""
    variants, shadows = body["ProductionVariants"], body.get("ShadowProductionVariants", [])
    names = [variant["VariantName"] for variant in (*variants, *shadows)]
    if len(set(names)) < len(names):
        raise ValidationException(f"Production variant names must be unique; given: {', '.join(names)}.")
    if body.get("ExplainerConfig"):
        raise NotImplementedAction(
            "CreateEndpointConfig with ExplainerConfig is not implemented by SageMaker local yet."
        )
    models = [_prepare_variant(engine, variant) for variant in (*variants, *shadows)]
    serverless.check_config(body, models[: len(variants)])
    shadow_variants.check_config(body, models)
    _prepare_async(engine, body, variants)
    if "DataCaptureConfig" in body:
        body["DataCaptureConfig"].setdefault("EnableCapture", True)


def prepare_endpoint(engine: Engine, body: dict[str, Any]) -> None:
    """Snapshots the fleet specification, so that later changes to config or model do not affect the endpoint."""
    body["_Fleet"] = _fleet(engine, body["EndpointConfigName"])
    if config := body.pop("DeploymentConfig", None):
        _check_deployment(engine, config, body["_Fleet"])
        body["LastDeploymentConfig"] = config


def start(engine: Engine, record: Record) -> None:
    engine.executors.endpoints.start(record)


def update(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """UpdateEndpoint: a new fleet starts next to the old one, and gets the traffic by DeploymentConfig.

    Raises:
        ValidationException: another change of the endpoint is in progress, or it has failed to start, or the
            deployment is not allowed.
    """
    record = engine.require(engine.kinds["Endpoint"], request["EndpointName"])
    fleet = _fleet(engine, request["EndpointConfigName"])
    if "DeploymentConfig" in request:
        _check_deployment(engine, request["DeploymentConfig"], fleet)

    def mutate(body: dict[str, Any]) -> None:
        _refuse_while_busy(record, body)
        serverless.check_update(body["_Fleet"], fleet)
        if "DeploymentConfig" in request:
            _require_same_variants(body["_Fleet"], fleet)
        retained = body.get("LastDeploymentConfig", {}) if request.get("RetainDeploymentConfig") else {}
        deployment = request.get("DeploymentConfig", retained)
        if request.get("RetainAllVariantProperties"):
            _retain(body["_Fleet"], fleet, request.get("ExcludeRetainedVariantProperties", []))
        body.update(EndpointStatus="Updating", _NextFleet=fleet, _NextConfig=request["EndpointConfigName"])
        body["_Deployment"] = deployment
        body.pop("LastDeploymentConfig", None)
        if deployment:
            body["LastDeploymentConfig"] = deployment

    engine.change(record, mutate)
    engine.executors.endpoints.update(record)
    return {"EndpointArn": record.arn}


def update_weights(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """UpdateEndpointWeightsAndCapacities: weights take effect at once; instances start and end beside the requests."""
    record = engine.require(engine.kinds["Endpoint"], request["EndpointName"])
    wanted = {item["VariantName"]: item for item in request["DesiredWeightsAndCapacities"]}

    def mutate(body: dict[str, Any]) -> None:
        _refuse_while_busy(record, body)
        variants = body["_Fleet"]["Variants"]
        unknown = set(wanted) - {variant["VariantName"] for variant in variants}
        if unknown:
            raise ValidationException(f"Variant {', '.join(sorted(unknown))} is not one of endpoint {record.name}'s.")
        for variant in variants:
            change = wanted.get(variant["VariantName"], {})
            variant["Weight"] = change.get("DesiredWeight", variant["Weight"])
            variant["Count"] = change.get("DesiredInstanceCount", variant["Count"])
        for summary in body["ProductionVariants"]:
            change = wanted.get(summary["VariantName"], {})
            summary.update({name: change[name] for name in ("DesiredWeight", "DesiredInstanceCount") if name in change})
        body["EndpointStatus"] = "Updating"

    engine.change(record, mutate)
    engine.executors.endpoints.resize(record)
    return {"EndpointArn": record.arn}


def delete(engine: Engine, record: Record) -> None:
    """Stops the fleet and removes the endpoint, which has the status Deleting until then."""
    engine.save(record, EndpointStatus="Deleting")
    engine.executors.endpoints.delete(record)


def _refuse_while_busy(record: Record, body: dict[str, Any]) -> None:
    if body["EndpointStatus"] in _BUSY:
        raise ValidationException(f'Cannot update in-progress endpoint "{record.arn}".')
    if body["EndpointStatus"] == "Failed":
        raise ValidationException(
            f'Cannot update endpoint "{record.arn}" in status Failed: DeleteEndpoint is the only operation that can '
            "be performed on it."
        )


def _prepare_variant(engine: Engine, variant: dict[str, Any]) -> dict[str, Any]:
    """Completes a variant, and returns its model's body."""
    if not variant.get("ModelName"):
        raise ValidationException(f"ModelName must be specified for production variant {variant['VariantName']}.")
    variant.setdefault("InitialVariantWeight", 1.0)
    return engine.require(engine.kinds["Model"], variant["ModelName"]).body


def _prepare_async(engine: Engine, body: dict[str, Any], variants: list[dict[str, Any]]) -> None:
    if "AsyncInferenceConfig" not in body:
        return
    if len(variants) > 1 or "ShadowProductionVariants" in body or "ServerlessConfig" in variants[0]:
        raise ValidationException("AsyncInferenceConfig needs exactly one production variant, with instances.")
    if "S3OutputPath" not in body["AsyncInferenceConfig"]["OutputConfig"]:
        raise NotImplementedAction(
            "AsyncInferenceConfig without an S3OutputPath is not implemented by SageMaker local yet."
        )


def _require_same_variants(old: dict[str, Any], new: dict[str, Any]) -> None:
    before, after = (sorted(variant["VariantName"] for variant in fleet["Variants"]) for fleet in (old, new))
    if before != after:
        raise ValidationException(
            f"The production variants of a deployment with DeploymentConfig must have the same names as before, "
            f"{', '.join(before)}; given: {', '.join(after)}."
        )


def _check_deployment(engine: Engine, config: dict[str, Any], fleet: dict[str, Any]) -> None:
    instances = min(variant["Count"] for variant in fleet["Variants"])
    deployments.check(config, instances)
    if "RollingUpdatePolicy" in config and (serverless.is_serverless(fleet) or len(fleet["Variants"]) > 1):
        raise ValidationException(
            "RollingUpdatePolicy is not supported for serverless endpoints and endpoints with several variants."
        )
    Alarms(deployments.plan(config, instances).alarms, engine.account.region).require()


def _fleet(engine: Engine, config_name: str) -> dict[str, Any]:
    config = engine.require(engine.kinds["EndpointConfig"], config_name).body
    return {
        "Variants": [_variant(engine, variant, config) for variant in config["ProductionVariants"]],
        "Shadows": [_variant(engine, variant, config) for variant in config.get("ShadowProductionVariants", [])],
        "DataCapture": config.get("DataCaptureConfig"),
        "Async": config.get("AsyncInferenceConfig"),
    }


def _variant(engine: Engine, variant: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    model = engine.require(engine.kinds["Model"], variant["ModelName"])
    isolated = model.body.get("EnableNetworkIsolation") or config.get("EnableNetworkIsolation")
    return {
        "VariantName": variant["VariantName"],
        "Weight": variant["InitialVariantWeight"],
        "Count": variant.get("InitialInstanceCount", 1),
        "StartupTimeout": variant.get("ContainerStartupHealthCheckTimeoutInSeconds", 600),
        "Containers": model.body["_Containers"],
        "ExecutionMode": model.body.get("InferenceExecutionConfig", {}).get("Mode", "Serial"),
        "NetworkIsolation": bool(isolated),
        **{member: variant[member] for member in _OF_VARIANT if member in variant},
    }


def _retain(old: dict[str, Any], new: dict[str, Any], excluded: list[dict[str, Any]]) -> None:
    """RetainAllVariantProperties: variants of the same name keep weight and count, the endpoint keeps data capture."""
    replaced = {item["VariantPropertyType"] for item in excluded}
    before = {variant["VariantName"]: variant for variant in old["Variants"]}
    for variant in new["Variants"]:
        for property_, member in _RETAINED.items():
            if property_ not in replaced and variant["VariantName"] in before:
                variant[member] = before[variant["VariantName"]][member]
    if "DataCaptureConfig" not in replaced and old.get("DataCapture"):
        new["DataCapture"] = copy.deepcopy(old["DataCapture"])
