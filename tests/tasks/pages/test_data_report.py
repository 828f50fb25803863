"""The page of a validation, as HTML and in a real browser."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tasks.pages.data_report import HEIGHT, bars, data_report
from tasks.rows.history import EarlierVersion
from tests.browser import rendered
from tests.tasks.pages.runs import a_run, references
from tests.tasks.pages.test_lifecycle import POLICY_ATTRIBUTE, PROBE, Reader, page, title
from tests.use_cases import small_use_case

MOMENT = datetime(2026, 3, 1, 9, tzinfo=UTC)
AGE = "age: expected a whole number from 10 to 30"


def report(**changes: Any) -> dict[str, Any]:
    checks = [
        {"check": "malformed row: ", "severity": "quarantine", "passed": True, "rows": 0, "found": "", "examples": []},
        {"check": AGE, "severity": "quarantine", "passed": False, "rows": 7, "found": "",
         "examples": [f"line 4: {AGE}, found 99", f"line 9: {AGE}, found '<b>old</b>'"]},
        {"check": "day: a newest value within 3 days of now", "severity": "warn", "passed": False, "rows": None,
         "found": "2026-02-20, 9.4 days before", "examples": []},
    ]  # fmt: skip
    return {
        "use_case": "small_one", "dataset": "0123456789abcdef", "source": "rows.csv", "rows": 607, "kept": 598,
        "without_target": 2, "duplicates": 3, "duplicates_dropped": 0, "quarantined": 7, "checks": checks,
        "quarantined_by_column": {"age": 7}, "broken": [], "validated_at": MOMENT, **changes,
    }  # fmt: skip


def earlier(count: int) -> list[EarlierVersion]:
    return [
        EarlierVersion(f"{number:016x}", MOMENT - timedelta(days=7 * (count - number)), 400 + 30 * number, 4 * number)
        for number in range(count)
    ]


def test_every_check_has_its_severity_its_count_and_its_verdict() -> None:
    words = Reader(data_report(small_use_case(), report(), earlier(3))).words
    assert f"quarantine {AGE} 7 line 4: {AGE}, found 99 line 9: {AGE}, found '<b>old</b>'" in words
    assert "warn day: a newest value within 3 days of now – 2026-02-20, 9.4 days before" in words
    assert "malformed row: quarantine 0 passed" in words
    assert "verdict passed" in words


def test_a_stopped_batch_says_why_and_a_faultless_one_that_all_passed() -> None:
    stopped = data_report(small_use_case(), report(broken=["good rows: expected at least 700, found 598"]), [])
    assert "Why the flow stopped good rows: expected at least 700, found 598" in Reader(stopped).words
    assert "Every check passed." in Reader(data_report(small_use_case(), report(checks=[]), [])).words


def test_the_history_has_a_bar_for_each_version_as_high_as_its_rows() -> None:
    drawn = bars([*earlier(2), EarlierVersion("this", MOMENT, 860, 430)])
    assert [(bar.height, bar.bad_height, bar.this) for bar in drawn] == [
        (HEIGHT * 400 / 860, 0, False),
        (HEIGHT * 430 / 860, HEIGHT * 4 / 860, False),
        (HEIGHT, HEIGHT / 2, True),
    ]
    html = data_report(small_use_case(), report(), earlier(3))
    assert html.count("<rect") == 2 * 4
    assert "0000000000000002, 22 February 2026: 460 rows, 1.7% in quarantine" in html


def test_the_page_is_sound_html_and_fetches_nothing() -> None:
    html = data_report(small_use_case(), report(), earlier(30))
    read = Reader(html)
    assert (read.misplaced, read.open) == ([], [])
    ids = [attributes["id"] for _, attributes in read.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {attributes["aria-labelledby"] for attributes in read.all("table")} <= set(ids)
    assert "script" not in {tag for tag, _ in read.tags}
    assert not re.search(r"url\(|@import|https?:", html)


def test_the_page_of_a_run_links_its_data_report() -> None:
    validated = references()["validate"].model_copy(update={"page": "data-abc.html", "page_uri": "s3://b/page"})
    assert {"href": "data-abc.html"} in Reader(page(a_run(validate=validated))).all("a")
    on_aws = validated.model_copy(update={"page": None})
    assert "data report s3://b/page" not in Reader(page()).words
    assert "s3://b/page" in Reader(page(a_run(validate=on_aws))).words


@pytest.mark.parametrize("width", [1100, 420])
def test_nothing_sticks_out_in_a_browser(tmp_path: Path, width: int) -> None:
    html = data_report(small_use_case(), report(), earlier(9))
    path = tmp_path / "page.html"
    path.write_text(html.replace(POLICY_ATTRIBUTE, "") + PROBE)  # with the policy no script of a test runs either
    assert title(rendered(path, tmp_path / "profile", width)) == "0 plots, fits"
