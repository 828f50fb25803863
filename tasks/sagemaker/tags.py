"""Tags of SageMaker resources."""

from collections.abc import Mapping
from typing import Any


def labels(tags: Mapping[str, str]) -> list[Any]:
    """As dictionaries: `TrainingJob.create` wants another `Tag` than the other resources do."""
    return [{"key": key, "value": value} for key, value in tags.items()]
