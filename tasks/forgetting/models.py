"""The registered versions that were trained on a split. A model can't unlearn: train it again without the rows."""

from collections.abc import Collection
from dataclasses import dataclass

from config.use_case import UseCase
from tasks.platform import platform
from tasks.sagemaker import registry

EVERY = 1_000_000


@dataclass(frozen=True)
class TrainedVersion:
    """A version of a model, and the split that it was trained on."""

    version: int
    status: str
    split: str


def trained_on(use_case: UseCase, splits: Collection[str]) -> list[TrainedVersion]:
    """Return the registered versions that were trained on one of these splits, newest first."""
    group = platform().model_package_group(use_case.name)
    found = []
    for summary in registry.newest_packages(group, limit=EVERY):
        package = registry.describe_package(summary["ModelPackageArn"])
        split = registry.facts_of(package).get("split_digest", "")
        if split in splits:
            found.append(TrainedVersion(package["ModelPackageVersion"], package["ModelApprovalStatus"], split))
    return found
