"""The runtime API: InvokeEndpoint."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from sagemaker_local.errors import AwsError, ModelError, RuntimeValidationError
from sagemaker_local.proxy import ContainerResponse

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.executors.containers import ServingContainer
    from sagemaker_local.executors.endpoints import Fleet

LARGEST_BODY = 6_291_456
_TIMEOUT = 60.0  # seconds that AWS gives a container to answer
_ATTRIBUTES = "x-amzn-sagemaker-custom-attributes"
_LONGEST_ATTRIBUTES = 1024
# A request header, and the one that the container gets it as.
_PASSED_ON = {
    "content-type": "content-type",
    "accept": "accept",
    _ATTRIBUTES: "X-Amzn-SageMaker-Custom-Attributes",
    "x-amzn-sagemaker-inference-id": "X-Amzn-SageMaker-Inference-Id",
}
_TIMED_OUT = (
    "Your invocation timed out while waiting for a response from container primary. Review the latency metrics for "
    "each container in Amazon CloudWatch, resolve the issue, and try again."
)


async def invoke(engine: Engine, endpoint: str, headers: dict[str, str], body: bytes) -> ContainerResponse:
    """InvokeEndpoint: passes a request to one of the endpoint's containers and its answer back.

    Raises:
        RuntimeValidationError: the endpoint or the variant is not there, or the request is too large.
        ModelError: the container answered with anything but a 2xx, or not at all.
    """
    if len(body) > LARGEST_BODY:
        raise _too_long("body", LARGEST_BODY)
    if len(headers.get(_ATTRIBUTES, "")) > _LONGEST_ATTRIBUTES:
        raise _too_long("customAttributes", _LONGEST_ATTRIBUTES)
    fleet = engine.executors.endpoints.fleet(endpoint)
    if fleet is None:
        raise RuntimeValidationError(f"Endpoint {endpoint} of account {engine.account.number} not found.")
    container = fleet.pick(headers.get("x-amzn-sagemaker-target-variant"))
    response = await _answer(engine, endpoint, fleet, container, headers, body)
    if not 200 <= response.status < 300:
        raise _model_error(engine, endpoint, container, response.status, response.body.decode(errors="replace"))
    passed_back = {
        "content-type": response.headers.get("content-type", "application/json"),
        "x-Amzn-Invoked-Production-Variant": container.variant["VariantName"],
    }
    if _ATTRIBUTES in response.headers:
        passed_back["X-Amzn-SageMaker-Custom-Attributes"] = response.headers[_ATTRIBUTES]
    return ContainerResponse(200, passed_back, response.body)


async def _answer(
    engine: Engine,
    endpoint: str,
    fleet: Fleet,
    container: ServingContainer,
    headers: dict[str, str],
    body: bytes,
) -> ContainerResponse:
    passed_on = {there: headers[here] for here, there in _PASSED_ON.items() if here in headers}
    fleet.requests += 1
    try:
        async with asyncio.timeout(_TIMEOUT):
            return await container.client.post("/invocations", passed_on, body)
    except TimeoutError:
        raise _model_error(engine, endpoint, container, 0, _TIMED_OUT) from None
    except (OSError, EOFError) as error:
        message = f"The container ended while it answered: {error}"
        raise _model_error(engine, endpoint, container, 500, message) from error
    finally:
        fleet.requests -= 1


def _model_error(engine: Engine, endpoint: str, container: ServingContainer, status: int, message: str) -> ModelError:
    side = "client" if 400 <= status < 500 else "server"
    region, account = engine.account.region, engine.account.number
    where = (
        f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
        f"#logEventViewer:group={container.log.group}"
    )
    return ModelError(
        f'Received {side} error ({status}) from primary with message "{message}". '
        f"See {where} in account {account} for more information.",
        OriginalStatusCode=status,
        OriginalMessage=message,
        LogStreamArn=f"arn:aws:logs:{region}:{account}:log-group:{container.log.group}",
    )


def _too_long(member: str, most: int) -> AwsError:
    return RuntimeValidationError(
        f"1 validation error detected: Value at '{member}' failed to satisfy constraint: "
        f"Member must have length less than or equal to {most}"
    )


def error_body(error: AwsError) -> bytes:
    """A runtime error's body; its code goes into the header x-amzn-ErrorType."""
    return json.dumps({error.message_member: error.message, **error.extra}).encode()
