"""Creates and updates endpoints."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from config.errors import GateError, JobFailed
from config.profile import active_profile
from tasks import cancellation, clients
from tasks.lost_answers import LostAnswers
from tasks.progress import log
from tasks.quotas import when_free
from tasks.sagemaker.guardrails import Guard
from tasks.sagemaker.resource_errors import exists_already, is_busy, is_missing
from tasks.sagemaker.tags import tag_list

TRANSIENT = ("Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting")
"""The states in which an endpoint can't be changed, and which end by themselves."""
MIXED = "UpdateRollbackFailed"
"""The state after a rolling deployment that failed, and whose rollback failed: both configurations are served."""
KEEP_INSTANCES: dict[str, Any] = {
    "RetainAllVariantProperties": True,
    "ExcludeRetainedVariantProperties": [
        {"VariantPropertyType": "DesiredWeight"},
        {"VariantPropertyType": "DataCaptureConfig"},
    ],
}
"""The members of UpdateEndpoint that keep the number of instances, which autoscaling may have changed."""

Meanwhile = Callable[[], None]


def find_endpoint(name: str) -> dict[str, Any] | None:
    """Describe an endpoint, or return None when there is none of this name."""
    try:
        return dict(clients.sagemaker().describe_endpoint(EndpointName=name))
    except ClientError as error:
        if is_missing(error):
            return None
        raise


def require_convertible(name: str, found: Mapping[str, Any] | None, *, serverless: bool) -> None:
    """Raise GateError when an endpoint on instances is to become serverless: SageMaker refuses that update."""
    if not serverless or found is None or found["EndpointStatus"] == "Failed" or _is_serverless(found):
        return
    raise GateError(
        f"endpoint {name}: expected a serverless endpoint, because of `hosting` in the use case; found one on "
        "instances, which SageMaker can't convert. Set `hosting: {kind: instances}` to keep it. Or, when nobody needs "
        f"it for some minutes, delete it and run the stage deploy again: aws sagemaker delete-endpoint "
        f"--endpoint-name {name}"
    )


def _is_serverless(found: Mapping[str, Any]) -> bool:
    variants = found.get("ProductionVariants")
    return not variants or "CurrentServerlessConfig" in variants[0]


def put_endpoint(
    name: str, config: str, guard: Guard, tags: Mapping[str, str], while_baking: Meanwhile = lambda: None
) -> dict[str, Any]:
    """Create or update the endpoint to serve `config`, and return its description when it is `InService`.

    A failed endpoint is created again. An update rolls back when an alarm of `guard` goes off; `while_baking` is called
    repeatedly while they are watched. The returned endpoint serves another configuration only if another run has
    deployed it meanwhile. Raises JobFailed when the endpoint does not become `InService`, or rolls back, and
    ConfigError for more than 10 alarms.
    """
    while True:
        before = _changeable(name, while_baking)
        if before and _serves(before, config):
            return before
        if _submit(name, before, config, guard, tags):
            return require_served(name, _settled(name, while_baking), before, config)


def _changeable(name: str, while_baking: Meanwhile) -> dict[str, Any] | None:
    """Wait until the endpoint can be changed: the answer to this call's own update may have been lost.

    Deletes a failed endpoint, and returns None for it and when there is none.
    """
    found = _settled(name, while_baking)
    if found and found["EndpointStatus"] == "Failed":
        clients.sagemaker().delete_endpoint(EndpointName=name)
        return _wait_while(name, (*TRANSIENT, "Failed"))
    if found and found["EndpointStatus"] == MIXED:
        log.warning("          endpoint %s serves a mix of two configurations (%s); updating it again", name, MIXED)
    return found


def _serves(found: Mapping[str, Any], config: str) -> bool:
    return bool(found["EndpointStatus"] == "InService" and found["EndpointConfigName"] == config)


def _submit(name: str, before: Mapping[str, Any] | None, config: str, guard: Guard, tags: Mapping[str, str]) -> bool:
    """Create or update the endpoint, as soon as the quota allows. Returns False when another run changes it now."""
    sagemaker = clients.sagemaker()
    create: Callable[..., Any]
    try:
        if before is None:
            create = partial(sagemaker.create_endpoint, Tags=tag_list(tags))
        else:
            kept = _retained(before["EndpointConfigName"], config)
            create = partial(sagemaker.update_endpoint, DeploymentConfig=guard.config(), **kept)
        when_free(f"endpoint {name}", partial(create, EndpointName=name, EndpointConfigName=config))
    except ClientError as error:
        if exists_already(error) or is_busy(error):
            return False
        raise
    return True


