"""What SageMaker's errors say about a resource."""

from botocore.exceptions import ClientError

_MISSING, _EXISTS, _BUSY = "could not find", "already existing", "in-progress endpoint"


def is_missing(error: ClientError) -> bool:
    """Whether the resource does not exist."""
    return _says(error, _MISSING)


def exists_already(error: ClientError) -> bool:
    """Whether another run has created the resource."""
    return _says(error, _EXISTS)


def is_busy(error: ClientError) -> bool:
    """Whether another run is creating or changing the endpoint."""
    return _says(error, _BUSY)


def _says(error: ClientError, words: str) -> bool:
    return words in error.response["Error"].get("Message", "").lower()
