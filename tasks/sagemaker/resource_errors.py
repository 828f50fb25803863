"""What SageMaker's errors say about a resource, by their code or, where it is ValidationException, by their message."""

from botocore.exceptions import ClientError

_MISSING = ("not found", "could not find", "can't find")
_EXISTS = ("already existing",)
_BUSY = ("in-progress endpoint",)
_ENDED = ("in status", "is not in progress", "cannot be stopped", "can not be stopped")


def is_missing(error: ClientError) -> bool:
    """Whether the resource does not exist."""
    return _code(error) == "ResourceNotFound" or _says(error, _MISSING)


def exists_already(error: ClientError) -> bool:
    """Whether another run has created the resource."""
    return _code(error) == "ResourceInUse" or _says(error, _EXISTS)


def is_busy(error: ClientError) -> bool:
    """Whether another run is creating or changing the endpoint."""
    return _says(error, _BUSY)


def has_ended(error: ClientError) -> bool:
    """Whether a job can't be stopped because it has ended."""
    return _says(error, _ENDED)


def _code(error: ClientError) -> str:
    return error.response["Error"].get("Code", "")


def _says(error: ClientError, phrases: tuple[str, ...]) -> bool:
    message = error.response["Error"].get("Message", "").lower()
    return any(phrase in message for phrase in phrases)
