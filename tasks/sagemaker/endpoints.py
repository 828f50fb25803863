"""Endpoints: what they serve, and asking them."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from config.errors import InvalidRows, JobFailed
from config.profile import active_profile
from tasks import clients
from tasks.platform import platform
from tasks.sagemaker.labels import labels
from tasks.sagemaker.network import vpc_config

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import DeploymentConfigUnionTypeDef

LONGEST_UPDATE_SECONDS = 14_400


def find_endpoint(name: str) -> dict[str, Any] | None:
    """Describe an endpoint, or return None when there is none of this name."""
    try:
        return dict(clients.sagemaker().describe_endpoint(EndpointName=name))
    except ClientError as error:
        if "could not find" in error.response["Error"]["Message"].lower():
            return None
        raise


def ensure_model(name: str, package_arn: str, use_case: str, tags: Mapping[str, str]) -> None:
    """Create the model of a package, and the endpoint configuration of the same name, unless they are there."""
    from sagemaker.core import shapes
    from sagemaker.core.resources import EndpointConfig, Model

    profile = active_profile()
    where = {"session": clients.session(), "region": profile.region}
    if not _exists(lambda: clients.sagemaker().describe_model(ModelName=name)):
        Model.create(
            model_name=name,
            containers=[shapes.ContainerDefinition(model_package_name=package_arn)],
            execution_role_arn=platform().role("endpoint", use_case),
            vpc_config=vpc_config(),
            tags=labels(tags),
            **where,
        )
    if not _exists(lambda: clients.sagemaker().describe_endpoint_config(EndpointConfigName=name)):
        EndpointConfig.create(
            endpoint_config_name=name,
            production_variants=[
                shapes.ProductionVariant(
                    variant_name=platform().variant,
                    model_name=name,
                    instance_type=profile.endpoint.instance_type,
                    initial_instance_count=profile.endpoint.initial_instance_count,
                    initial_variant_weight=1.0,
                )
            ],
            kms_key_id=platform().data_key,
            tags=labels(tags),
            **where,
        )


def _exists(describe: Callable[[], Any]) -> bool:
    try:
        describe()
    except ClientError as error:
        if error.response["Error"]["Code"] in ("ValidationException", "ResourceNotFound"):
            return False
        raise
    return True


def put_endpoint(name: str, config: str, alarms: Sequence[str], tags: Mapping[str, str]) -> dict[str, Any]:
    """Make the endpoint serve `config`, creating or updating it, and wait until it is `InService`.

    An endpoint that failed before is made anew; one whose `alarms` go off while it is updated rolls back. Raises
    JobFailed when it does not come up.
    """
    from sagemaker.core.resources import Endpoint

    found = find_endpoint(name)
    if found and found["EndpointStatus"] == "Failed":
        clients.sagemaker().delete_endpoint(EndpointName=name)
        found = _wait_while(name, ("Failed", "Deleting"))
    if found is None:
        Endpoint.create(
            endpoint_name=name,
            endpoint_config_name=config,
            tags=labels(tags),
            session=clients.session(),
            region=active_profile().region,
        )
    elif found["EndpointConfigName"] != config:
        _wait_while(name, ("Creating", "Updating"))
        clients.sagemaker().update_endpoint(
            EndpointName=name, EndpointConfigName=config, DeploymentConfig=_guarded(alarms)
        )
    ready = _wait_while(name, ("Creating", "Updating", "SystemUpdating", "RollingBack"))
    if ready is None or ready["EndpointStatus"] != "InService":
        status = ready["EndpointStatus"] if ready else "nothing"
        reason = (ready or {}).get("FailureReason", "no reason given")
        raise JobFailed(f"endpoint {name}: expected InService, found {status}: {reason}")
    if ready["EndpointConfigName"] != config:
        reason = ready.get("FailureReason", "another run has deployed that meanwhile")
        raise JobFailed(
            f"endpoint {name}: expected it to serve {config}, found {ready['EndpointConfigName']}: {reason}"
        )
    return ready


def _guarded(alarms: Sequence[str]) -> "DeploymentConfigUnionTypeDef":
    """New machines take all traffic at once; the old ones wait for as long as an alarm may still call them back."""
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
        time.sleep(active_profile().poll_seconds)
    return found


def invoke(name: str, body: bytes, content_type: str, accept: str) -> bytes:
    """Send one request to an endpoint and return the answer's body.

    Raises InvalidRows with what the model said when it refuses the request, and JobFailed for any other failure.
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
