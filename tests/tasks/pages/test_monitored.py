"""The page of a run of `monitor`, written with what CloudWatch and the history of retrainings know."""

from pathlib import Path

import pytest

from config.errors import AccessDenied
from config.use_case import UseCase
from tasks import storage
from tasks.monitoring.comparison import compare_hours
from tasks.monitoring.history import History
from tasks.pages.monitored import _if_allowed, alarm_names, write_page
from tasks.platform import platform
from tests.tasks.monitoring.live_hours import released_case
from tests.tasks.pages.monitored import report


@pytest.fixture(scope="module")
def case(bucket: str) -> UseCase:
    return released_case()[0]


def test_the_page_is_in_s3_and_offline_at_one_path_for_each_use_case(case: UseCase) -> None:
    first, second = (
        write_page(case, run, report(use_case=case.name), compare_hours(case, []), History()) for run in ("one", "two")
    )
    assert first.page == second.page
    assert first.page
    assert first.page_uri != second.page_uri
    assert Path(first.page).read_bytes() == storage.get(str(second.page_uri))


def test_the_alarms_are_those_of_the_use_case_and_of_its_endpoint(case: UseCase) -> None:
    found = alarm_names(case)
    assert f"{platform().metric_namespace.replace('/', '-')}-{case.slug}-drift" in found
    assert set(platform().guardrail_alarms(case.name)) < set(found)


def test_a_role_that_may_not_ask_cloudwatch_gets_a_page_without_it() -> None:
    def denied() -> dict[str, str]:
        raise AccessDenied("cloudwatch:DescribeAlarms")

    assert _if_allowed(denied) is None
    assert _if_allowed(lambda: {"drift": "OK"}) == {"drift": "OK"}
