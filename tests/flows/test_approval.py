"""A flow run of a deployment is suspended until a person decides; any other run ends with what to do."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from prefect import flow, resume_flow_run
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas import FlowRun
from prefect.exceptions import Pause
from prefect.flow_engine import run_flow

from config.use_case import UseCase
from flows.approval import ask
from tasks import champion
from tasks.references import LifecycleRun, Reference, StageRecord
from tests.tasks.release.conftest import releasing
from tests.tasks.releases import new_evaluation, new_model, new_split, new_use_case, of_split, take_steps


def waiting_run(case: UseCase) -> LifecycleRun:
    """A run whose version waits for a decision."""
    split = new_split(case)
    model = new_model(case, split)
    evaluation = new_evaluation(case, model, 0.8)
    release = take_steps(case, split, of_split(split, model), evaluation)
    release = release.model_copy(update={"card_uri": "s3://b/card.html"})
    records = (record(case, "evaluate", evaluation), record(case, "register", release))
    return LifecycleRun(
        use_case=case.name, run="r1", started=datetime.now(UTC), records=records, page_uri="s3://b/page.html"
    )


def record(case: UseCase, stage: str, reference: Reference) -> StageRecord:
    return StageRecord(
        use_case=case.name, run="r1", stage=stage, started=datetime.now(UTC), seconds=1.0, ran=(), reused=False,
        reference=reference,
    )  # fmt: skip


@pytest.fixture
def case(prefect: str) -> UseCase:
    return releasing(new_use_case(), approval="manual")


def started(client: SyncPrefectClient, name: str) -> FlowRun:
    """A flow run of a deployment, as a worker gets it."""
    deployment = client.create_deployment(flow_id=client.create_flow_from_name(name), name=name)
    return client.create_flow_run_from_deployment(deployment)


def decided(case: UseCase, *, approve: bool) -> tuple[str, bool]:
    """Suspend a run, decide, and run it again. Returns the state in between and the flow's result."""
    run = waiting_run(case)

    @flow(name=case.slug, persist_result=False)
    def waits() -> bool:
        return ask(case, run)

    with get_client(sync_client=True) as client:
        found = started(client, case.slug)
        with pytest.raises(Pause):  # the worker's process ends
            run_flow(waits, flow_run=found)
        between = client.read_flow_run(found.id).state
        assert between
        resume_flow_run(found.id, run_input={"approve": approve, "reason": "I have read the page", "name": "Ada"})
        goes_on = run_flow(waits, flow_run=client.read_flow_run(found.id))
    return between.name or "", bool(goes_on)


def test_a_run_of_a_deployment_is_suspended_and_goes_on_with_the_person_s_approval(case: UseCase) -> None:
    assert decided(case, approve=True) == ("Suspended", True)
    now = champion.read(case)
    assert now
    assert (now.version, now.reason) == (1, "approved by Ada: I have read the page")


def test_after_a_rejection_without_a_champion_the_run_ends(case: UseCase) -> None:
    assert decided(case, approve=False) == ("Suspended", False)
    assert champion.read(case) is None


def test_a_run_outside_of_a_deployment_ends_and_says_what_to_do(
    case: UseCase, caplog: pytest.LogCaptureFixture
) -> None:
    run = waiting_run(case)
    ended: Callable[[], bool] = flow(name="ends", persist_result=False)(lambda: ask(case, run))
    assert ended() is False
    wanted = "version 1 waits for a decision. Read its model card, s3://b/card.html, then: vishwaops approve --use-case"
    assert wanted in caplog.text
