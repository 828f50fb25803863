"""The page of a run, as HTML and in a real browser."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from config.use_case import UseCase
from tasks import plots
from tasks.pages.lifecycle import lifecycle_page
from tasks.pages.shown import compared_metrics
from tasks.pages.templates import POLICY
from tasks.references import LifecycleRun, Reference, TrainedModels
from tasks.references.planned_training import REFIT
from tests.browser import rendered
from tests.references import a_model
from tests.tasks.pages.runs import CASE, METRICS, POINTS, REPORT, a_run, evaluation, references, release
from tests.tasks.test_training_costs import planned
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
    return lifecycle_page(use_case or small_use_case(), run or a_run(), report, plots.draw({"points": POINTS}))


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


def test_the_page_links_the_model_card_beside_it_or_names_its_address() -> None:
    beside = Reader(page(a_run(register=release(card="/state/reports/small_one/card-3.html", card_uri="s3://b/card"))))
    assert {"href": "card-3.html"} in beside.all("a")
    assert "s3://b/card" in Reader(page(a_run(register=release(card_uri="s3://b/card")))).words


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
    assert f"f1 {METRICS['f1']:.4f} 0.6100 to 0.7800 – –" in words


def test_the_candidates_are_compared_by_the_deciding_metrics_first_and_a_few_others() -> None:
    gates = [{"metric": "brier", "at_most": 0.2}, {"metric": "roc_auc", "at_least": 0.6}]
    case = small_use_case(evaluation={"primary": "pr_auc", "gates": gates})
    names = ["accuracy", "precision", "recall", "f1", "roc_auc", "pr_auc", "log_loss", "brier"]
    assert compared_metrics(case, names) == ["pr_auc", "brier", "roc_auc", "accuracy", "precision"]
    assert compared_metrics(case, names[:2]) == names[:2]


def test_a_metric_is_shown_with_its_interval_and_the_comparison_with_its_confidence() -> None:
    words = Reader(page()).words
    assert "interval at 95 %" in words
    assert f"roc_auc {METRICS['roc_auc']:.4f} 0.7251 to 0.8896 0.7900" in words
    assert f"accuracy {METRICS['accuracy']:.4f} – –" in words
    assert "roc_auc has a difference of 0.0223 (-0.0110 to 0.0550; above 0 is better)" in words
    assert "better by more than 0.01 in 87.3 % of 1,000 paired resamples" in words
    assert "One row takes 0.0612 ms through the model; model.tar.gz has 2.34 MB." in words


def test_an_evaluation_of_an_older_version_is_shown_without_intervals() -> None:
    old = evaluation(intervals={}, comparison=None, latency_ms=None, bytes=None)
    words = Reader(page(a_run(evaluate=old))).words
    assert "interval" not in words
    assert f"f1 {METRICS['f1']:.4f} – –" in words
    assert "One row takes" not in words


def test_training_is_shown_with_its_expected_and_its_real_cost() -> None:
    searched = planned("xgboost", 8, 2, limit_seconds=3600)
    models = (
        a_model(candidate="xgboost", billed_seconds=50, dollars=0.0016, jobs=6, out_of_budget=True),
        a_model(candidate="xgboost", billed_seconds=9, dollars=0.0003, refit_of="j"),
    )
    trained = TrainedModels(
        use_case=CASE, split_digest="s", models=models, winner="xgboost", planned=(searched, planned(REFIT))
    )
    words = Reader(page(a_run(train=trained))).words
    assert "xgboost 6 of 8 budget 3,600 $8.0000 $2.0000 50 $0.0016" in words
    assert "the refit 1 of 1 3,600 $1.0000 $2.0000 9 $0.0003" in words
    assert "total 59 $0.0019" in words
    assert "what AWS would charge for the same seconds" in words
    assert "Cost of training" not in Reader(page()).words  # a record of an earlier version


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


def test_plots_of_single_rows_are_not_shown_when_the_target_is_a_sensitive_column() -> None:
    drawn = {"confusion matrix": "<svg/>", "predictions": "<svg/>", "residuals": "<svg/>"}
    columns = small_use_case().model_dump()["columns"]
    columns["passed"]["sensitive"] = True
    html = lifecycle_page(small_use_case(columns=columns), a_run(), REPORT, drawn)
    assert re.findall("<figcaption>([^<]*)", html) == ["confusion matrix"]


@pytest.mark.parametrize("width", [1100, 420])
def test_a_browser_shows_the_plots_and_nothing_sticks_out(width: int, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(page().replace(POLICY_ATTRIBUTE, "") + PROBE)  # with the policy no script of a test runs either
    assert title(rendered(path, tmp_path / "profile", width)) == "2 plots, fits"


def test_a_browser_runs_no_script_in_the_page(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(page() + PROBE)
    assert title(rendered(path, tmp_path / "profile")) == "small_one, run 20260131-090500-ab12 · VishwaOps"
