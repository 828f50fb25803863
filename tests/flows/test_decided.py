"""What follows a decision about a version."""

import pytest

from config.use_case import UseCase
from flows.decided import show_decision
from tasks import champion, storage
from tasks.model_card.facts import FACTS
from tasks.references import Release
from tests.tasks.experiments.test_registered_models import aliases
from tests.tasks.model_card.cards import registered
from tests.tasks.releases import new_use_case


@pytest.fixture
def champions(bucket: str) -> tuple[UseCase, Release, Release]:
    """A use case with a champion, and the one before it."""
    case = new_use_case()
    return case, registered(case), registered(case, 0.85)


def test_the_card_and_the_aliases_follow_a_champion_that_a_person_has_set(
    champions: tuple[UseCase, Release, Release],
) -> None:
    case, first, second = champions
    show_decision(case, second.model_package_arn)
    champion.move(case, 1, "the second is unfair")
    show_decision(case, first.model_package_arn)
    assert "the second is unfair" in storage.get(str(first.card_uri)).decode()
    assert aliases(case) == {"champion": first.model_package_arn}


def test_a_card_that_can_not_be_written_is_logged_and_the_decision_stays(
    champions: tuple[UseCase, Release, Release], caplog: pytest.LogCaptureFixture
) -> None:
    case, first, _ = champions
    storage.put(f"{str(first.card_uri).rpartition('/')[0]}/{FACTS}", b"{}")
    champion.move(case, 1, "the second is unfair")
    show_decision(case, first.model_package_arn)
    assert "card      not written again" in caplog.text
    now = champion.find(case)
    assert now and now.version == 1
