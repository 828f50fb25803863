"""The endpoint serves the champion. After a rollback, the champion is the served version."""

import io
import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pandas as pd
import pytest
import yaml
from botocore import xform_name

from config import settings
from config.errors import GateError, JobFailed
from config.hosting import Serverless
from config.profile import VARIABLE
from config.use_case import UseCase
from offline_cloud import Cloud
from tasks import champion, clients, storage
from tasks.deploy import deploy, served_version
from tasks.platform import platform
from tasks.references import Champion, Release
from tasks.sagemaker import hosted_models
from tasks.sagemaker.endpoints import find_endpoint
from tasks.signing.models import SIGNATURE, beside
from tests.endpoints import packed
from tests.faulty_cloud import S3_LIST, Call, faulty_cloud
from tests.patience import until
from tests.sagemaker_local.endpoint_support import FAILS
from tests.sagemaker_local.support import archive, everything
from tests.scripts.models import small_model
from tests.tasks.releases import new_release, new_use_case

REGION = "us-east-1"


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


def test_changed_settings_of_the_served_version_are_deployed(case: UseCase) -> None:
    release, before = better_release(case), served_config(case)
    deploy.fn(case, release)
    larger = case.model_validate(case.model_dump() | {"hosting": {"kind": "serverless", "memory_in_mb": 4096}})
    deployment = deploy.fn(larger, release)
    assert (deployment.changed, deployment.model_package_arn) == (True, release.model_package_arn)
    assert served(case) == current(case).version == release.version
    endpoint = find_endpoint(deployment.endpoint_name)
    assert endpoint
    assert endpoint["ProductionVariants"][0]["CurrentServerlessConfig"]["MemorySizeInMB"] == 4096
    assert not deploy.fn(larger, release).changed
    assert before != served_config(case)


def served_config(case: UseCase) -> str:
    found = find_endpoint(platform().endpoint(case.name))
    assert found
    return str(found["EndpointConfigName"])


