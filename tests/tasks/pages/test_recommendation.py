"""The part of a run's page and of a model card about recommendations."""

from tabular.evidence import recommendation
from tasks import plots
from tasks.pages.lifecycle import lifecycle_page
from tasks.pages.shown import compared_metrics
from tests.scripts.evidence.test_recommendation import ROWS, judged
from tests.tasks.pages.runs import POINTS, REPORT, a_run
from tests.tasks.pages.test_lifecycle import Reader
from tests.use_cases import load_use_case, small_use_case


def test_the_recommendations_are_shown_beside_the_baselines() -> None:
    evidence = {"recommendation": recommendation.evidence(judged(ROWS, top=2))}
    page = Reader(lifecycle_page(small_use_case(), a_run(), REPORT, plots.draw(POINTS), evidence))
    assert page.misplaced == page.open == []
    assert "Recommendation of course to student" in page.words
    for name in ("the model", "popularity: most rows first", "course's past mean", "student's past mean (a choice at"):
        assert name in page.words
    assert "hit rate is of the 2 with more than 2" in page.words
    assert "regret of the 2 with two or more" in page.words


def test_a_run_without_recommendations_has_no_such_part() -> None:
    page = Reader(lifecycle_page(small_use_case(), a_run(), REPORT, plots.draw(POINTS), {"recommendation": None}))
    assert "Recommendation of" not in page.words


def test_candidates_are_not_compared_by_their_recommendations() -> None:
    known = ["rmse", "mae", "recommendation_regret", "recommendation_hit_rate"]
    assert compared_metrics(load_use_case("course_recommendation"), known) == ["rmse", "mae"]
