"""The ModelError of a container that answers without a 2xx status, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sagemaker_local.errors import ModelError

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.executors.containers import ServingContainer
    from sagemaker_local.invocation_call import Call

_TIMED_OUT = (
    "Your invocation timed out while waiting for a response from container {name}. Review the latency metrics for "
    "each container in Amazon CloudWatch, resolve the issue, and try again."
)


@contextmanager
def failures(engine: Engine, call: Call, name: str) -> Iterator[None]:
    """A context in which a container that does not answer is a ModelError."""
    try:
        yield
    except (OSError, EOFError) as error:  # TimeoutError is an OSError
        raise no_answer(engine, call, name, error) from error


def no_answer(engine: Engine, call: Call, name: str, error: Exception) -> ModelError:
    """The error of a container that took too long, or whose connection ended."""
    if isinstance(error, TimeoutError):
        return model_error(engine, call, name, 0, _TIMED_OUT.format(name=name))
    return model_error(engine, call, name, 500, f"The container gave no whole answer: {error}")


def container_name(container: ServingContainer, chain: list[ServingContainer]) -> str:
    """`primary` for the only container of a model, else its hostname, or AWS's `container-2` for the second."""
    hostname = container.variant["Container"].get("ContainerHostname")
    if hostname:
        return str(hostname)
    return "primary" if len(chain) == 1 else f"container-{chain.index(container) + 1}"


def model_error(engine: Engine, call: Call, container: str, status: int, message: str) -> ModelError:
    """The error of a container's answer; `status` and `message` are the container's."""
    side = "client" if 400 <= status < 500 else "server"
    region, account = engine.account.region, engine.account.number
    group = f"/aws/sagemaker/Endpoints/{call.endpoint}"
    where = f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#logEventViewer:group={group}"
    return ModelError(
        f'Received {side} error ({status}) from {container} with message "{message}". '
        f"See {where} in account {account} for more information.",
        OriginalStatusCode=status,
        OriginalMessage=message,
        LogStreamArn=f"arn:aws:logs:{region}:{account}:log-group:{group}",
    )
