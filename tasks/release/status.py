"""What serves what: the endpoint of a use case, its variants, its alarms, its champion, its last release."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.use_case import UseCase
from tasks import champion as champions
from tasks import names
from tasks.platform import platform
from tasks.references import Champion
from tasks.release.outcome import LastRelease, find_last
from tasks.sagemaker import endpoints
from tasks.sagemaker.endpoint_metrics import alarm_states


@dataclass(frozen=True)
class Serving:
    """One variant of an endpoint."""

    version: int | None
    """None for a model that the flows have not made."""
    variant: str
    weight: float | None
    shadow: bool
    """Whether it gets copies of requests, and its answers are discarded."""
    pending: bool = False
    """Whether it belongs to a deployment in progress."""


@dataclass(frozen=True)
class ReleaseStatus:
    """What serves a use case."""

    endpoint: str
    status: str
    """SageMaker's, or `none`."""
    since: datetime | None
    serving: tuple[Serving, ...]
    alarms: Mapping[str, str]
    champion: Champion | None
    last: LastRelease | None


def release_status(use_case: UseCase) -> ReleaseStatus:
    """Return what serves a use case now. Changes nothing."""
    name = platform().endpoint(use_case.name)
    found = endpoints.find_endpoint(name)
    return ReleaseStatus(
        endpoint=name,
        status=found["EndpointStatus"] if found else "none",
        since=found["LastModifiedTime"] if found else None,
        serving=_serving(use_case, found) if found else (),
        alarms=alarm_states(platform().guardrail_alarms(use_case.name)),
        champion=champions.find(use_case),
        last=find_last(use_case.name),
    )


def _serving(use_case: UseCase, found: Mapping[str, Any]) -> tuple[Serving, ...]:
    """The variants in service, and those of a deployment in progress."""
    now = _variants(use_case, found, found["EndpointConfigName"])
    pending = found.get("PendingDeploymentSummary")
    return (*now, *_variants(use_case, pending, pending["EndpointConfigName"], pending=True)) if pending else now


def _variants(
    use_case: UseCase, summary: Mapping[str, Any], config: str, *, pending: bool = False
) -> tuple[Serving, ...]:
    models = _models_of(config)
    return tuple(
        Serving(
            version=names.version_of(use_case, models.get(variant["VariantName"], "")),
            variant=variant["VariantName"],
            weight=variant.get("CurrentWeight"),
            shadow=kind == "ShadowProductionVariants",
            pending=pending,
        )
        for kind in ("ProductionVariants", "ShadowProductionVariants")
        for variant in summary.get(kind) or ()
    )


def _models_of(config: str) -> dict[str, str]:
    """The model of each variant of a configuration; empty when it is deleted."""
    found = endpoints.find_config(config) or {}
    every = [*found.get("ProductionVariants", ()), *found.get("ShadowProductionVariants", ())]
    return {variant["VariantName"]: variant.get("ModelName", "") for variant in every}
