"""Endpoint configs and endpoints: what their actions require, and when fleets start, change and end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sagemaker_local.errors import NotImplementedAction, ValidationException

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.store import Record

_BUSY = {"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"}


def prepare_config(engine: Engine, body: dict[str, Any]) -> None:
    """Refuses variants of one name or of a model that is not there."""
    variants = body["ProductionVariants"]
    names = [variant["VariantName"] for variant in variants]
    if len(set(names)) < len(names):
        raise ValidationException(f"Production variant names must be unique; given: {', '.join(names)}.")
    for unsupported in ("AsyncInferenceConfig", "ShadowProductionVariants", "ExplainerConfig"):
        if body.get(unsupported):
            raise NotImplementedAction(
                f"CreateEndpointConfig with {unsupported} is not implemented by SageMaker local yet."
            )
    for variant in variants:
        if not variant.get("ModelName"):
            raise ValidationException(f"ModelName must be specified for production variant {variant['VariantName']}.")
        variant.setdefault("InitialVariantWeight", 1.0)
        engine.require(engine.kinds["Model"], variant["ModelName"])


def prepare_endpoint(engine: Engine, body: dict[str, Any]) -> None:
    """Takes down what the endpoint will run, so that later changes to config or model do not touch it."""
    body["_Fleet"] = _fleet(engine, body["EndpointConfigName"])


def start(engine: Engine, record: Record) -> None:
    engine.executors.endpoints.start(record)


def update(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """UpdateEndpoint: a new fleet comes up beside the old one, which goes on answering until then.

    Raises:
        ValidationException: the endpoint is in the middle of another change, or has failed to start at all.
    """
    record = engine.require(engine.kinds["Endpoint"], request["EndpointName"])
    fleet = _fleet(engine, request["EndpointConfigName"])

    def mutate(body: dict[str, Any]) -> None:
        _refuse_while_busy(record, body)
        body.update(EndpointStatus="Updating", _NextFleet=fleet, _NextConfig=request["EndpointConfigName"])
        if "DeploymentConfig" in request:
            body["LastDeploymentConfig"] = request["DeploymentConfig"]

    engine.change(record, mutate)
    engine.executors.endpoints.update(record)
    return {"EndpointArn": record.arn}


def update_weights(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """UpdateEndpointWeightsAndCapacities: takes effect at once; counts of instances are kept and shown."""
    record = engine.require(engine.kinds["Endpoint"], request["EndpointName"])
    wanted = {item["VariantName"]: item for item in request["DesiredWeightsAndCapacities"]}

    def mutate(body: dict[str, Any]) -> None:
        _refuse_while_busy(record, body)
        unknown = set(wanted) - {variant["VariantName"] for variant in body["_Fleet"]}
        if unknown:
            raise ValidationException(f"Variant {', '.join(sorted(unknown))} is not one of endpoint {record.name}'s.")
        for variant in body["_Fleet"]:
            change = wanted.get(variant["VariantName"], {})
            variant["Weight"] = change.get("DesiredWeight", variant["Weight"])
            variant["Count"] = change.get("DesiredInstanceCount", variant["Count"])

    engine.change(record, mutate)
    engine.executors.endpoints.reweigh(record)
    return {"EndpointArn": record.arn}


def delete(engine: Engine, record: Record) -> None:
    """Stops the fleet and takes the endpoint off the record, which DescribeEndpoint shows as Deleting first."""
    engine.save(record, EndpointStatus="Deleting")
    engine.executors.endpoints.delete(record)


def _refuse_while_busy(record: Record, body: dict[str, Any]) -> None:
    if body["EndpointStatus"] in _BUSY:
        raise ValidationException(f'Cannot update in-progress endpoint "{record.arn}".')


def _fleet(engine: Engine, config_name: str) -> list[dict[str, Any]]:
    config = engine.require(engine.kinds["EndpointConfig"], config_name)
    return [_variant(engine, variant) for variant in config.body["ProductionVariants"]]


def _variant(engine: Engine, variant: dict[str, Any]) -> dict[str, Any]:
    model = engine.require(engine.kinds["Model"], variant["ModelName"])
    return {
        "VariantName": variant["VariantName"],
        "Weight": variant["InitialVariantWeight"],
        "Count": variant.get("InitialInstanceCount", 1),
        "StartupTimeout": variant.get("ContainerStartupHealthCheckTimeoutInSeconds", 600),
        "Container": model.body["_Containers"][0],
        "NetworkIsolation": bool(model.body.get("EnableNetworkIsolation")),
    }
