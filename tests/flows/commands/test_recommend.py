"""`vishwaops recommend`: what it refuses before anything starts, and its table."""

import pytest

from flows.commands.main import main
from flows.commands.recommend import show
from tasks.recommend import Recommendations, RecommendedItem
from tests.use_cases import load_use_case


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["cake_popularity"], "cake_popularity: recommendation: expected the columns of users and items"),
        (["course_recommendation", "--top", "0"], "--top: expected a number of at least 1, found 0"),
    ],
)
def test_invalid_arguments_are_refused_before_anything_starts(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["recommend", "--key", "3", "--use-case", *arguments]) == 1
    assert message in capsys.readouterr().err


def test_the_table_has_the_intervals_the_places_of_the_baselines_and_the_refused_items(
    capsys: pytest.CaptureFixture[str],
) -> None:
    items = (RecommendedItem("logic", 81.234, 70.0, 92.46, 2, 1), RecommendedItem("ethics", 75.0, None, None, 1, 2))
    refused = {"latin": ["course: expected one of ethics, logic, found 'latin'"]}
    show(load_use_case("course_recommendation"), Recommendations("c", "3", "e", "arn", "d", items, 0.9, 2, refused))
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["place", "course", "grade", "90", "%", "interval", "by", "popularity", "by", "past", "mean"]
    assert lines[1] == ["1", "logic", "81.23", "70", "to", "92.46", "2", "1"]
    assert lines[2] == ["2", "ethics", "75", "no", "bounds", "1", "2"]
    assert " ".join(lines[3]) == "not ranked: latin: course: expected one of ethics, logic, found 'latin'"
