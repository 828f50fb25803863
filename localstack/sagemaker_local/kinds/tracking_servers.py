"""Managed MLflow: tracking servers."""

from __future__ import annotations

from sagemaker_local import tracking_servers
from sagemaker_local.resource_kind import CREATE_TO_DELETE, ResourceKind

KINDS = (
    ResourceKind(
        "MlflowTrackingServer",
        "mlflow-tracking-server",
        (*CREATE_TO_DELETE, "Update", "Start", "Stop"),
        key_member="TrackingServerName",
        arn_name="TrackingServerArn",
        status="TrackingServerStatus",
        newest_first=True,
        defaults=tracking_servers.DEFAULTS,
        filters={"TrackingServerStatus": "TrackingServerStatus", "MlflowVersion": "MlflowVersion"},
        not_found_message="Tracking server {arn} does not exist.",
        not_found_error="ResourceNotFound",
        already_exists_message="Tracking server {arn} already exists.",
        already_exists_error="ConflictException",
        prepare=tracking_servers.prepare,
        created=tracking_servers.created,
        apply_update=tracking_servers.apply_update,
        updated=tracking_servers.updated,
        start=tracking_servers.start,
        stop=tracking_servers.stop,
        delete=tracking_servers.delete,
    ),
)
