"""Traffic or truth changes, and the model is trained again, judged and released, with no hand on it."""

import pytest
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterName
from prefect.client.schemas.objects import FlowRun

from flows.retraining import retrain_deployment
from tasks import clients
from tasks.platform import platform
from tasks.retraining import history
from tasks.retraining.record import RetrainingRecord
from tests.closed_loop.conftest import Loops
from tests.closed_loop.loop import Loop
from tests.closed_loop.students import undecided
from tests.patience import until

pytestmark = pytest.mark.starts_first(seconds=110)


def ended(loops: Loops, loop: Loop) -> RetrainingRecord:
    """Wait for the end of the loop's only retraining."""
    found = until(lambda: [each for each in history.read(loop.case.name) if each.outcome is not None])
    assert len(found) == 1, found
    return found[0]


def retrain_runs(loops: Loops, loop: Loop) -> list[FlowRun]:
    """The flow runs of the retraining."""
    name = DeploymentFilter(name=DeploymentFilterName(any_=[retrain_deployment(loop.case.slug)]))
    return loops.prefect.read_flow_runs(deployment_filter=name)


def test_drifting_traffic_retrains_and_a_canary_releases_the_better_model_without_an_error(loops: Loops) -> None:
    loop, client = loops.drift, loops.clients[loops.drift.case.name]
    record = ended(loops, loop)
    assert (record.outcome, record.champion, record.version) == ("approved", 1, 2), record
    (run,) = retrain_runs(loops, loop)
    assert run.created_by
    assert run.created_by.type == "AUTOMATION"
    assert loop.served().startswith(f"{loop.case.slug}-v2-")
    deployed = clients.sagemaker().describe_endpoint(EndpointName=platform().endpoint(loop.case.name))
    policy = deployed["LastDeploymentConfig"]["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
    assert policy["Type"] == "CANARY"
    asked = len(client.sent)
    until(lambda: len(client.sent) > asked)
    assert client.failures == []
    rows = undecided(200, 99)
    right = [answer["prediction"] for answer in client.ask(rows, "after")] == rows["passed"]
    assert right.mean() > 0.8  # the champion before guesses these


def test_flipped_labels_of_a_subgroup_retrain_a_better_model(loops: Loops) -> None:
    loop, client = loops.labels, loops.clients[loops.labels.case.name]
    record = ended(loops, loop)
    assert (record.outcome, record.champion, record.version) == ("approved", 1, 2), record
    assert record.reason.startswith("measured accuracy is ")
    assert loop.served().startswith(f"{loop.case.slug}-v2-")
    assert client.failures == []


def test_a_worse_challenger_is_refused_and_the_champion_still_answers(loops: Loops) -> None:
    loop, client = loops.worse, loops.clients[loops.worse.case.name]
    record = ended(loops, loop)
    assert (record.outcome, record.champion, record.version) == ("refused", 1, 2), record
    assert any("better than the champion's" in why for why in record.why)
    assert loop.served().startswith(f"{loop.case.slug}-v1-")
    asked = len(client.sent)
    until(lambda: len(client.sent) > asked)
    assert client.failures == []
