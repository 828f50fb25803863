"""The model package of the other environment, read by its ARN with this environment's credentials."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from config import images
from config.errors import AccessDenied, ConfigError, GateError, MissingInput
from config.profile import active_profile
from config.use_case import UseCase
from tasks.platform import platform
from tasks.sagemaker import registry

ARN = re.compile(
    r"arn:[a-z-]+:sagemaker:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12}):model-package/(?P<group>[A-Za-z0-9-]+)/[1-9][0-9]*"
)
NEEDED = (registry.EVALUATION, registry.MODEL_DIGEST, registry.SPLIT, "split_digest", "candidate")
"""The metadata without which a model can't be verified or served."""
SHARE = (
    "Its environment shares its models with this one's promoter role when an administrator has set `promote_to` there "
    "and applied (terraform/operations.md, Promotion)"
)


@dataclass(frozen=True)
class SourcePackage:
    """An approved model package of another environment."""

    arn: str
    description: str
    model_uri: str
    evaluation_uri: str
    facts: Mapping[str, str]
    """The metadata that was stored at its registration."""

    @property
    def split_uri(self) -> str:
        """The folder of the split that the model was trained on."""
        return self.facts[registry.SPLIT]

    @property
    def split_digest(self) -> str:
        """The digest of that split."""
        return self.facts["split_digest"]


@contextmanager
def reading_there() -> Iterator[None]:
    """Say how the other environment shares its models, when it denies the body a call."""
    try:
        yield
    except AccessDenied as error:
        raise AccessDenied(f"{error}. {SHARE}") from error


def require_other(use_case: UseCase, arn: str) -> None:
    """Raise ConfigError unless `arn` is a package of this use case in another environment of the same region."""
    if (found := ARN.fullmatch(arn)) is None:
        raise ConfigError(
            f"--from: expected the ARN of a version, such as arn:aws:sagemaker:REGION:ACCOUNT:model-package/"
            f"{use_case.slug}/3; found {arn!r}"
        )
    if found["group"].lower() != use_case.slug:
        raise ConfigError(
            f"--from: expected a version of {use_case.slug}, because --use-case is {use_case.name}; found {arn}"
        )
    if found["region"] != active_profile().region:
        raise ConfigError(
            f"--from: expected a version in {active_profile().region}, the region of the profile, because models are "
            f"promoted within a region; found {arn}"
        )


def read_package(use_case: UseCase, arn: str) -> SourcePackage:
    """Describe and check the package.

    Raises AccessDenied when the other environment does not share it, MissingInput when it does not exist, ConfigError
    for another use case's or region's, and GateError when it is this environment's own, is not approved there, was made
    for another image, or lacks metadata.
    """
    require_other(use_case, arn)
    with reading_there():
        package = registry.find_package(arn)
    if package is None:
        raise MissingInput(f"{arn}: expected a model package, found none. List them there: vishwaops champion")
    _require_foreign(use_case, package)
    _require_approved(package)
    _require_image(package)
    _require_facts(package)
    return SourcePackage(
        arn=arn,
        description=package.get("ModelPackageDescription", ""),
        model_uri=registry.model_uri(package),
        evaluation_uri=registry.evaluation_uri(package),
        facts=registry.facts_of(package),
    )


def _require_foreign(use_case: UseCase, package: Mapping[str, Any]) -> None:
    own = registry.newest_packages(platform().model_package_group(use_case.name), limit=1)
    if own and registry.sibling(own[0]["ModelPackageArn"], 1) == registry.sibling(package["ModelPackageArn"], 1):
        raise GateError(
            f"{package['ModelPackageArn']}: expected a version of another environment, found one of "
            f"{active_profile().environment} itself. To make it the champion: vishwaops champion --use-case "
            f"{use_case.name} --set {package['ModelPackageVersion']}"
        )


def _require_approved(package: Mapping[str, Any]) -> None:
    if package["ModelApprovalStatus"] != "Approved":
        raise GateError(
            f"{package['ModelPackageArn']}: expected a version that is Approved in its own environment, found "
            f"{package['ModelApprovalStatus']}: {package.get('ApprovalDescription', 'no reason given')}"
        )


def _require_image(package: Mapping[str, Any]) -> None:
    """The image decides which versions of the libraries read the model."""
    found = images.name_of(str(package["InferenceSpecification"]["Containers"][0]["Image"]))
    if found != active_profile().image:
        raise GateError(
            f"{package['ModelPackageArn']}: expected a model of the image {active_profile().image}, which this "
            f"environment's profile has; found {found}. Use the same version of VishwaOps in both environments"
        )


def _require_facts(package: Mapping[str, Any]) -> None:
    facts = registry.facts_of(package)
    if missing := [name for name in NEEDED if not facts.get(name)]:
        raise GateError(
            f"{package['ModelPackageArn']}: expected the metadata {', '.join(missing)}, found none: an earlier version "
            "of VishwaOps registered it. Train it again there: vishwaops run lifecycle --fresh"
        )
