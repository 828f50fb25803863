import pytest

from config.use_case import UseCase
from tasks.release.decision import decide
from tasks.retraining.decided import decision_of, status_of
from tests.tasks.release.conftest import releasing
from tests.tasks.releases import new_release, new_use_case


@pytest.fixture
def case(bucket: str) -> UseCase:
    return new_use_case()


def test_the_gates_decide_on_a_version_that_does_not_wait(case: UseCase) -> None:
    assert decision_of(case, new_release(case, 0.8)) == ("approved", ())
    outcome, why = decision_of(case, new_release(case, 0.5))
    assert (outcome, "roc_auc" in why[0]) == ("refused", True)


@pytest.mark.parametrize(("approve", "outcome"), [(True, "approved"), (False, "refused")])
def test_a_version_that_waited_has_what_a_person_has_decided_since(case: UseCase, approve: bool, outcome: str) -> None:
    manual = releasing(case, approval="manual")
    waiting = new_release(manual, 0.8)
    assert decision_of(manual, waiting)[0] == "pending"
    decide(manual, waiting.version, approve=approve, name="Ada", reason="I have read the page")
    found, why = decision_of(manual, waiting)
    assert (found, "Ada" in why[0]) == (outcome, True)


def test_a_version_that_was_deleted_is_rejected(case: UseCase) -> None:
    assert status_of(case, 7) == ("Rejected", "the version was deleted")
