"""The package of another environment."""

import pytest

from config.errors import AccessDenied, ConfigError
from config.use_case import UseCase
from tasks.promotion.source import read_package, require_other
from tests.aws_answers import answering, flows_use, refusal
from tests.tasks.releases import new_use_case

ROLE = "arn:aws:sts::222222222222:assumed-role/vishwaops-prod-promoter/GitHubActions"


@pytest.fixture
def case(bucket: str) -> UseCase:
    return new_use_case()


def arn(case: UseCase, region: str = "us-east-1") -> str:
    return f"arn:aws:sagemaker:{region}:111111111111:model-package/{case.slug}/3"


def test_a_version_of_this_use_case_in_this_region_is_wanted(case: UseCase) -> None:
    require_other(case, arn(case))
    for given in ("student-grades/3", arn(case)[:-2], arn(case) + "/", arn(case).replace("/3", "/0"), "*"):
        with pytest.raises(ConfigError, match="--from: expected the ARN of a version"):
            require_other(case, given)
    with pytest.raises(ConfigError, match="expected a version in us-east-1, the region of the profile"):
        require_other(case, arn(case, "eu-west-1"))


def test_a_denied_package_names_the_setting_that_shares_it(case: UseCase) -> None:
    message = f"User: {ROLE} is not authorized to perform: sagemaker:DescribeModelPackage on resource: {arn(case)}"
    with (
        answering(refusal("AccessDeniedException", message)) as fake,
        flows_use("SAGEMAKER", fake.url),
        pytest.raises(AccessDenied) as refused,
    ):
        read_package(case, arn(case))
    assert "sagemaker:DescribeModelPackage" in str(refused.value)
    assert ROLE in str(refused.value)
    assert "has set `promote_to` there" in str(refused.value)
