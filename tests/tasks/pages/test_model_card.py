"""The page of a model card, as HTML and in a real browser."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tasks import plots
from tasks.model_card.decisions import Decisions, Entry
from tasks.model_card.limits import limits_of_use
from tasks.pages.model_card import model_card_page
from tests.browser import rendered
from tests.tasks.model_card.cards import facts
from tests.tasks.pages.runs import PACKAGE, POINTS
from tests.tasks.pages.test_lifecycle import POLICY_ATTRIBUTE, PROBE, Reader, title
from tests.use_cases import small_use_case

APPROVED = Decisions(
    "approved", "passes <every> gate", False, (Entry(4, "2026-01-31T09:05:11.000+00:00", "ada", "approve", "because"),)
)
EVIDENCE: dict[str, Any] = {"points": {**POINTS, "threshold": 0.25}}


def page(decided: Decisions = APPROVED, evidence: Any = EVIDENCE, **changes: Any) -> str:
    known = facts(**changes)
    package = {
        "ModelPackageArn": PACKAGE, "ModelPackageVersion": 3, "CreationTime": datetime(2026, 1, 31, tzinfo=UTC),
        "CustomerMetadataProperties": {"model_sha256": "5e65ddab", "signing_key": "file:1c", "bill_sha256": "953d"},
    }  # fmt: skip
    drawn = {**plots.draw(EVIDENCE), "predictions": "<svg/>", "residuals": "<svg/>"}
    return model_card_page(known, package, decided, limits_of_use(known, evidence), drawn, evidence)


def test_the_page_shows_each_fact_once_it_is_known() -> None:
    read = Reader(page())
    assert (read.open, read.misplaced) == ([], [])
    for fact in (
        "Will it?", "version 3", "by the rules of the use case: passes <every> gate", "Entry 4 of the audit log",
        "origin (sensitive)", "0.7251 to 0.8896", "5e65ddab", "file:1c", "953d", "It was trained on 360 rows",
        "above 0.25", "12 of 73 that are no are predicted as yes", "No groups are compared", "0.0223", "2.34 MB",
    ):  # fmt: skip
        assert fact in read.words, fact


def test_costs_give_the_cost_of_a_held_out_row() -> None:
    rules = {
        "primary": "roc_auc", "gates": [{"metric": "roc_auc", "at_least": 0.6}],
        "costs": {"false_positive": 1, "false_negative": 4},
    }  # fmt: skip
    words = Reader(page(case=small_use_case(evaluation=rules))).words
    assert "1 for each row that is predicted so and is not, 4 for each that is and is not predicted so" in words
    assert f"a cost of {(12 * 1 + 18 * 4) / 120:.4g} for each row" in words


def test_without_a_decision_the_page_says_so() -> None:
    pending = Decisions("pending", "it waits", False, ())
    assert "has no decision about it yet" in Reader(page(pending)).words


def test_plots_of_single_rows_are_left_out_for_a_sensitive_target() -> None:
    shown = {"predictions", "residuals"}
    columns = small_use_case().model_dump()["columns"]
    columns["passed"]["sensitive"] = True
    open_, hidden = page(), page(case=small_use_case(columns=columns))
    assert [name in open_ and f"<figcaption>{name}" in open_ for name in shown] == [True, True]
    assert [f"<figcaption>{name}" in hidden for name in shown] == [False, False]


@pytest.mark.parametrize("width", [1200, 390])
def test_the_page_fits_a_desk_and_a_phone(tmp_path: Path, width: int) -> None:
    path = tmp_path / "card.html"
    path.write_text(page().replace(POLICY_ATTRIBUTE, "") + PROBE)  # with the policy no script of a test runs either
    assert title(rendered(path, tmp_path / "browser", width)).endswith("plots, fits")
