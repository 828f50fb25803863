import pytest

from config.use_case import UseCase
from tests.tasks.ground_truth.cases import new_case


@pytest.fixture
def case(bucket: str) -> UseCase:
    """A use case without any ground truth."""
    return new_case()