def require_served(
    name: str, after: Mapping[str, Any] | None, before: Mapping[str, Any] | None, config: str
) -> dict[str, Any]:
    """Return the endpoint `after` an update, or raise JobFailed when it is not `InService` or was rolled back.

    SageMaker may leave out the reason of a rollback: the configuration from `before` is enough to show it.
    """
    status = after["EndpointStatus"] if after else "nothing"
    reason = (after or {}).get("FailureReason")
    if after is None or status != "InService":
        way_out = (
            "To serve one configuration again, run the stage deploy again"
            if status == MIXED
            else f"Its log says more (CloudWatch Logs, group /aws/sagemaker/Endpoints/{name}). Correct the cause, then "
            "run the stage deploy again: it creates the endpoint again"
        )
        found = f"{status}: {str(reason or 'no reason given').rstrip('.')}"
        raise JobFailed(f"endpoint {name}: expected InService, found {found}. {way_out}")
    served = after["EndpointConfigName"]
    if served != config and (reason or (before and served == before["EndpointConfigName"])):
        raise JobFailed(
            f"endpoint {name}: expected it to serve {config}, found {served}: "
            f"{reason or 'SageMaker rolled the update back and gives no reason. See the endpoint in its console'}"
        )
    return dict(after)


def _retained(before: str, config: str) -> dict[str, Any]:
    """Return KEEP_INSTANCES when both configurations have the same number of instances, else nothing."""
    new = _instance_count(config)
    return KEEP_INSTANCES if new is not None and new == _instance_count(before) else {}


def _instance_count(config: str) -> int | None:
    """The InitialInstanceCount of a configuration; None for a serverless or a deleted one."""
    found = find_config(config)
    return found["ProductionVariants"][0].get("InitialInstanceCount") if found else None


def find_config(name: str) -> dict[str, Any] | None:
    """Describe an endpoint configuration, or return None when there is none of this name."""
    try:
        return dict(clients.sagemaker().describe_endpoint_config(EndpointConfigName=name))
    except ClientError as error:
        if is_missing(error):
            return None
        raise


def _settled(name: str, while_baking: Meanwhile) -> dict[str, Any] | None:
    return _wait_while(name, TRANSIENT, while_baking)


def _wait_while(name: str, states: Sequence[str], while_baking: Meanwhile = lambda: None) -> dict[str, Any] | None:
    lost = LostAnswers(f"endpoint {name}")
    while True:
        with lost.tolerated():
            found = find_endpoint(name)
            if found is None or found["EndpointStatus"] not in states:
                return found
            if _is_baking(found):
                while_baking()
        cancellation.wait(active_profile().poll_seconds)


def _is_baking(found: Mapping[str, Any]) -> bool:
    """Whether the new fleet has the traffic, and the old one waits for an alarm."""
    pending = found.get("PendingDeploymentSummary", {}).get("ProductionVariants", [])
    return any(status["Status"] == "Baking" for variant in pending for status in variant.get("VariantStatus", []))


def create_endpoint(name: str, config: str, tags: Mapping[str, str]) -> bool:
    """Create an endpoint, and wait until it is `InService`. Returns False when one of this name exists.

    Raises JobFailed when the endpoint does not become `InService`.
    """
    if not _submit(name, None, config, Guard(), tags):
        return False
    require_served(name, _settled(name, lambda: None), None, config)
    return True


def delete_endpoint(name: str) -> bool:
    """Delete an endpoint and wait until it is gone. Returns False when there is none.

    Waits while it is being changed, because SageMaker deletes no such endpoint.
    """
    found = _settled(name, lambda: None)
    if found is None:
        return False
    try:
        clients.sagemaker().delete_endpoint(EndpointName=name)
    except ClientError as error:
        if not is_missing(error):
            raise
    _wait_while(name, ("Deleting",))
    return True
