"""Studio: domains, user profiles, images, projects and hubs. They are stored; nothing runs for them."""

from __future__ import annotations

from secrets import token_hex
from typing import TYPE_CHECKING, Any

from sagemaker_local.resource_kind import CREATE_TO_DELETE, ResourceKind

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine

_ALL = (*CREATE_TO_DELETE, "Update")


def _prepare_domain(engine: Engine, body: dict[str, Any]) -> None:
    domain = f"d-{token_hex(6)}"
    body.update(DomainId=domain, Url=f"https://{domain}.studio.{engine.account.region}.sagemaker.aws", _Name=domain)


def _prepare_in_domain(engine: Engine, body: dict[str, Any]) -> None:
    engine.require(engine.kinds["Domain"], body["DomainId"])


def _prepare_project(engine: Engine, body: dict[str, Any]) -> None:
    body["ProjectId"] = f"p-{token_hex(6)}"


KINDS = (
    ResourceKind(
        "Domain",
        "domain",
        _ALL,
        key_member="DomainId",
        status="Status",
        defaults={"Status": "InService", "AppNetworkAccessType": "PublicInternetOnly"},
        not_found_error="ResourceNotFound",
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
        not_found_error="ResourceNotFound",
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
        not_found_error="ResourceNotFound",
        filters={"DomainIdEquals": "DomainId"},
        prepare=_prepare_in_domain,
    ),
    ResourceKind(
        "Image",
        "image",
        _ALL,
        status="ImageStatus",
        newest_first=True,
        defaults={"ImageStatus": "CREATED"},
        not_found_error="ResourceNotFound",
        not_found_message="No Image with the name {name} found.",
    ),
    ResourceKind("AppImageConfig", "app-image-config", _ALL, newest_first=True, not_found_error="ResourceNotFound"),
    ResourceKind(
        "StudioLifecycleConfig",
        "studio-lifecycle-config",
        newest_first=True,
        filters={"AppTypeEquals": "StudioLifecycleConfigAppType"},
        not_found_error="ResourceNotFound",
    ),
    ResourceKind(
        "Project",
        "project",
        _ALL,
        status="ProjectStatus",
        newest_first=True,
        defaults={"ProjectStatus": "CreateCompleted"},
        not_found_message="Project {arn} does not exist",
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
        not_found_error="ResourceNotFound",
    ),
)
