"""Creates, updates and invokes endpoints."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from config.errors import InvalidRows, JobFailed
from config.profile import active_profile
from tasks import cancellation, clients
from tasks.platform import platform
from tasks.sagemaker.network import vpc_config
from tasks.sagemaker.tags import labels

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import DeploymentConfigUnionTypeDef

LONGEST_UPDATE_SECONDS = 14_400
ALREADY_EXISTS = "already existing"
"""Part of SageMaker's error when another run has created the resource."""
OTHER_RUN = (ALREADY_EXISTS, "in-progress endpoint")
"""Parts of SageMaker's errors when another run has created or is updating the endpoint."""


def find_endpoint(name: str) -> dict[str, Any] | None:
    """Describe an endpoint, or return None when there is none of this name."""
    try:
        return dict(clients.sagemaker().describe_endpoint(EndpointName=name))
    except ClientError as error:
        if "could not find" in error.response["Error"]["Message"].lower():
            return None
        raise


def ensure_model(name: str, package_arn: str, use_case: str, tags: Mapping[str, str]) -> None:
    """Create the model of a package, and the endpoint configuration of the same name, unless they exist."""
    from sagemaker.core import shapes
    from sagemaker.core.resources import Model

    where = _where(tags)
    _ensure(
        lambda: clients.sagemaker().describe_model(ModelName=name),
        lambda: Model.create(
            model_name=name,
            containers=[shapes.ContainerDefinition(model_package_name=package_arn)],
            execution_role_arn=platform().role("endpoint", use_case),
            vpc_config=vpc_config(),
            **where,
        ),
    )
    _ensure_config(name, where)


def _ensure_config(name: str, where: Mapping[str, Any]) -> None:
    """Create the endpoint configuration of the model of the same name, unless it is there."""
    from sagemaker.core import shapes
    from sagemaker.core.resources import EndpointConfig

    capacity = active_profile().endpoint
    variant = shapes.ProductionVariant(
        variant_name=platform().variant,
        model_name=name,
        instance_type=capacity.instance_type,
        initial_instance_count=capacity.initial_instance_count,
        initial_variant_weight=1.0,
    )
    _ensure(
        lambda: clients.sagemaker().describe_endpoint_config(EndpointConfigName=name),
        lambda: EndpointConfig.create(
            endpoint_config_name=name, production_variants=[variant], kms_key_id=platform().data_key, **where
        ),
    )


def _where(tags: Mapping[str, str]) -> dict[str, Any]:
    """What each call of the SDK takes that creates a resource."""
    return {"session": clients.session(), "region": active_profile().region, "tags": labels(tags)}


def _ensure(describe: Callable[[], Any], create: Callable[[], Any]) -> None:
    """Create the resource unless `describe` finds it. Another run may create it at the same time."""
    try:
        describe()
        return
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("ValidationException", "ResourceNotFound"):
            raise
    try:
        create()
    except ClientError as error:
        if ALREADY_EXISTS not in error.response["Error"].get("Message", ""):
            raise


def put_endpoint(name: str, config: str, alarms: Sequence[str], tags: Mapping[str, str]) -> dict[str, Any]:
    """Create or update the endpoint to serve `config`, and return its description when it is `InService`.

    A failed endpoint is created again. An update rolls back when one of `alarms` goes off. The returned endpoint serves
    another configuration only if another run has deployed it meanwhile. Raises JobFailed when the endpoint does not
    become `InService`, or rolls back.
    """
    while not _request(name, config, alarms, tags):
        _settled(name)  # another run is creating or updating the endpoint
    ready = _settled(name)
    if ready is None or ready["EndpointStatus"] != "InService":
        status = ready["EndpointStatus"] if ready else "nothing"
        reason = (ready or {}).get("FailureReason", "no reason given")
        raise JobFailed(f"endpoint {name}: expected InService, found {status}: {reason}")
    if ready["EndpointConfigName"] != config and (reason := ready.get("FailureReason")):
        raise JobFailed(
            f"endpoint {name}: expected it to serve {config}, found {ready['EndpointConfigName']}: {reason}"
        )
    return ready


def _request(name: str, config: str, alarms: Sequence[str], tags: Mapping[str, str]) -> bool:
    """Create or update the endpoint unless it serves `config`. Returns False while another run changes it."""
    from sagemaker.core.resources import Endpoint

    sagemaker, found = clients.sagemaker(), _settled(name)
    if found and found["EndpointStatus"] == "Failed":
        sagemaker.delete_endpoint(EndpointName=name)
        found = _wait_while(name, ("Failed", "Deleting"))
    if found and found["EndpointConfigName"] == config:
        return True
    try:
        if found is None:
            Endpoint.create(endpoint_name=name, endpoint_config_name=config, **_where(tags))
        else:
            sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=config, DeploymentConfig=_guarded(alarms))
    except ClientError as error:
        if any(words in error.response["Error"].get("Message", "") for words in OTHER_RUN):
            return False
        raise
    return True


def _settled(name: str) -> dict[str, Any] | None:
    return _wait_while(name, ("Creating", "Updating", "SystemUpdating", "RollingBack"))


def _guarded(alarms: Sequence[str]) -> "DeploymentConfigUnionTypeDef":
    """Blue/green deployment, all traffic at once. The old fleet stays while an alarm can still trigger a rollback."""
    bake = active_profile().endpoint.bake_seconds
    return {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": bake},
            "TerminationWaitInSeconds": bake,
            "MaximumExecutionTimeoutInSeconds": LONGEST_UPDATE_SECONDS,
        },
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": alarm} for alarm in alarms]},
    }


def _wait_while(name: str, states: Sequence[str]) -> dict[str, Any] | None:
    while (found := find_endpoint(name)) and found["EndpointStatus"] in states:
        cancellation.wait(active_profile().poll_seconds)
    return found


def invoke(name: str, body: bytes, content_type: str, accept: str) -> bytes:
    """Send one request to an endpoint and return the response's body.

    Raises InvalidRows with the model's message when it refuses the request, and JobFailed for any other failure.
    """
    runtime = clients.sagemaker_runtime()
    try:
        answer = runtime.invoke_endpoint(EndpointName=name, Body=body, ContentType=content_type, Accept=accept)
    except ClientError as error:
        model_said: dict[str, Any] = dict(error.response)
        if 400 <= model_said.get("OriginalStatusCode", 0) < 500:
            raise InvalidRows(model_said["OriginalMessage"]) from error
        raise JobFailed(f"endpoint {name}: {error}") from error
    return answer["Body"].read()
