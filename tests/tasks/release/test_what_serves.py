"""What serves a use case is shown, stopped when nobody calls it, and removed."""

import json
from datetime import datetime, timedelta

import pytest

from config.errors import GateError
from config.use_case import UseCase
from tasks import audit, champion, clients
from tasks.deploy import deploy
from tasks.platform import platform
from tasks.release import variants
from tasks.release.idle import stop_idle
from tasks.release.outcome import find_last
from tasks.release.retire import retire, what_serves
from tasks.release.status import Serving, release_status
from tasks.sagemaker import hosted_models, registry
from tasks.sagemaker.endpoint_metrics import statistic
from tasks.sagemaker.endpoints import find_endpoint, put_endpoint
from tasks.sagemaker.guardrails import Guard
from tests.patience import until
from tests.tasks.release.clients import BODY, marked
from tests.tasks.release.conftest import new_version, releasing
from tests.tasks.releases import new_use_case

IDLE = 10
PRICE = 0.115
"""Of an hour of ml.m5.large, in config/prices."""


def deployed_at(case: UseCase) -> datetime:
    found = find_endpoint(platform().endpoint(case.name))
    assert found
    return datetime.fromisoformat(str(found["LastModifiedTime"]))


def test_the_status_shows_versions_weights_shadow_alarms_champion_and_the_last_release(case: UseCase) -> None:
    release = new_version(case, marked(0.02))
    now, endpoint, tags = champion.read(case), platform().endpoint(case.name), {"use-case": case.name}
    assert now
    served = find_endpoint(endpoint)
    assert served
    hosted = hosted_models.of_version(case, now)
    config = variants.ensure_shadow_config(case, served["EndpointConfigName"], hosted, 40, tags)
    assert config
    put_endpoint(endpoint, config, Guard(), tags)
    found = release_status(case)
    assert (found.endpoint, found.status, found.champion) == (endpoint, "InService", now)
    assert found.serving == (
        Serving(1, platform().variant, 1.0, shadow=False),
        Serving(release.version, variants.SHADOW, 0.4, shadow=True),
    )
    assert set(found.alarms) == set(platform().guardrail_alarms(case.name))
    assert str(found.last).startswith("version 1 released at 20")
    deploy.fn(case, release)
    assert release_status(case).serving == (Serving(release.version, platform().variant, 1.0, shadow=False),)


def test_nothing_serves_a_new_use_case(bucket: str) -> None:
    new = new_use_case()
    found = release_status(new)
    assert (found.status, found.serving, found.champion, found.last) == ("none", (), None, None)
    assert retire(new) == []
    assert "it does not run" in str(stop_idle(releasing(new, idle_minutes=IDLE)))


def test_an_endpoint_that_is_called_or_new_stays(case: UseCase) -> None:
    idle, endpoint, begun = releasing(case, idle_minutes=IDLE), platform().endpoint(case.name), deployed_at(case)
    clients.sagemaker_runtime().invoke_endpoint(EndpointName=endpoint, Body=BODY, ContentType="application/json")
    until(lambda: statistic(endpoint, platform().variant, "Invocations", begun))
    assert "deployed less than 10 minutes ago" in stop_idle(idle, begun + timedelta(minutes=IDLE - 1)).why
    assert stop_idle(idle, begun + timedelta(minutes=IDLE, seconds=1)).why.endswith("requests in the last 10 minutes")
    assert "no release.idle_minutes" in stop_idle(case).why


def test_an_endpoint_that_nobody_calls_is_stopped_with_the_money_saved_and_started_by_deploy(case: UseCase) -> None:
    idle, version = releasing(case, idle_minutes=IDLE), release_status(case).serving[0].version
    report = stop_idle(idle, deployed_at(case) + timedelta(hours=3))
    assert report.stopped
    assert report.dollars_an_hour == pytest.approx(PRICE)
    assert "stopped: no request for 10 minutes; saves 0.115 USD an hour, 2.76 USD a day" in str(report)
    assert find_endpoint(report.endpoint) is None
    last = find_last(case.name)
    assert last
    assert (last.version, last.outcome, last.saved(last.at + timedelta(hours=2))) == (version, "stopped", 2 * PRICE)
    assert deploy.fn(case, new_version(case, marked(0.03))).changed


def test_retire_removes_what_serves_keeps_the_registry_and_may_be_repeated(case: UseCase) -> None:
    endpoint = platform().endpoint(case.name)
    packages = registry.newest_packages(platform().model_package_group(case.name))
    config = (find_endpoint(endpoint) or {})["EndpointConfigName"]
    clients.sagemaker().update_endpoint(EndpointName=endpoint, EndpointConfigName=config)
    with pytest.raises(GateError, match="expected no deployment in progress, found Updating"):
        retire(case)
    until(lambda: (find_endpoint(endpoint) or {})["EndpointStatus"] == "InService")
    found = what_serves(case)
    assert retire(case) == found
    assert found[0] == f"endpoint {endpoint}"
    assert (what_serves(case), retire(case), find_endpoint(endpoint)) == ([], [], None)
    assert registry.newest_packages(platform().model_package_group(case.name)) == packages
    assert champion.read(case)
    entry = json.loads(audit.log_of(case.name).read().entries[-1])
    assert (entry["action"], endpoint in entry["facts"]["removed"]) == ("retire", True)
