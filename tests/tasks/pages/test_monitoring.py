"""The page of live traffic, as HTML and in a real browser."""

import re
from pathlib import Path

import pytest

from config.retraining import Retraining
from tasks.monitoring.comparison import Compared
from tasks.pages.monitoring import Monitored, monitoring_page
from tasks.pages.templates import POLICY
from tasks.references import TrafficCounts
from tests.browser import rendered
from tests.tasks.pages.monitored import case, days, figure, monitored, report
from tests.tasks.pages.test_lifecycle import POLICY_ATTRIBUTE, PROBE, Reader, title


def page(**changes: object) -> str:
    return monitoring_page(case(), monitored(**changes))


def test_verdict_drift_quality_traffic_retraining_and_alarms_are_shown() -> None:
    words = Reader(page()).words
    for expected in (
        "verdict drift", "rows scored 120", "drifted 1 of 2", "measured loss of roc auc +0.0800", "open alarms 1",
        "10 to 14: from 20.0% to 80.0% of the rows", "colour=red drift age",
        "roc auc (primary): measured 0.7 (0.6 to 0.8) , estimated 0.71 (0.61 to 0.81)",
        "this span 90 120 7 0 3 5 1", "measured roc_auc is 0.0812 worse version 4 refused: roc_auc ≥ 0.6: found 0.58",
        "v-small-one-drift alarm",
    ):  # fmt: skip
        assert expected in words


def test_the_figure_at_training_time_is_a_line_when_there_is_one_week() -> None:
    one_week = [figure(0.7), figure(0.71, kind="estimated")]
    assert 'class="level training"' in page(figures=one_week)
    assert 'class="level training"' not in page(figures=[figure(0.7), figure(0.7, 1)])


def test_the_chart_of_a_single_day_has_dates_below_it() -> None:
    assert ">00:00</text>" not in page(days=days(1), requests=[])


def test_an_estimate_is_shown_beside_the_truth_with_its_error() -> None:
    assert "roc auc 2 0.0200" in Reader(page()).words


def test_the_primary_metric_comes_first_and_the_latest_week_of_a_subgroup_counts() -> None:
    words = Reader(page(figures=[figure(0.5, metric="accuracy"), figure(0.9), figure(0.4, group="colour=red"),
                                 figure(0.3, 1, group="colour=red")])).words  # fmt: skip
    assert words.index("roc auc (primary)") < words.index("accuracy : measured")
    assert "colour=red 80 0.3 (0.2 to 0.4)" in words


def test_the_page_is_sound_fetches_nothing_and_runs_nothing() -> None:
    html = page()
    read = Reader(html)
    assert (read.misplaced, read.open) == ([], [])
    assert len(read.all("h1")) == len(read.all("main")) == 1
    ids = [attributes["id"] for _, attributes in read.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {attributes["aria-labelledby"] for attributes in read.all("table")} <= set(ids)
    assert all(attributes.get("aria-label") for attributes in read.all("svg"))
    assert {"script", "img", "link"}.isdisjoint(tag for tag, _ in read.tags)
    assert {"http-equiv": "Content-Security-Policy", "content": POLICY} in read.all("meta")
    assert not re.search(r"url\(|@import|https?:", html)


def test_a_value_of_few_rows_is_not_named_and_names_are_no_markup() -> None:
    html = page(report=report(segments={"colour=<script>": report().features}))
    assert "rare:" not in html
    assert "other values: 3.0% of the reference" in html
    assert "<script>" not in html


@pytest.mark.parametrize("alarms", [None, {}])
def test_a_page_without_traffic_says_so(alarms: dict[str, str] | None) -> None:
    nothing = report(verdict="no traffic", version=None, features=(), segments={}, loss=None, counts=TrafficCounts())
    shown = Monitored(nothing, Compared(None, "no traffic", TrafficCounts()), [], [], alarms=alarms)
    words = Reader(monitoring_page(case(), shown)).words
    assert "No request was answered in this span." in words
    assert "vishwaops feedback --use-case small_one" in words
    assert "the use case has no retraining" in words
    assert ("could not be asked" in words) == (alarms is None)


def test_a_use_case_that_retrains_says_that_nothing_has_started_one_yet() -> None:
    words = Reader(
        monitoring_page(case().model_copy(update={"retraining": Retraining()}), monitored(retrainings=[]))
    ).words
    assert "Nothing has started a retraining yet." in words


@pytest.mark.parametrize("width", [390, 1200])
def test_nothing_sticks_out_in_a_browser(tmp_path: Path, width: int) -> None:
    file = tmp_path / "page.html"
    file.write_text(page(days=days(300)).replace(POLICY_ATTRIBUTE, "data-off").replace("</body>", f"{PROBE}</body>"))
    assert title(rendered(file, tmp_path / "browser", width)) == "0 plots, fits"


def test_a_metric_that_is_only_measured_names_no_estimate() -> None:
    words = Reader(page()).words
    assert "coverage : measured 0.91 (0.81 to 1.01)" in words
    assert "estimated –" not in words
