import itertools
import re

import pytest

from config.use_case import UseCase
from tasks import names
from tests.use_cases import small_use_case

LONGEST = 63
"""Characters of the name of a job, a model or an endpoint configuration on SageMaker."""
PATTERN = r"[a-zA-Z0-9](-*[a-zA-Z0-9])*"
"""SageMaker's pattern of these names."""


def generated() -> list[UseCase]:
    """Use cases with names of every allowed form, of the least and the greatest length."""
    ends = [*itertools.product("z9_", "z9"), ("z",) * 23, ("_",) * 22 + ("9",)]
    return [small_use_case(name="".join(("a", *end))) for end in ends]


def test_a_stamp_is_a_time_and_no_two_are_the_same() -> None:
    stamps = [names.stamp() for _ in range(50)]
    assert all(re.fullmatch(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{8}", stamp) for stamp in stamps)
    assert len(set(stamps)) == len(stamps)


@pytest.mark.parametrize("case", generated(), ids=lambda case: case.name)
def test_every_name_fits_sagemakers_limit_and_pattern(case: UseCase) -> None:
    made = [
        names.job(names.training_jobs(case, "b" * 14), {}, 1000),
        names.job(names.refit_jobs(case, "b" * 14), {}, 1000),
        names.job(names.evaluation_jobs(case), {}, 1000),
        names.feature_group(case.name, "g" * 30),
        names.hosted(case, 10**9, {"memory": 2048}),
    ]
    for name in made:
        assert len(name) <= LONGEST
        assert re.fullmatch(PATTERN, name)


def test_equal_requests_have_the_same_name_and_each_further_attempt_a_number() -> None:
    first = names.job("grades-forest", {"depth": "3", "rows": ["a", "b"]}, 1)
    assert names.job("grades-forest", {"rows": ["a", "b"], "depth": "3"}, 1) == first
    assert names.job("grades-forest", {"depth": "3", "rows": ["b", "a"]}, 1) != first
    assert names.job("grades-forest", {"depth": "3", "rows": ["a", "b"]}, 3) == f"{first}-3"


def test_a_model_is_named_after_its_version_and_its_settings() -> None:
    case = small_use_case()
    name = names.hosted(case, 12, {"memory": 2048})
    assert re.fullmatch(r"small-one-v12-[0-9a-f]{6}", name)
    assert names.hosted(case, 12, {"memory": 2048}) == name
    assert names.hosted(case, 12, {"memory": 4096}) != name


@pytest.mark.parametrize("case", generated(), ids=lambda case: case.name)
def test_the_version_is_read_from_names_with_and_without_settings(case: UseCase) -> None:
    assert names.version_of(case, names.hosted(case, 12, {})) == 12
    assert names.version_of(case, f"{case.slug}-v7") == 7


@pytest.mark.parametrize("name", ["small-one", "small-one-v", "small-one-v1-abc", "small-one-v1-2", "small-two-v1", ""])
def test_a_name_that_was_made_otherwise_has_no_version(name: str) -> None:
    assert names.version_of(small_use_case(), name) is None


def test_a_tuning_job_s_name_fits_its_limit_and_tells_requests_and_attempts_apart() -> None:
    longest = "a" * 24
    found = [names.tuning_job(longest, request, attempt) for request in ({"a": 1}, {"a": 2}) for attempt in (1, 2)]
    assert len(set(found)) == 4
    assert all(re.fullmatch(rf"{longest}-[a-z2-7]{{7}}", name) for name in found)
    assert len(names.tuning_job("small-one", {}, 1)) == len("small-one-") + names.DIGEST
    assert names.tuning_job("small-one", {}, 1) == names.tuning_job("small-one", {}, 1)
