"""The flow `retrain` with a real S3, registry, audit log and Prefect server, and stages that take no time."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from prefect.exceptions import Pause

from config.errors import GateError, JobFailed
from config.use_case import UseCase
from flows import retraining
from flows.lifecycle import UNTIL_APPROVAL, Listener
from flows.retraining import RETRAIN, retrain
from flows.run import Run
from tasks import audit, champion, names
from tasks.audit.entries import decode
from tasks.references import DatasetVersion, LifecycleRun, ModelEvaluation, Reference, Release, StageRecord
from tasks.release.decision import decide
from tasks.retraining import history
from tasks.retraining.record import RetrainingRecord
from tasks.run_records import RunRecord
from tests.tasks.release.conftest import releasing
from tests.tasks.releases import new_evaluation, new_model, new_split, new_use_case, of_split, take_steps

REASON = "measured roc_auc is 0.0800 worse"
STAGES = tuple(stage.name for stage in UNTIL_APPROVAL)


class Killed(BaseException):
    """The process ends here: nothing after it runs."""


class Stages:
    """Stages that leave references at once. A stage that has completed is not repeated, as a cached step."""

    def __init__(self, case: UseCase, value: float = 0.8, dataset: str = "d2") -> None:
        self.case, self.value, self.dataset = case, value, dataset
        self.hooks: dict[str, Callable[[], None]] = {}
        """What happens in a stage, by its name, before it completes."""
        self.done: dict[str, StageRecord] = {}
        self.completed: set[str] = set()
        self.trainings = 0
        self.asked = 0

    def __call__(self, case: UseCase, flow: str, *, why: str, listener: Listener) -> LifecycleRun:
        run = Run(case, new_run(case, flow, why), self.done)
        for stage in UNTIL_APPROVAL:
            listener.before(run, stage)
            self.hooks.get(stage.name, lambda: None)()
            if stage.name not in self.completed:
                self.complete(stage.name)
        found = run.summary()
        if found.release.pending:
            self.asked += 1
            listener.asks(found)
        self.hooks.get("deploy", lambda: None)()
        return found

    def complete(self, stage: str) -> None:
        self.completed.add(stage)
        if stage == "ingest":
            self.leave(stage, dataset_version(self.case, self.dataset))
        if stage == "train":
            self.trainings += 1
        if stage == "register":
            evaluation, release = released(self.case, self.value, self.dataset)
            self.leave("evaluate", evaluation)
            self.leave(stage, release)

    def leave(self, stage: str, reference: Reference) -> None:
        self.done[stage] = StageRecord(
            use_case=self.case.name, run="r1", stage=stage, started=datetime.now(UTC), seconds=1.0, ran=(),
            reused=False, reference=reference,
        )  # fmt: skip


def new_run(case: UseCase, flow: str, why: str) -> RunRecord:
    return RunRecord(
        use_case=case.name, run=names.stamp(), flow=flow, started=datetime.now(UTC), source="s", flow_run=None,
        code="c", why=why,
    )  # fmt: skip


def dataset_version(case: UseCase, digest: str) -> DatasetVersion:
    return DatasetVersion(
        use_case=case.name, digest=digest, source="s", table="t", snapshot=1, uri="s3://b/snapshot", rows=10
    )


def released(case: UseCase, value: float, dataset: str) -> tuple[ModelEvaluation, Release]:
    """Register a new model of a dataset version, compared with the champion."""
    split = new_split(case, dataset)
    model = new_model(case, split)
    evaluation = new_evaluation(case, model, value, champion.read(case))
    return evaluation, take_steps(case, split, of_split(split, model), evaluation)


@pytest.fixture
def case(prefect: str) -> UseCase:
    """A use case with a champion."""
    case = new_use_case(source={"kind": "synthetic_survey", "respondents": 60, "seed": 1}, retraining={})
    released(case, 0.7, "d1")
    return case


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., RetrainingRecord]:
    """Run the flow's function with scripted stages."""

    def run(stages: Stages, event: str = "e1") -> RetrainingRecord:
        monkeypatch.setattr(retraining, "begin", lambda name: stages.case)
        monkeypatch.setattr(retraining, "perform_all", stages)
        return retrain.fn(stages.case.name, REASON, event)

    return run


def entries(case: UseCase) -> list[dict[str, Any]]:
    """The entries of the audit log about retrainings."""
    found = map(decode, audit.log_of(case.name).read().entries)
    return [entry["facts"] for entry in found if entry["action"] == RETRAIN]


