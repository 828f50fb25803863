"""A use case of its own for each test."""

from config.use_case import UseCase
from tests.sagemaker_local.support import unique
from tests.use_cases import small_use_case


def new_case() -> UseCase:
    """A use case without any ground truth."""
    return small_use_case(name=unique("truth").replace("-", "_")[:20])
