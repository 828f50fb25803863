import re

from tasks import names
from tests.use_cases import small_use_case

LONGEST = 63
"""Characters of a job's name on SageMaker."""


def test_a_stamp_is_a_time_and_no_two_are_the_same() -> None:
    stamps = [names.stamp() for _ in range(50)]
    assert all(re.fullmatch(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{4}", stamp) for stamp in stamps)
    assert len(set(stamps)) == len(stamps)


def test_the_longest_names_fit_into_sagemakers_limit() -> None:
    case = small_use_case(name="a" * 24)
    assert len(names.job(names.training_jobs(case, "b" * 14), {}, 1000)) <= LONGEST
    assert len(names.job(names.evaluation_jobs(case), {}, 1000)) <= LONGEST


def test_equal_requests_have_the_same_name_and_each_further_attempt_a_number() -> None:
    first = names.job("grades-forest", {"depth": "3", "rows": ["a", "b"]}, 1)
    assert names.job("grades-forest", {"rows": ["a", "b"], "depth": "3"}, 1) == first
    assert names.job("grades-forest", {"depth": "3", "rows": ["b", "a"]}, 1) != first
    assert names.job("grades-forest", {"depth": "3", "rows": ["a", "b"]}, 3) == f"{first}-3"


def test_names_hold_no_underscore() -> None:
    assert names.model(small_use_case(), 12) == "small-one-v12"
