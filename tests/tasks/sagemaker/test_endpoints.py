"""Endpoints that do not exist, fail, are changed by others, or are rolled back."""

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import botocore.session
import pytest
from pydantic import ValidationError

from config.errors import ConfigError, GateError, JobFailed, QuotaExceeded
from config.profile import EndpointCapacity
from offline_cloud import Cloud
from tasks import clients
from tasks.sagemaker import endpoints
from tasks.sagemaker.guardrails import LONGEST_UPDATE_SECONDS, Guard, guarded
from tests.aws_answers import answering, flows_use, refusal
from tests.lossy_network import lossy_network
from tests.patience import PATIENCE, until
from tests.sagemaker_local.conftest import make_bench
from tests.sagemaker_local.endpoint_support import config_of, variant
from tests.sagemaker_local.support import INFERENCE, Bench, unique

SERVERLESS = {"ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 1}}
LONGEST_BAKE = 3600
"""Seconds: the greatest `bake_seconds` of a profile."""
SETTLED = {"InService", "Failed", "OutOfService", endpoints.MIXED}


@pytest.fixture(scope="module")
def bench(cloud: Cloud, bucket: str) -> Bench:
    return make_bench(cloud.environment)


@pytest.fixture(scope="module")
def model(bench: Bench) -> str:
    return bench.model()


@pytest.fixture
def name(bench: Bench) -> Iterator[str]:
    """The name of an endpoint that is deleted after the test."""
    name = unique("endpoint")
    yield name
    if endpoints.find_endpoint(name):
        bench.sagemaker.delete_endpoint(EndpointName=name)


def put(name: str, config: str, *alarms: str) -> dict[str, Any]:
    return endpoints.put_endpoint(name, config, Guard(alarms), {"use-case": "small"})


def test_an_endpoint_that_does_not_exist_is_none(bucket: str) -> None:
    assert endpoints.find_endpoint("no-such-endpoint") is None


def test_every_status_of_aws_is_waited_for_or_settled() -> None:
    model = botocore.session.get_session().get_service_model("sagemaker")
    statuses = model.shape_for("EndpointStatus").enum  # type: ignore[attr-defined]
    assert set(statuses) == {*endpoints.TRANSIENT, *SETTLED}


def test_an_endpoint_is_created_with_its_tags_and_left_alone_when_it_serves_the_configuration(
    bench: Bench, model: str, name: str
) -> None:
    config = config_of(bench, variant(model))
    created = put(name, config)
    assert (created["EndpointStatus"], created["EndpointConfigName"]) == ("InService", config)
    tags = bench.sagemaker.list_tags(ResourceArn=created["EndpointArn"])["Tags"]
    assert {"Key": "use-case", "Value": "small"} in tags
    assert put(name, config)["LastModifiedTime"] == created["LastModifiedTime"]


def test_an_endpoint_is_not_lost_while_the_network_is(
    bench: Bench, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    config = config_of(bench, variant(bench.model(script=f"import time\ntime.sleep(3)\n{INFERENCE}")))
    service = os.environ["AWS_ENDPOINT_URL_SAGEMAKER"]
    with lossy_network(service) as network, flows_use("SAGEMAKER", network.url), ThreadPoolExecutor() as pool:
        waiting = pool.submit(put, name, config)
        until(lambda: "SageMaker.CreateEndpoint" in network.targets)
        network.down = True
        until(lambda: f"endpoint {name} is not lost, asking again" in caplog.text)
        network.down = False
        assert waiting.result(PATIENCE)["EndpointStatus"] == "InService"


def over_quota(used: int, delta: int) -> tuple[int, bytes]:
    return refusal(
        "ResourceLimitExceeded",
        "The account-level service limit 'ml.m5.large for endpoint usage' is 1 Instances, with current utilization of "
        f"{used} Instances and a request delta of {delta} Instances.",
    )


def missing(name: str) -> tuple[int, bytes]:
    return refusal("ValidationException", f'Could not find endpoint "arn:aws:sagemaker:us-east-1:0:endpoint/{name}".')


def test_an_endpoint_larger_than_the_quota_is_refused_with_the_quota_s_name(name: str) -> None:
    quota = r"endpoint usage', found 0 of 1 in use"
    with (
        answering(missing(name), over_quota(used=0, delta=2)) as fake,
        flows_use("SAGEMAKER", fake.url),
        pytest.raises(QuotaExceeded, match=quota),
    ):
        put(name, "config")


def test_an_endpoint_waits_for_the_quota_that_another_one_uses(name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    busy = over_quota(used=1, delta=1)
    served = json.dumps({"EndpointName": name, "EndpointStatus": "InService", "EndpointConfigName": "config"}).encode()
    with (
        answering(missing(name), busy, busy, (200, b'{"EndpointArn": "arn"}'), (200, served)) as fake,
        flows_use("SAGEMAKER", fake.url),
    ):
        assert put(name, "config")["EndpointConfigName"] == "config"
    assert f"endpoint {name} waits: " in caplog.text
    assert len(fake.requests) == 5


def test_an_endpoint_that_is_being_deleted_is_created_again(bench: Bench, model: str, name: str) -> None:
    config = config_of(bench, variant(model))
    before = put(name, config)
    bench.sagemaker.delete_endpoint(EndpointName=name)
    after = put(name, config)
    assert after["EndpointStatus"] == "InService"
    assert after["CreationTime"] > before["CreationTime"]


def test_an_endpoint_that_does_not_come_up_is_named_with_its_reason_and_created_again_afterwards(
    bench: Bench, name: str, bucket: str
) -> None:
    broken = bench.model()
    bench.s3.delete_object(Bucket="sagemaker-local-tests", Key=f"{broken}/model.tar.gz")
    config = config_of(bench, variant(broken))
    for _ in range(2):
        with pytest.raises(
            JobFailed, match=f"endpoint {name}: expected InService, found Failed: .*model.tar.gz.*/Endpoints/{name}"
        ):
            put(name, config)


def test_the_instances_that_autoscaling_has_added_survive_a_deployment(bench: Bench, model: str, name: str) -> None:
    put(name, config_of(bench, variant(model)))
    more = {"VariantName": "v", "DesiredInstanceCount": 2}
    bench.sagemaker.update_endpoint_weights_and_capacities(EndpointName=name, DesiredWeightsAndCapacities=[more])
    [kept] = put(name, config_of(bench, variant(model)))["ProductionVariants"]
    assert kept["DesiredInstanceCount"] == 2
    [changed] = put(name, config_of(bench, variant(model, InitialInstanceCount=3)))["ProductionVariants"]
    assert changed["DesiredInstanceCount"] == 3


def test_an_endpoint_on_instances_is_not_made_serverless_and_answers_on(bench: Bench, model: str, name: str) -> None:
    found = put(name, config_of(bench, variant(model)))
    with pytest.raises(GateError, match=f"expected a serverless endpoint.*delete-endpoint --endpoint-name {name}"):
        endpoints.require_convertible(name, found, serverless=True)
    endpoints.require_convertible(name, found, serverless=False)
    assert bench.invoke(name)


def test_a_serverless_endpoint_may_get_instances_and_none_may_become_serverless(
    bench: Bench, model: str, name: str
) -> None:
    without_instances = {"VariantName": "v", "ModelName": model, **SERVERLESS}
    found = put(name, config_of(bench, without_instances))
    endpoints.require_convertible(name, found, serverless=True)
    endpoints.require_convertible(name, None, serverless=True)
    endpoints.require_convertible(name, {"EndpointStatus": "Failed"}, serverless=True)
    config = config_of(bench, variant(model))
    assert put(name, config)["EndpointConfigName"] == config


def test_an_endpoint_that_serves_a_mix_is_updated_again(bench: Bench, model: str, name: str) -> None:
    lost, config = bench.model(), config_of(bench, variant(model))
    put(name, config_of(bench, variant(lost, InitialInstanceCount=2)))
    roll_back_to_a_model_that_is_gone(bench, name, config_of(bench, variant(model, InitialInstanceCount=2)), lost)
    served = put(name, config)
    assert (served["EndpointStatus"], served["EndpointConfigName"]) == ("InService", config)


def roll_back_to_a_model_that_is_gone(bench: Bench, name: str, config: str, lost: str) -> None:
    """Make the endpoint's rolling deployment and its rollback fail."""
    alarm, cloudwatch = unique("alarm"), clients.cloudwatch()
    cloudwatch.put_metric_alarm(
        AlarmName=alarm,
        Namespace="tests",
        MetricName="nothing",
        Statistic="Sum",
        Period=3600,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanThreshold",
    )
    batch = {"Type": "INSTANCE_COUNT", "Value": 1}
    deployment = {
        "RollingUpdatePolicy": {"MaximumBatchSize": batch, "WaitIntervalInSeconds": 3},
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": alarm}]},
    }
    bench.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=config, DeploymentConfig=deployment)
    until(lambda: new_share(bench, name), lambda share: share == 1.0)
    bench.s3.delete_object(Bucket="sagemaker-local-tests", Key=f"{lost}/model.tar.gz")
    cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="the test says so")
    found = until(
        lambda: endpoints.find_endpoint(name) or {}, lambda it: it["EndpointStatus"] not in endpoints.TRANSIENT
    )
    cloudwatch.delete_alarms(AlarmNames=[alarm])
    assert found["EndpointStatus"] == endpoints.MIXED


def new_share(bench: Bench, name: str) -> float:
    """The new fleet's share of the traffic."""
    pending = bench.sagemaker.describe_endpoint(EndpointName=name).get("PendingDeploymentSummary", {})
    return sum(float(variant["CurrentWeight"]) for variant in pending.get("ProductionVariants", []))


def served(config: str, **more: str) -> dict[str, Any]:
    return {"EndpointStatus": "InService", "EndpointConfigName": config, **more}


def test_a_rollback_is_found_by_the_configuration_also_without_a_reason() -> None:
    with pytest.raises(JobFailed, match="expected it to serve new, found old: SageMaker rolled the update back"):
        endpoints.require_served("e", served("old"), served("old"), "new")
    with pytest.raises(JobFailed, match="expected it to serve new, found older: an alarm"):
        endpoints.require_served("e", served("older", FailureReason="an alarm"), served("old"), "new")
    assert endpoints.require_served("e", served("newest"), served("old"), "new")["EndpointConfigName"] == "newest"
    assert endpoints.require_served("e", served("new"), None, "new")["EndpointConfigName"] == "new"


def test_a_rollback_that_failed_is_reported_with_the_way_out() -> None:
    after = {"EndpointStatus": endpoints.MIXED, "EndpointConfigName": "old", "FailureReason": "no capacity"}
    with pytest.raises(JobFailed, match=r"found UpdateRollbackFailed: no capacity\. .* run the stage deploy again"):
        endpoints.require_served("e", after, served("old"), "new")
    with pytest.raises(JobFailed, match="expected InService, found nothing"):
        endpoints.require_served("e", None, None, "new")


def test_an_update_bakes_only_while_alarms_are_watched() -> None:
    policy = guarded(["errors", "latency"], 300)
    assert policy["AutoRollbackConfiguration"] == {"Alarms": [{"AlarmName": "errors"}, {"AlarmName": "latency"}]}
    assert waits(policy) == (300, 300)
    without = guarded([], 300)
    assert "AutoRollbackConfiguration" not in without
    assert waits(without) == (0, 0)
    with pytest.raises(ConfigError, match=r"expected at most 10, .*; found 11"):
        guarded([f"alarm-{number}" for number in range(11)], 300)


def waits(policy: Any) -> tuple[int, int]:
    found = policy["BlueGreenUpdatePolicy"]
    return found["TrafficRoutingConfiguration"]["WaitIntervalInSeconds"], found["TerminationWaitInSeconds"]


def test_the_longest_bake_of_a_profile_fits_an_updates_limit() -> None:
    with pytest.raises(ValidationError):
        EndpointCapacity(instance_type="ml.m5.large", initial_instance_count=1, bake_seconds=LONGEST_BAKE + 1)
    assert sum(waits(guarded(["errors"], LONGEST_BAKE))) < LONGEST_UPDATE_SECONDS