def raises(error: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


Runs = Callable[..., RetrainingRecord]


def test_a_better_model_on_new_rows_ends_approved_and_the_audit_log_says_why_it_ran(case: UseCase, run: Runs) -> None:
    stages = Stages(case)
    found = run(stages)
    assert (found.outcome, found.champion, found.version, stages.trainings) == ("approved", 1, 2, 1)
    assert history.read(case.name) == [found]
    (facts,) = entries(case)
    assert {name: facts[name] for name in ("reason", "events", "outcome", "version", "champion_before")} == {
        "reason": REASON, "events": "e1", "outcome": "approved", "version": "2", "champion_before": "1",
    }  # fmt: skip


def test_a_worse_model_ends_refused_with_the_gate_s_reasons(case: UseCase, run: Runs) -> None:
    found = run(Stages(case, value=0.5))
    assert found.outcome == "refused"
    assert "roc_auc" in found.why[0]
    assert entries(case)[0]["why"] == "; ".join(found.why)
    now = champion.read(case)
    assert now
    assert now.version == 1


def test_the_rows_of_the_champion_are_nothing_new_and_nothing_is_trained(case: UseCase, run: Runs) -> None:
    stages = Stages(case, dataset="d1")
    found = run(stages)
    assert (found.outcome, stages.trainings, found.trained) == ("nothing new", 0, None)
    assert found.why == ("the champion, version 1, was trained on the same rows: version d1 of the dataset",)


def test_rows_that_fail_validation_end_it_refused_and_nothing_is_trained(case: UseCase, run: Runs) -> None:
    stages = Stages(case)
    stages.hooks["validate"] = raises(GateError("score: expected at most 100, found 117"))
    found = run(stages)
    assert (found.outcome, stages.trainings, found.trained) == ("refused", 0, None)
    assert found.why == ("nothing was trained: score: expected at most 100, found 117",)
    assert "117" not in str(entries(case))  # the audit log has no value of a row


def test_an_error_ends_it_failed_and_is_raised(case: UseCase, run: Runs) -> None:
    stages = Stages(case)
    stages.hooks["deploy"] = raises(JobFailed("the canary was rolled back"))
    with pytest.raises(JobFailed):
        run(stages)
    (found,) = history.read(case.name)
    assert (found.outcome, found.why) == ("failed", ("the canary was rolled back",))


@pytest.mark.parametrize("stage", [*STAGES, "deploy"])
def test_a_retraining_that_is_killed_in_a_stage_is_continued_by_its_event_and_trains_once(
    case: UseCase, run: Runs, stage: str
) -> None:
    stages = Stages(case)
    stages.hooks[stage] = raises(Killed())
    with pytest.raises(Killed):
        run(stages)
    del stages.hooks[stage]
    found = run(stages)
    assert (found.outcome, found.version, stages.trainings) == ("approved", 2, 1)
    assert history.read(case.name) == [found]
    assert len(entries(case)) == 1


def test_a_retraining_that_is_killed_before_its_record_is_written_has_one_entry(
    case: UseCase, run: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    update = history.update

    def killed(record: RetrainingRecord, **changes: Any) -> RetrainingRecord:
        if "outcome" in changes:
            raise Killed
        return update(record, **changes)

    stages = Stages(case)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(history, "update", killed)
        run(stages)
    assert run(stages).outcome == "approved"
    assert (len(entries(case)), stages.trainings) == (1, 1)


def test_the_event_of_an_ended_retraining_starts_no_second_one(case: UseCase, run: Runs) -> None:
    stages = Stages(case)
    first = run(stages)
    assert run(stages) == first
    assert (stages.trainings, len(entries(case))) == (1, 1)


def test_another_event_is_not_started_within_the_cool_down(case: UseCase, run: Runs) -> None:
    stages = Stages(case)
    run(stages)
    found = run(stages, "e2")
    assert (found.outcome, len(history.read(case.name)), stages.trainings) == ("not started", 1, 1)


def test_a_person_who_is_asked_decides_and_the_retraining_ends(case: UseCase, run: Runs) -> None:
    manual = releasing(case, approval="manual")
    stages = Stages(manual)
    stages.hooks["deploy"] = raises(Pause())  # Prefect suspends the flow run
    with pytest.raises(Pause):
        run(stages)
    (asked,) = history.read(case.name)
    assert (asked.outcome, asked.version) == ("pending", 2)
    assert run(stages) == asked  # the event again: the person is not asked twice
    assert stages.asked == 1
    decide(manual, 2, approve=False, name="Ada", reason="too little data")
    del stages.hooks["deploy"]
    found = run(stages)
    assert (found.outcome, len(history.read(case.name))) == ("refused", 1)
    assert "Ada" in found.why[0]
    assert [facts["outcome"] for facts in entries(case)] == ["pending", "refused"]
