"""The page of a run, as HTML and in a real browser."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from config.use_case import UseCase
from tasks import plots
from tasks.pages.lifecycle import lifecycle_page
from tasks.pages.templates import POLICY
from tasks.references import LifecycleRun, Reference
from tests.browser import rendered
from tests.tasks.pages.runs import CASE, METRICS, POINTS, REPORT, a_run, evaluation, references, release
from tests.use_cases import small_use_case

POLICY_ATTRIBUTE = 'http-equiv="Content-Security-Policy"'
EMPTY = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta"}
PROBE = """<script>addEventListener("load", () => {
  const edge = document.documentElement.clientWidth;
  const wide = [...document.querySelectorAll("body *")].filter(
    each => !each.closest(".scroll, .skip") && each.getBoundingClientRect().right > edge + 1);
  const plots = [...document.images].filter(image => image.naturalWidth > 50).length;
  document.title = `${plots} plots, ${wide.length ? "sticks out: " + wide[0].tagName : "fits"}`;
})</script>"""


class Reader(HTMLParser):
    """Reads a page: its tags and attributes, its text, and the tags that were not closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words, self.open, self.misplaced = "", list[str](), list[str]()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.misplaced.append(tag)

    def handle_data(self, data: str) -> None:
        self.words = " ".join([*self.words.split(), *data.split()])

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


class Audit(Reference):
    """The output of a stage that the page does not know."""

    findings: int

    @property
    def headline(self) -> str:
        return f"{self.findings} findings in the audit"


def title(dom: str) -> str:
    return dom.split("<title>", 1)[1].split("</title>", 1)[0]


def page(run: LifecycleRun | None = None, use_case: UseCase | None = None, report: Any = REPORT) -> str:
    return lifecycle_page(use_case or small_use_case(), run or a_run(), report, plots.draw(POINTS))


def test_every_stage_is_listed_with_its_headline() -> None:
    words = Reader(page()).words
    for stage, reference in references().items():
        assert stage in words
        assert reference.headline in words
    assert words.count("reused") == 1


def test_a_new_stage_needs_no_change_of_the_template() -> None:
    words = Reader(page(a_run(audit=Audit(use_case=CASE, findings=3)))).words
    assert "audit 3 findings in the audit" in words


def test_the_page_is_sound_html_with_named_tables_and_images() -> None:
    read = Reader(page())
    assert (read.misplaced, read.open) == ([], [])
    assert read.all("html") == [{"lang": "en"}]
    assert len(read.all("h1")) == len(read.all("main")) == 1
    ids = [attributes["id"] for _, attributes in read.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {attributes["aria-labelledby"] for attributes in read.all("table")} <= set(ids)
    assert all(attributes.get("alt") for attributes in read.all("img"))
    assert all(attributes.get("scope") in ("col", "row") for attributes in read.all("th"))


def test_the_page_fetches_nothing_and_runs_nothing() -> None:
    html = page()
    read = Reader(html)
    assert "script" not in {tag for tag, _ in read.tags}
    assert all((attributes["src"] or "").startswith("data:image/svg+xml;base64,") for attributes in read.all("img"))
    assert [attributes.get("href") for attributes in read.all("a")] == ["#content"]
    assert {"http-equiv": "Content-Security-Policy", "content": POLICY} in read.all("meta")
    assert not re.search(r"url\(|@import|https?:", html)


def test_names_from_the_data_are_text_and_no_markup() -> None:
    report = {"quarantined": 1, "quarantined_by_column": {"<script>alert(1)</script>": 1}}
    html = page(report=report)
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html


def test_a_rejected_version_is_shown_with_its_reasons() -> None:
    reasons = ("roc_auc ≥ 0.9: found 0.8123",)
    words = Reader(page(a_run(register=release(approved=False, reasons=reasons)))).words
    assert "rejected : roc_auc ≥ 0.9: found 0.8123." in words


def test_a_run_that_waits_for_a_decision_shows_how_to_decide_and_nothing_of_later_stages() -> None:
    run = a_run(register=release(approved=False, pending=True, reasons=("it waits for a person's decision",)))
    waiting = run.model_copy(update={"records": run.records[:6]})
    words = Reader(lifecycle_page(small_use_case(), waiting, REPORT, {})).words
    assert "is pending : it waits for a person's decision" in words
    assert f"vishwaops approve --use-case {CASE} --version 3 --reason TEXT" in words
    assert "Drift of the scored rows" not in words
    assert "Endpoint vishwaops-offline-small-one" not in words


def test_a_metric_without_a_value_is_a_dash() -> None:
    words = Reader(page(a_run(evaluate=evaluation(champion=None, baseline={"roc_auc": 0.5})))).words
    assert f"f1 {METRICS['f1']:.4f} – –" in words


def test_quarantined_rows_are_counted_by_column_or_reported_as_none() -> None:
    assert "age 5 colour 2" in Reader(page()).words
    assert "No row is in quarantine." in Reader(page(report={"quarantined": 0})).words


def test_answers_that_guess_at_a_sensitive_column_are_not_shown() -> None:
    assert "probability 0.83" in page()
    columns = small_use_case().model_dump()["columns"]
    columns["passed"]["sensitive"] = True
    html = page(use_case=small_use_case(columns=columns))
    assert "probability 0.83" not in html
    assert "made of a sensitive column" in html


@pytest.mark.parametrize("width", [1100, 420])
def test_a_browser_shows_the_plots_and_nothing_sticks_out(width: int, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(page().replace(POLICY_ATTRIBUTE, "") + PROBE)  # with the policy no script of a test runs either
    assert title(rendered(path, tmp_path / "profile", width)) == "2 plots, fits"


def test_a_browser_runs_no_script_in_the_page(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(page() + PROBE)
    assert title(rendered(path, tmp_path / "profile")) == "small_one, run 20260131-090500-ab12 · VishwaOps"
