"""Notebook instances: only their states, no notebook runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sagemaker_local.errors import ValidationException
from sagemaker_local.resource_kind import replace_members

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.store import Record

DEFAULTS: dict[str, Any] = {
    "NotebookInstanceStatus": "InService",
    "DirectInternetAccess": "Enabled",
    "RootAccess": "Enabled",
    "VolumeSizeInGB": 5,
    "PlatformIdentifier": "notebook-al2-v2",
    "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "1"},
}
_RENAMED = {
    "LifecycleConfigName": "NotebookInstanceLifecycleConfigName",
    "SecurityGroupIds": "SecurityGroups",
}
_DISASSOCIATED = {
    "DisassociateLifecycleConfig": "NotebookInstanceLifecycleConfigName",
    "DisassociateDefaultCodeRepository": "DefaultCodeRepository",
    "DisassociateAdditionalCodeRepositories": "AdditionalCodeRepositories",
    "DisassociateAcceleratorTypes": "AcceleratorTypes",
}


def prepare(engine: Engine, body: dict[str, Any]) -> None:
    for asked, shown in _RENAMED.items():
        if asked in body:
            body[shown] = body.pop(asked)
    body["Url"] = f"{body['NotebookInstanceName'].lower()}.notebook.{engine.account.region}.sagemaker.aws"


def list_filter(request: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    """ListNotebookInstances by one of its additional repositories."""
    wanted = request.get("AdditionalCodeRepositoryEquals")
    holds = "EXISTS (SELECT 1 FROM json_each(body, '$.AdditionalCodeRepositories') WHERE value = ?)"
    return ((holds, wanted),) if wanted else ()


def apply_update(engine: Engine, body: dict[str, Any], request: dict[str, Any]) -> None:
    """UpdateNotebookInstance, of a stopped one."""
    _require_stopped(body, "Updating")
    for asked, shown in _DISASSOCIATED.items():
        if request.pop(asked, False):
            body.pop(shown, None)
    replace_members(engine, body, {_RENAMED.get(name, name): value for name, value in request.items()})


def delete(engine: Engine, record: Record) -> None:
    _require_stopped(record.body, "Deleting")
    engine.remove(record)


def start(engine: Engine, record: Record) -> None:
    _require_stopped(record.body, "Pending")
    engine.save(record, NotebookInstanceStatus="InService")


def stop(engine: Engine, record: Record) -> None:
    if record.status != "InService":
        raise ValidationException(f"Status ({record.status}) not in ([InService]). Unable to transition to (Stopping)")
    engine.save(record, NotebookInstanceStatus="Stopped")


def _require_stopped(body: dict[str, Any], target: str) -> None:
    status = body["NotebookInstanceStatus"]
    if status not in ("Stopped", "Failed"):
        raise ValidationException(
            f"Status ({status}) not in ([Stopped, Failed]). Unable to transition to ({target}) for Notebook Instance "
            f"({body['NotebookInstanceArn']})"
        )
