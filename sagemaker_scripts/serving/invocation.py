"""A request to a model, and its answer."""

from typing import NamedTuple


class Invocation(NamedTuple):
    """A request to a model."""

    body: bytes
    content_type: str
    accept: str


class Answer(NamedTuple):
    """The response to a request."""

    status: int
    body: bytes
    content_type: str
    rows: int = 0
    """The number of predicted rows."""
