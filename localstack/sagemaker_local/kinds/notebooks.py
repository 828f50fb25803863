"""Notebook instances and what belongs to them. They are stored; no notebook runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sagemaker_local import notebooks
from sagemaker_local.resource_kind import CREATE_TO_DELETE, ResourceKind

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine

_ALL = (*CREATE_TO_DELETE, "Update")


def _update_repository(engine: Engine, body: dict[str, Any], request: dict[str, Any]) -> None:
    body["GitConfig"] = {**body["GitConfig"], **request.get("GitConfig", {})}


KINDS = (
    ResourceKind(
        "NotebookInstance",
        "notebook-instance",
        (*_ALL, "Start", "Stop"),
        status="NotebookInstanceStatus",
        newest_first=True,
        defaults=notebooks.DEFAULTS,
        contains={
            "NotebookInstanceLifecycleConfigNameContains": "NotebookInstanceLifecycleConfigName",
            "DefaultCodeRepositoryContains": "DefaultCodeRepository",
        },
        list_filter=notebooks.list_filter,
        list_filter_members=("AdditionalCodeRepositoryEquals",),
        not_found_message="RecordNotFound",
        prepare=notebooks.prepare,
        apply_update=notebooks.apply_update,
        delete=notebooks.delete,
        start=notebooks.start,
        stop=notebooks.stop,
    ),
    ResourceKind(
        "NotebookInstanceLifecycleConfig",
        "notebook-instance-lifecycle-config",
        _ALL,
        newest_first=True,
        not_found_message="RecordNotFound",
    ),
    ResourceKind(
        "CodeRepository",
        "code-repository",
        _ALL,
        plural="CodeRepositories",
        newest_first=True,
        not_found_message="Cannot find CodeRepository: {arn}",
        already_exists_message="Cannot create already existing code repository: {arn}",
        already_exists_error="ValidationException",
        apply_update=_update_repository,
    ),
)
