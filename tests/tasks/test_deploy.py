"""The endpoint serves the champion. After a rollback, the champion is the served version."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from config.errors import GateError, JobFailed
from config.use_case import UseCase
from tasks import champion, clients
from tasks.deploy import deploy, served_version
from tasks.platform import platform
from tasks.references import Champion, Release
from tasks.sagemaker.endpoints import find_endpoint
from tests.endpoints import packed
from tests.scripts.models import small_model
from tests.tasks.releases import new_release, new_use_case


@pytest.fixture(scope="module")
def case(bucket: str) -> Iterator[UseCase]:
    """A use case with a deployed champion. Each test continues with the present deployment."""
    case = new_use_case()
    deploy.fn(case, better_release(case))
    yield case
    clients.sagemaker().delete_endpoint(EndpointName=platform().endpoint(case.name))


def better_release(case: UseCase) -> Release:
    """A release that becomes champion."""
    now = champion.read(case)
    return new_release(case, 0.7 + (now.version if now else 0) / 100, now, body=packed(small_model()), beaten=0.65)


def current(case: UseCase) -> Champion:
    found = champion.read(case)
    assert found
    return found


def served(case: UseCase) -> int | None:
    return served_version(case, find_endpoint(platform().endpoint(case.name)))


def test_the_champion_is_served_and_deploying_it_again_changes_nothing(case: UseCase) -> None:
    release, now = better_release(case), current(case)
    deployment = deploy.fn(case, release)
    assert (deployment.changed, deployment.model_package_arn) == (True, release.model_package_arn)
    assert deployment.trained_on == now.split
    assert served(case) == release.version
    assert deploy.fn(case, release) == deployment.model_copy(update={"changed": False})
    config = clients.sagemaker().describe_endpoint(EndpointName=deployment.endpoint_name)
    watched = config["LastDeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"]
    assert [alarm["AlarmName"] for alarm in watched] == platform().guardrail_alarms(case.name)


def test_after_a_manual_rollback_the_older_version_is_served(case: UseCase) -> None:
    before, release = current(case), better_release(case)
    deploy.fn(case, release)
    champion.move(case, before.version, "a rollback by hand")
    deployment = deploy.fn(case, release)
    assert (deployment.changed, deployment.model_package_arn) == (True, before.model_package_arn)
    assert (served(case), deployment.trained_on) == (before.version, before.split)


def test_two_runs_that_deploy_at_once_both_end_well_and_the_champion_is_served(case: UseCase) -> None:
    releases = [better_release(case), better_release(case)]
    with ThreadPoolExecutor() as threads:
        deployments = list(threads.map(lambda release: deploy.fn(case, release), releases))
    assert {deployment.model_package_arn for deployment in deployments} == {releases[-1].model_package_arn}
    assert served(case) == releases[-1].version


def test_a_version_that_sets_an_alarm_off_is_rolled_back_and_the_champion_with_it(case: UseCase) -> None:
    cloudwatch, release, before = clients.cloudwatch(), better_release(case), served(case)
    alarm = platform().guardrail_alarms(case.name)[1]
    cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="a test")
    try:
        with pytest.raises(JobFailed, match=f"expected it to serve .*{alarm}"):
            deploy.fn(case, release)
    finally:
        cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="OK", StateReason="a test")
    now = current(case)
    assert (served(case), now.version) == (before, before)
    assert f"the deployment of version {release.version} failed" in now.reason
    assert release.model_package_arn in now.history
    assert not deploy.fn(case, release).changed


def test_without_a_champion_there_is_nothing_to_deploy(bucket: str) -> None:
    case = new_use_case()
    with pytest.raises(GateError, match=r"expected a champion to deploy, found none; version 1: roc_auc ≥ 0.6"):
        deploy.fn(case, new_release(case, 0.55))


def test_only_an_endpoint_in_service_that_serves_a_version_of_the_use_case_tells_which(bucket: str) -> None:
    case = new_use_case()
    config = {"EndpointStatus": "InService", "EndpointConfigName": f"{case.slug}-v12"}
    assert served_version(case, config) == 12
    assert served_version(case, config | {"EndpointConfigName": "made-by-hand"}) is None
    assert served_version(case, config | {"EndpointStatus": "Creating"}) is None
    assert served_version(case, None) is None
