"""The offline cloud: LocalStack and SageMaker local on this machine, for clients that must not reach AWS."""

from offline_cloud.aws_environment import export_lines
from offline_cloud.cloud import Cloud, attach, down, running, up
from offline_cloud.cloud_status import ServiceStatus, Status, status
from offline_cloud.errors import (
    CloudNotRunningError,
    CloudUnhealthyError,
    LocalStackMissingError,
    OfflineCloudError,
    StartError,
    StateUnreadableError,
)

__all__ = [
    "Cloud",
    "CloudNotRunningError",
    "CloudUnhealthyError",
    "LocalStackMissingError",
    "OfflineCloudError",
    "ServiceStatus",
    "StartError",
    "StateUnreadableError",
    "Status",
    "attach",
    "down",
    "export_lines",
    "running",
    "status",
    "up",
]
