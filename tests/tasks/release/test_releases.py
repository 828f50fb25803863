"""Releases while a client calls 50 times a second: it sees no failed request, whatever becomes of the version."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from config.errors import GateError, JobFailed
from config.use_case import UseCase
from tasks import audit, champion, clients
from tasks.deploy import deploy, served_version
from tasks.platform import platform
from tasks.release.outcome import find_last
from tasks.release.temporary_endpoint import temporary_name
from tasks.sagemaker.endpoint_metrics import statistic
from tasks.sagemaker.endpoints import find_endpoint
from tests.patience import until
from tests.tasks.release.clients import A_SECOND, BAD_FOR_FIVE, BAD_FOR_ONE, Calls, marked, steady_client
from tests.tasks.release.conftest import new_version, releasing

CANARY = {"kind": "canary", "percent": 50, "minutes": 60}
ENOUGH = 0.6
"""The share of the rate that a client reaches on a busy machine."""


def served(case: UseCase) -> int | None:
    return served_version(case, find_endpoint(platform().endpoint(case.name)))


def changed_at(endpoint: str) -> datetime:
    found = find_endpoint(endpoint)
    assert found
    return datetime.fromisoformat(str(found["LastModifiedTime"]))


def champion_of(case: UseCase) -> int:
    found = champion.read(case)
    assert found
    return found.version


@contextmanager
def called(case: UseCase) -> Iterator[Calls]:
    with steady_client(platform().endpoint(case.name)) as calls:
        yield calls
    assert calls.failures == []
    assert len(calls.marks) > ENOUGH * A_SECOND * calls.seconds


def rings_after_errors(case: UseCase) -> float:
    """Set the 5xx alarm off as soon as CloudWatch has an error, because the alarm's period is a minute."""
    endpoint, begun, cloudwatch = platform().endpoint(case.name), datetime.now(UTC), clients.cloudwatch()
    errors = until(lambda: statistic(endpoint, platform().variant, "Invocation5XXErrors", begun))
    alarm = platform().guardrail_alarms(case.name)[0]
    cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="a test")
    until(lambda: "FailureReason" in (find_endpoint(endpoint) or {}))
    cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="OK", StateReason="a test")
    return errors


def test_a_good_version_passes_shadow_and_linear_steps_to_all_traffic(case: UseCase) -> None:
    release = new_version(case, marked(0.05))
    steps = {"kind": "linear", "percent": 50, "minutes": 1}
    with called(case) as calls:
        deploy.fn(releasing(case, shadow={"minutes": 2}, steps=steps), release)
        until(lambda: set(calls.marks[-A_SECOND:]) == {0.05})
    assert set(calls.counts) == {0.01, 0.05}
    assert served(case) == champion_of(case) == release.version
    last = find_last(case.name)
    assert last
    assert (last.version, last.outcome) == (release.version, "released")


def test_a_shadow_that_fails_is_removed_and_no_client_gets_its_answers(case: UseCase) -> None:
    before, release = served(case), new_version(case, marked(0.04, BAD_FOR_FIVE))
    shadowed = releasing(case, shadow={"minutes": 2})
    with called(case) as calls, pytest.raises(GateError, match="expected the shadow to fail as rarely"):
        deploy.fn(shadowed, release)
    assert set(calls.counts) == {0.05}
    found = find_endpoint(platform().endpoint(case.name))
    assert found
    assert not found.get("ShadowProductionVariants")
    assert served(case) == champion_of(case) == before


def test_a_version_that_fails_its_contract_test_gets_no_request_of_a_client(case: UseCase) -> None:
    endpoint, release = platform().endpoint(case.name), new_version(case, marked(0.03, BAD_FOR_ONE))
    before = changed_at(endpoint)
    with pytest.raises(GateError, match=rf"version {release.version}: contract test: .* 60 failures; the first: "):
        deploy.fn(case, release)
    assert changed_at(endpoint) == before
    assert find_endpoint(temporary_name(case)) is None
    assert served(case) == champion_of(case)
    entry = audit.log_of(case.name).read().entries[-1].decode()
    assert f'"version":"{release.version}"' in entry.replace(" ", "")


def test_a_canary_with_errors_is_rolled_back_and_no_client_sees_a_failed_request(case: UseCase) -> None:
    before, release = served(case), new_version(case, marked(0.02, BAD_FOR_FIVE))
    with called(case) as calls, ThreadPoolExecutor() as threads:
        ringing = threads.submit(rings_after_errors, case)
        with pytest.raises(JobFailed, match="expected it to serve"):
            deploy.fn(releasing(case, steps=CANARY), release)
        assert ringing.result() >= 1
    assert set(calls.counts) == {0.05, 0.02}
    assert served(case) == champion_of(case) == before
    last = find_last(case.name)
    assert last
    assert (last.version, last.outcome) == (release.version, "rolled back")
    assert not deploy.fn(case, release).changed