def test_after_a_deployment_only_the_models_of_the_served_and_the_previous_version_are_left(
    case: UseCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy.fn(case, better_release(case))
    before = served_config(case)
    monkeypatch.setattr(hosted_models, "UNUSED_FOR", timedelta(0))
    deploy.fn(case, better_release(case))
    listed = everything(clients.sagemaker(), "list_endpoint_configs", NameContains=f"{case.slug}-v")
    assert {config["EndpointConfigName"] for config in listed} == {before, served_config(case)}
    models = everything(clients.sagemaker(), "list_models", NameContains=f"{case.slug}-v")
    assert {model["ModelName"] for model in models} == {before, served_config(case)}


@pytest.mark.parametrize("part", ["Endpoint", "EndpointConfig", "Model"])
def test_what_a_person_has_deleted_is_made_again(case: UseCase, part: str) -> None:
    release, sagemaker = better_release(case), clients.sagemaker()
    endpoint = deploy.fn(case, release).endpoint_name
    name = endpoint if part == "Endpoint" else served_config(case)
    getattr(sagemaker, f"delete_{xform_name(part)}")(**{f"{part}Name": name})
    assert deploy.fn(case, release).changed is (part == "Endpoint")
    assert served(case) == release.version
    config = sagemaker.describe_endpoint_config(EndpointConfigName=served_config(case))
    assert sagemaker.describe_model(ModelName=config["ProductionVariants"][0]["ModelName"])


def test_a_configuration_that_another_run_deletes_during_the_deployment_is_made_again(
    case: UseCase, cloud: Cloud
) -> None:
    release, sagemaker = better_release(case), boto3.client("sagemaker", REGION)
    name = hosted_models.of_version(case, current(case)).name
    gone: list[object] = []

    def delete_once(call: Call) -> None:
        if call.action == "UpdateEndpoint" and not gone:
            gone.append(sagemaker.delete_endpoint_config(EndpointConfigName=name))

    with faulty_cloud(cloud.environment) as faulty:
        faulty.faults = delete_once
        deploy.fn(case, release)
    assert gone
    assert served(case) == release.version
    assert sagemaker.describe_endpoint_config(EndpointConfigName=name)


def test_nothing_is_deleted_while_another_run_deploys_an_old_version(
    case: UseCase, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, sagemaker = served_config(case), boto3.client("sagemaker", REGION)
    for _ in range(2):
        deploy.fn(case, better_release(case))
    monkeypatch.setattr(hosted_models, "UNUSED_FOR", timedelta(0))
    endpoint = platform().endpoint(case.name)
    others: list[object] = []

    def deploy_old_once(call: Call) -> None:
        if call.action == S3_LIST and not others:  # the held-out rows of contract requests, before the clean-up
            others.append(sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=old))

    with faulty_cloud(cloud.environment) as faulty:
        faulty.faults = deploy_old_once
        deploy.fn(case, better_release(case))
    assert others
    assert sagemaker.describe_endpoint_config(EndpointConfigName=old)
    until(lambda: (find_endpoint(endpoint) or {})["EndpointStatus"] == "InService")
    deploy.fn(case, better_release(case))


@pytest.mark.parametrize("how", ["unsigned", "altered"])
def test_a_version_that_is_unsigned_or_altered_is_refused_before_anything_changes(case: UseCase, how: str) -> None:
    before = current(case)
    release = better_release(case)
    uri = current(case).model_uri
    if how == "unsigned":
        storage.delete([beside(uri, SIGNATURE)])
        expected = f"expected version {release.version} to be signed, found no .*vishwaops sign --use-case {case.name}"
    else:
        storage.put(uri, archive(code__inference=FAILS))
        expected = "found others: changed: code/inference.py; removed: baseline.json"
    name = hosted_models.of_version(case, current(case)).name
    with pytest.raises(GateError, match=expected):
        deploy.fn(case, release)
    assert served(case) == before.version
    assert name not in [found["ModelName"] for found in clients.sagemaker().list_models(NameContains=name)["Models"]]
    champion.move(case, before.version, "the other is not signed")


def test_an_endpoint_whose_archive_is_replaced_after_the_verification_does_not_start(bucket: str) -> None:
    case = new_use_case()
    better_release(case)
    hosted = hosted_models.of_version(case, current(case))
    storage.put(current(case).model_uri, repacked(storage.get(current(case).model_uri), b"# another one\n"))
    hosted_models.ensure(hosted, {})
    name = platform().endpoint(case.name)
    clients.sagemaker().create_endpoint(EndpointName=name, EndpointConfigName=hosted.name)
    found = until(lambda: find_endpoint(name) or {}, lambda endpoint: endpoint.get("EndpointStatus") == "Failed")
    assert "expected the files that were signed by" in found["FailureReason"]
    clients.sagemaker().delete_endpoint(EndpointName=name)


def repacked(content: bytes, more: bytes) -> bytes:
    """A model.tar.gz with a file more."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(content)) as before, tarfile.open(fileobj=buffer, mode="w:gz") as after:
        for member in before:
            after.addfile(member, before.extractfile(member) if member.isfile() else None)
        entry = tarfile.TarInfo("code/more.py")
        entry.size = len(more)
        after.addfile(entry, io.BytesIO(more))
    return buffer.getvalue()


@pytest.fixture
def baking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The offline profile with deployments that bake."""
    profile = yaml.safe_load((settings.PROFILES / "offline.yaml").read_text())
    profile |= {"name": "baking", "endpoint": profile["endpoint"] | {"bake_seconds": 60}}
    (tmp_path / "baking.yaml").write_text(yaml.safe_dump(profile))
    monkeypatch.setattr(settings, "PROFILES", tmp_path)
    monkeypatch.setenv(VARIABLE, "baking")


@pytest.mark.usefixtures("baking")
def test_contract_requests_show_a_bad_version_to_the_alarms_before_people_use_it(case: UseCase) -> None:
    before = served(case)
    release = new_release(case, 0.99, current(case), body=failing_model(), beaten=0.65)
    rows = pd.DataFrame({"age": [15, 16], "colour": ["red", None]})
    storage.put(f"{current(case).split.test_uri}/data.parquet", storage.parquet(rows))
    with ThreadPoolExecutor() as threads, pytest.raises(JobFailed, match="expected it to serve"):
        watching = threads.submit(alarm_after_errors, case)
        deploy.fn(case, release)
    assert watching.result() >= 1
    assert served(case) == current(case).version == before


def failing_model() -> bytes:
    """A model.tar.gz whose script starts and fails at every request."""
    return archive(code__inference=FAILS)


def alarm_after_errors(case: UseCase) -> float:
    """Set the 5xx alarm off once CloudWatch has an error: it would take a minute. Returns the number of errors."""
    cloudwatch, now = clients.cloudwatch(), datetime.now(UTC)
    dimensions = {"EndpointName": platform().endpoint(case.name), "VariantName": platform().variant}

    def errors() -> float:
        found = cloudwatch.get_metric_statistics(
            Namespace="AWS/SageMaker",
            MetricName="Invocation5XXErrors",
            Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
            StartTime=now - timedelta(minutes=5),
            EndTime=now + timedelta(minutes=5),
            Period=3600,
            Statistics=["Sum"],
        )
        return sum(point["Sum"] for point in found["Datapoints"])

    found = until(errors, bool)
    alarm = platform().guardrail_alarms(case.name)[0]
    cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="a test")
    until(lambda: find_endpoint(dimensions["EndpointName"]) or {}, lambda endpoint: "FailureReason" in endpoint)
    cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="OK", StateReason="a test")
    return found


def test_an_endpoint_on_instances_stays_when_the_use_case_becomes_serverless(bucket: str) -> None:
    on_instances = new_use_case(hosting={"kind": "instances"})
    release = better_release(on_instances)
    deployment = deploy.fn(on_instances, release)
    serverless = on_instances.model_copy(update={"hosting": Serverless(kind="serverless")})
    with pytest.raises(GateError, match=r"expected a serverless endpoint, .*hosting: \{kind: instances\}"):
        deploy.fn(serverless, release)
    assert served(on_instances) == release.version
    assert deploy.fn(on_instances, release) == deployment.model_copy(update={"changed": False})
    clients.sagemaker().delete_endpoint(EndpointName=deployment.endpoint_name)


def test_without_a_champion_there_is_nothing_to_deploy(bucket: str) -> None:
    case = new_use_case()
    with pytest.raises(GateError, match=r"expected a champion to deploy, found none; version 1: roc_auc ≥ 0.6"):
        deploy.fn(case, new_release(case, 0.55))


def test_only_an_endpoint_in_service_that_serves_a_version_of_the_use_case_tells_which(bucket: str) -> None:
    case = new_use_case()
    config = {"EndpointStatus": "InService", "EndpointConfigName": f"{case.slug}-v12"}
    assert served_version(case, config) == 12
    assert served_version(case, config | {"EndpointConfigName": f"{case.slug}-v12-0a1b2c"}) == 12
    assert served_version(case, config | {"EndpointConfigName": "made-by-hand"}) is None
    assert served_version(case, config | {"EndpointStatus": "Creating"}) is None
    assert served_version(case, None) is None
