"""Kinds that are kept as state: they can be created, described, changed, listed and deleted, and run nothing here."""

from __future__ import annotations

from secrets import token_hex
from typing import TYPE_CHECKING, Any

from sagemaker_local import lineage, notebooks
from sagemaker_local.kinds import CREATE_TO_DELETE, ResourceKind

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine

_ALL = (*CREATE_TO_DELETE, "Update")


def _prepare_domain(engine: Engine, body: dict[str, Any]) -> None:
    domain = f"d-{token_hex(6)}"
    body.update(DomainId=domain, Url=f"https://{domain}.studio.{engine.account.region}.sagemaker.aws", _Name=domain)


def _prepare_in_domain(engine: Engine, body: dict[str, Any]) -> None:
    engine.require(engine.kinds["Domain"], body["DomainId"])


def _revise_repository(engine: Engine, body: dict[str, Any], request: dict[str, Any]) -> None:
    body["GitConfig"] = {**body["GitConfig"], **request.get("GitConfig", {})}


def _prepare_project(engine: Engine, body: dict[str, Any]) -> None:
    body["ProjectId"] = f"p-{token_hex(6)}"


KEPT = (
    ResourceKind(
        "Experiment",
        "experiment",
        _ALL,
        newest_first=True,
        defaults={"CreatedBy": {}},
        absent_error="ResourceNotFound",
        delete=lineage.delete_experiment,
    ),
    ResourceKind(
        "Trial",
        "experiment-trial",
        _ALL,
        newest_first=True,
        defaults={"CreatedBy": {}},
        absent_error="ResourceNotFound",
        filters={"ExperimentName": "ExperimentName"},
        narrow=lineage.narrow_trials,
        narrows=("TrialComponentName",),
        prepare=lineage.prepare_trial,
        delete=lineage.delete_trial,
    ),
    ResourceKind(
        "TrialComponent",
        "experiment-trial-component",
        _ALL,
        newest_first=True,
        defaults={"CreatedBy": {}},
        absent_error="ResourceNotFound",
        narrow=lineage.narrow_components,
        narrows=("TrialName", "ExperimentName", "SourceArn"),
        revise=lineage.revise_component,
        delete=lineage.delete_component,
    ),
    ResourceKind(
        "Context",
        "context",
        _ALL,
        newest_first=True,
        absent_error="ResourceNotFound",
        filters={"ContextType": "ContextType"},
        narrow=lineage.narrow_sources,
        narrows=("SourceUri",),
    ),
    ResourceKind(
        "Action",
        "action",
        _ALL,
        newest_first=True,
        absent_error="ResourceNotFound",
        filters={"ActionType": "ActionType"},
        narrow=lineage.narrow_sources,
        narrows=("SourceUri",),
    ),
    ResourceKind(
        "Artifact",
        "artifact",
        _ALL,
        key_member="ArtifactArn",
        newest_first=True,
        absent_error="ResourceNotFound",
        filters={"ArtifactType": "ArtifactType"},
        narrow=lineage.narrow_sources,
        narrows=("SourceUri",),
        prepare=lineage.prepare_artifact,
    ),
    ResourceKind(
        "Association",
        "association",
        ("List",),
        newest_first=True,
        filters=dict(zip(lineage.ENDS, lineage.ENDS, strict=True)),
        sorts=dict(zip(lineage.ENDS, lineage.ENDS, strict=True)),
    ),
    ResourceKind(
        "Domain",
        "domain",
        _ALL,
        key_member="DomainId",
        status="Status",
        defaults={"Status": "InService", "AppNetworkAccessType": "PublicInternetOnly"},
        absent_error="ResourceNotFound",
        prepare=_prepare_domain,
    ),
    ResourceKind(
        "UserProfile",
        "user-profile",
        _ALL,
        parents=("DomainId",),
        bare_name="json_extract(body, '$.UserProfileName')",
        status="Status",
        defaults={"Status": "InService"},
        absent_error="ResourceNotFound",
        filters={"DomainIdEquals": "DomainId"},
        prepare=_prepare_in_domain,
    ),
    ResourceKind(
        "Space",
        "space",
        _ALL,
        parents=("DomainId",),
        bare_name="json_extract(body, '$.SpaceName')",
        status="Status",
        defaults={"Status": "InService"},
        absent_error="ResourceNotFound",
        filters={"DomainIdEquals": "DomainId"},
        prepare=_prepare_in_domain,
    ),
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
        narrow=notebooks.narrow,
        narrows=("AdditionalCodeRepositoryEquals",),
        absent="RecordNotFound",
        prepare=notebooks.prepare,
        revise=notebooks.revise,
        delete=notebooks.delete,
        start=notebooks.start,
        stop=notebooks.stop,
    ),
    ResourceKind(
        "NotebookInstanceLifecycleConfig",
        "notebook-instance-lifecycle-config",
        _ALL,
        newest_first=True,
        absent="RecordNotFound",
    ),
    ResourceKind(
        "CodeRepository",
        "code-repository",
        _ALL,
        plural="CodeRepositories",
        newest_first=True,
        absent="Cannot find CodeRepository: {arn}",
        taken="Cannot create already existing code repository: {arn}",
        taken_error="ValidationException",
        revise=_revise_repository,
    ),
    ResourceKind(
        "Image",
        "image",
        _ALL,
        status="ImageStatus",
        newest_first=True,
        defaults={"ImageStatus": "CREATED"},
        absent_error="ResourceNotFound",
        absent="No Image with the name {name} found.",
    ),
    ResourceKind("AppImageConfig", "app-image-config", _ALL, newest_first=True, absent_error="ResourceNotFound"),
    ResourceKind(
        "StudioLifecycleConfig",
        "studio-lifecycle-config",
        newest_first=True,
        filters={"AppTypeEquals": "StudioLifecycleConfigAppType"},
        absent_error="ResourceNotFound",
    ),
    ResourceKind(
        "Project",
        "project",
        _ALL,
        status="ProjectStatus",
        newest_first=True,
        defaults={"ProjectStatus": "CreateCompleted"},
        absent="Project {arn} does not exist",
        prepare=_prepare_project,
    ),
    ResourceKind(
        "Hub",
        "hub",
        _ALL,
        status="HubStatus",
        newest_first=True,
        defaults={"HubStatus": "InService"},
        sorts={"AccountIdOwner": "AccountIdOwner"},
        absent_error="ResourceNotFound",
    ),
)
