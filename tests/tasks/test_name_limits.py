"""The longest names of all resources that the flows create fit what SageMaker's own service model allows."""

import re

import pytest
from botocore.model import Shape

from config.use_case import UseCase
from sagemaker_local import service_model
from tasks import names
from tests.use_cases import small_use_case

ATTEMPTS = 9_999
LONGEST = small_use_case(name="a" * 24)
"""A use case's name has at most 24 characters."""
CANDIDATE = "b" * 13 + "-"
"""The longest name of a candidate."""


def training_job(case: UseCase) -> str:
    return names.job(names.training_jobs(case, CANDIDATE), {}, ATTEMPTS)


@pytest.mark.parametrize(
    ("action", "member", "name"),
    [
        ("CreateTrainingJob", "TrainingJobName", training_job(LONGEST)),
        ("CreateProcessingJob", "ProcessingJobName", names.job(names.evaluation_jobs(LONGEST), {}, ATTEMPTS)),
        ("CreateModel", "ModelName", names.hosted(LONGEST, 99_999, {})),
        ("CreateEndpointConfig", "EndpointConfigName", names.hosted(LONGEST, 99_999, {})),
        ("CreateEndpoint", "EndpointName", LONGEST.slug),
        ("CreateModelPackage", "ModelPackageGroupName", LONGEST.slug),
    ],
)
def test_the_longest_name_fits(action: str, member: str, name: str) -> None:
    shape = service_model.input_shape(action).members[member]
    assert fits(shape, name), name
    assert not fits(shape, f"{name}-{'x' * 63}"), "the limit is not that of a name"


def fits(shape: Shape, name: str) -> bool:
    """Whether a name has the length and the pattern of the service model. An ARN is no name."""
    longest = min(shape.metadata["max"], 63)
    return len(name) <= longest and re.fullmatch(shape.metadata["pattern"], name) is not None
