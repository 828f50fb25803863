"""The quality of live traffic: measured by week, estimated, and the loss of the primary metric."""

from datetime import timedelta

import pytest

from config.use_case import UseCase
from tasks.ground_truth import land
from tasks.live_quality.weeks import week_of
from tasks.monitoring.quality import Quality, quality_of
from tasks.references import Span
from tests.tasks.live_quality.live_rows import store_hour
from tests.tasks.live_quality.test_measured import answers, truth
from tests.tasks.monitoring.live_hours import START, released_case

SPAN = Span(since=START, until=START + timedelta(hours=24))
LATE = timedelta(weeks=4)


@pytest.fixture(scope="module")
def case(bucket: str) -> UseCase:
    case, _ = released_case()
    for start, prefix in ((START, "new"), (START - LATE, "old"), (START - 20 * LATE, "forgotten")):
        rows = answers(80, prefix)
        store_hour(case, start, rows)
        land(case, truth(rows, wrong=8))
    return case


def test_weeks_that_may_still_get_truth_are_measured_and_recent_ones_count(case: UseCase) -> None:
    found = quality_of(case, SPAN, 1)
    accuracy = {each.span: each.value for each in found.measured if (each.metric, each.group) == ("accuracy", "")}
    assert accuracy == {week_of(START): 0.9, week_of(START - LATE): 0.9}
    assert {each.span for each in found.latest if each.metric == "accuracy"} == {week_of(START)}


def test_without_figures_of_training_no_loss_is_known(case: UseCase) -> None:
    assert quality_of(case, SPAN, 1).loss is None


def test_without_a_version_nothing_is_known(case: UseCase) -> None:
    assert quality_of(case, SPAN, None) == Quality()
