"""The Stop actions of jobs: what training, processing, transform and tuning jobs have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sagemaker_local.errors import ValidationException

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.store import Record

RUNNING = ("InProgress", "Stopping")
"""The statuses of a job that has not ended."""


def request_stop(
    engine: Engine, record: Record, job: str, on_first_request: Callable[[dict[str, Any]], None] = lambda body: None
) -> None:
    """Sets the job's status to Stopping. A second request changes nothing and is no error.

    Args:
        engine: the engine that holds the record.
        record: a job of any kind.
        job: what AWS's message calls it, such as `training job`.
        on_first_request: changes the record's body further when the job was in progress.

    Raises:
        ValidationException: the job has ended.
    """
    member = engine.kinds[record.kind].status

    def set_status(body: dict[str, Any]) -> None:
        status = body[member]
        if status not in RUNNING:
            raise ValidationException(f"The request was rejected because the {job} is in status {status}.")
        body[member] = "Stopping"
        if status != "Stopping":
            on_first_request(body)

    engine.change(record, set_status)
