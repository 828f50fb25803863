"""Managed MLflow tracking servers: the rules of their actions beyond the service model."""

from __future__ import annotations

from importlib.metadata import version
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any

from sagemaker_local.errors import ConflictException, ValidationException
from sagemaker_local.resource_kind import replace_members

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.store import Record

DEFAULTS: dict[str, Any] = {
    "TrackingServerStatus": "Creating",
    "TrackingServerSize": "Small",
    "IsActive": "Inactive",
    "AutomaticModelRegistration": False,
    "WeeklyMaintenanceWindowStart": "Sun:03:00",
    "CreatedBy": {},
}
_IN_BETWEEN = ("Creating", "Updating", "Starting", "Stopping", "Deleting")


def prepare(engine: Engine, body: dict[str, Any]) -> None:
    """Checks the URI of artifacts; any MlflowVersion is stored, and the installed one runs."""
    _check_store(body)
    body.setdefault("MlflowVersion", version("mlflow"))


def created(engine: Engine, record: Record) -> None:
    engine.executors.tracking.start(record, "Created")


def apply_update(engine: Engine, body: dict[str, Any], request: dict[str, Any]) -> None:
    """UpdateMlflowTrackingServer."""
    _refuse_in_between(body)
    _check_store({**body, **request})
    body["_Restart"] = body["IsActive"] == "Active"
    replace_members(engine, body, request)
    body["TrackingServerStatus"] = "Updating"


def updated(engine: Engine, record: Record) -> None:
    """A running server starts again with the changes; a stopped one stays stopped."""
    if record.body["_Restart"]:
        engine.executors.tracking.start(record, "Updated")
    else:
        engine.save(record, TrackingServerStatus="Stopped")


def start(engine: Engine, record: Record) -> None:
    """StartMlflowTrackingServer, of a stopped one."""
    _move(engine, record, "Starting", ("Stopped", "StopFailed", "StartFailed"))
    engine.executors.tracking.start(record, "Started")


def stop(engine: Engine, record: Record) -> None:
    """StopMlflowTrackingServer, of a running one."""
    _move(engine, record, "Stopping", ("Created", "Updated", "Started", "MaintenanceComplete", "UpdateFailed"))
    engine.executors.tracking.stop(record)


def delete(engine: Engine, record: Record) -> None:
    """Ends the server and removes its runs; artifacts stay in S3."""
    engine.change(record, _refuse_in_between)
    engine.save(record, TrackingServerStatus="Deleting")
    engine.executors.tracking.delete(record)


def presigned_url(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """CreatePresignedMlflowTrackingServerUrl: the server's own URL, which needs no login here."""
    record = engine.require(engine.kinds["MlflowTrackingServer"], request["TrackingServerName"])
    if record.body["IsActive"] != "Active":
        raise ValidationException(f"Tracking server {record.arn} is not active: it is {record.status}.")
    return {"AuthorizedUrl": f"{record.body['TrackingServerUrl']}/?authToken={token_urlsafe(32)}"}


def _move(engine: Engine, record: Record, status: str, from_: tuple[str, ...]) -> None:
    def mutate(body: dict[str, Any]) -> None:
        now = body["TrackingServerStatus"]
        if now not in from_:
            raise ConflictException(f"Tracking server {record.arn} can't be {status.lower()}: it is {now}.")
        body["TrackingServerStatus"] = status

    engine.change(record, mutate)


def _refuse_in_between(body: dict[str, Any]) -> None:
    status = body["TrackingServerStatus"]
    if status in _IN_BETWEEN:
        raise ConflictException(f"Tracking server {body['TrackingServerArn']} is busy: it is {status}.")


def _check_store(body: dict[str, Any]) -> None:
    if not body["ArtifactStoreUri"].startswith("s3://"):
        raise ValidationException(f"ArtifactStoreUri {body['ArtifactStoreUri']!r} must be an s3://bucket/prefix URI.")
