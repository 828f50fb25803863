"""A version waits for a person's decision, which the next runs keep."""

import json

import pytest

from config.errors import GateError
from config.use_case import UseCase
from tasks import audit, champion
from tasks.references import Release
from tasks.release.decision import decide
from tasks.sagemaker import registry
from tests.tasks.release.conftest import releasing
from tests.tasks.releases import new_evaluation, new_model, new_release, new_split, new_use_case, of_split, take_steps


@pytest.fixture
def case(bucket: str) -> UseCase:
    return releasing(new_use_case(), approval="manual")


def take_again(case: UseCase) -> tuple[Release, ...]:
    """Register one evaluation; decide; register it again. Returns both outcomes."""
    split = new_split(case)
    model = new_model(case, split)
    models, evaluation = of_split(split, model), new_evaluation(case, model, 0.8)
    first = take_steps(case, split, models, evaluation)
    decide(case, first.version, approve=True, name="Ada", reason="it is fair")
    return first, take_steps(case, split, models, evaluation)


def by_ada(case: UseCase) -> list[tuple[str, str]]:
    """The decisions in the audit log: what, and why."""
    found = [json.loads(entry) for entry in audit.log_of(case.name).read().entries]
    return [(each["action"], each["facts"]["reason"]) for each in found if each["facts"].get("name") == "Ada"]


def test_a_version_that_passes_the_gates_waits_and_is_champion_once_a_person_approves_it(case: UseCase) -> None:
    waiting, approved = take_again(case)
    assert (waiting.pending, waiting.approved, waiting.verdict, waiting.champion_arn) == (True, False, "pending", None)
    assert (approved.pending, approved.approved) == (False, True)
    now = champion.read(case)
    assert now
    assert (now.version, now.reason) == (1, "approved by Ada: it is fair")
    assert by_ada(case) == [("approve", "it is fair")]
    assert decide(case, 1, approve=True, name="Ada", reason="it is fair").not_promoted is None
    assert by_ada(case) == [("approve", "it is fair")]


def test_a_rejected_version_stays_rejected_and_says_by_whom(case: UseCase) -> None:
    version = new_release(case, 0.8).version
    assert str(decide(case, version, approve=False, name="Ada", reason="unfair")) == "version 1 is Rejected"
    assert champion.read(case) is None
    with pytest.raises(GateError, match=r"which is Rejected by a person: rejected by Ada: unfair\. To overrule that"):
        decide(case, version, approve=True, name="Bob", reason="fair enough")


def test_only_a_version_that_waits_can_be_decided_on(case: UseCase) -> None:
    failed = new_release(case, 0.55)
    assert (failed.pending, failed.verdict) == (False, "rejected")
    with pytest.raises(GateError, match=r"which is Rejected by the gates: roc_auc ≥ 0.6"):
        decide(case, failed.version, approve=True, name="Ada", reason="why not")
    with pytest.raises(GateError, match=r"\(the newest: 1\), found 7"):
        decide(case, 7, approve=True, name="Ada", reason="why not")


def test_a_person_overrules_the_gates_and_another_person_and_every_decision_is_in_the_audit_log(case: UseCase) -> None:
    version = new_release(case, 0.55).version
    with pytest.raises(GateError, match=r"vishwaops approve --use-case \w+ --version 1 --reason TEXT --overrule"):
        champion.move(case, version, "wanted")
    for approve, reason in ((True, "pilot"), (False, "unfair"), (True, "pilot")):
        for _ in range(2):
            decided = decide(case, version, approve=approve, name="Ada", reason=reason, overrule=True)
    assert by_ada(case) == [("approve", "pilot"), ("reject", "unfair"), ("approve", "pilot")]
    assert str(decided) == "version 1 is Approved; it is the champion now"
    rejected = decide(case, version, approve=False, name="Bob", reason="unfair", overrule=True)
    assert "stays the champion until another version is" in str(rejected)


def test_a_decision_that_was_killed_before_its_entry_gets_it_when_it_is_repeated(case: UseCase) -> None:
    release = new_release(case, 0.8)
    registry.set_by_person(release.model_package_arn, "Rejected", "rejected by Ada: unfair")
    decide(case, release.version, approve=False, name="Ada", reason="unfair")
    assert by_ada(case) == [("reject", "unfair")]


def test_an_approved_version_is_not_champion_where_the_champion_has_changed(case: UseCase) -> None:
    first = new_release(case, 0.8)
    second = new_release(case, 0.9)
    decide(case, second.version, approve=True, name="Ada", reason="better")
    decided = decide(case, first.version, approve=True, name="Ada", reason="also good")
    assert "it was compared with no champion, and the champion is now version 2" in str(decided)


def test_without_manual_approval_nobody_waits(bucket: str) -> None:
    assert new_release(new_use_case(), 0.8).verdict == "approved"
