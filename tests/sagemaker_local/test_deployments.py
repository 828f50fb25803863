"""UpdateEndpoint with a DeploymentConfig: traffic shifts in steps, with alarms and automatic rollback."""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from offline_cloud import Cloud
from tests.sagemaker_local.endpoint_support import (
    FAILS,
    config_of,
    described,
    own_server,
    steady_requests,
    variant,
)
from tests.sagemaker_local.support import BUCKET, Bench, everything, unique, until

SCALE = 120  # seconds of AWS's waiting times that pass in one second


@pytest.fixture(scope="module")
def fast(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder: Path = tmp_path_factory.mktemp("fast")
    with own_server(cloud, folder / "state", "--time-scale", str(SCALE)) as bench:
        yield bench


@pytest.fixture(scope="module")
def models(fast: Bench) -> dict[str, str]:
    """A model that answers 1.0, one that answers 10.0, and one that always fails."""
    return {"old": fast.model(slope=1.0), "new": fast.model(slope=10.0), "bad": fast.model(script=FAILS)}


@pytest.fixture
def cloudwatch(cloud: Cloud) -> Any:
    return boto3.client("cloudwatch", endpoint_url=cloud.environment["AWS_ENDPOINT_URL"], region_name="us-east-1")


@pytest.fixture
def alarm(cloudwatch: Any) -> Iterator[str]:
    """An alarm that only the test sets."""
    name = unique("alarm")
    put_alarm(cloudwatch, name, "nobody")
    yield name
    cloudwatch.delete_alarms(AlarmNames=[name])


def put_alarm(cloudwatch: Any, name: str, endpoint: str, variant_name: str = "v") -> None:
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="AWS/SageMaker",
        MetricName="Invocation5XXErrors",
        Dimensions=[{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": variant_name}],
        Statistic="Sum",
        Period=10,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="ignore",
    )


def blue_green(kind: str, wait: int, *alarms: str, termination: int = 0, **size: Any) -> dict[str, Any]:
    routing = {"Type": kind, "WaitIntervalInSeconds": wait, **size}
    config: dict[str, Any] = {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": routing,
            "TerminationWaitInSeconds": termination,
            "MaximumExecutionTimeoutInSeconds": 28_800,
        }
    }
    if alarms:
        config["AutoRollbackConfiguration"] = {"Alarms": [{"AlarmName": name} for name in alarms]}
    return config


def percent(value: int) -> dict[str, Any]:
    return {"Type": "CAPACITY_PERCENT", "Value": value}


def update(bench: Bench, endpoint: str, model: str, deployment: dict[str, Any], count: int = 1) -> str:
    """Begins an update to this model, and returns the new config's name."""
    config = config_of(bench, variant(model, InitialInstanceCount=count))
    bench.sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=config, DeploymentConfig=deployment)
    return config


def baking(bench: Bench, endpoint: str, weight: float) -> dict[str, Any]:
    """The pending deployment once the new fleet has this share of the traffic."""

    def reached(pending: dict[str, Any]) -> bool:
        [found] = pending.get("ProductionVariants", [{}])
        status = [item["Status"] for item in found.get("VariantStatus", [])]
        return status == ["Baking"] and found["CurrentWeight"] == pytest.approx(weight)

    return until(lambda: described(bench, endpoint).get("PendingDeploymentSummary", {}), reached)


def test_a_healthy_canary_gets_its_share_first_and_then_everything(
    fast: Bench, models: dict[str, str], alarm: str
) -> None:
    name = fast.endpoint(config_of(fast, variant(models["old"])))
    deployment = blue_green("CANARY", 720, alarm, CanarySize=percent(25))
    before = described(fast, name)["EndpointConfigName"]
    config = update(fast, name, models["new"], deployment)
    pending = baking(fast, name, 0.25)
    assert pending["EndpointConfigName"] == config
    assert Counter(fast.invoke(name) for _ in range(20)) == {"1.0": 15, "10.0": 5}
    endpoint = described(fast, name)
    assert (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) == ("Updating", before)
    baking(fast, name, 1.0)
    assert {fast.invoke(name) for _ in range(10)} == {"10.0"}

    endpoint = fast.settled(name)
    assert (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) == ("InService", config)
    assert endpoint["LastDeploymentConfig"] == deployment
    assert "PendingDeploymentSummary" not in endpoint
    assert "FailureReason" not in endpoint
    fast.sagemaker.delete_endpoint(EndpointName=name)


def test_an_alarm_brings_all_traffic_back_and_no_request_fails(
    fast: Bench, models: dict[str, str], alarm: str, cloudwatch: Any
) -> None:
    config = config_of(fast, variant(models["old"]))
    name = fast.endpoint(config)
    statuses: list[str] = []
    with steady_requests(fast, name) as answers:
        update(fast, name, models["new"], blue_green("CANARY", 3600, alarm, CanarySize=percent(50)))
        baking(fast, name, 0.5)
        until(lambda: "10.0" in answers, bool)
        cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="the test says so")
        while not statuses or statuses[-1] not in ("InService", "Failed"):
            status = described(fast, name)["EndpointStatus"]
            if [status] != statuses[-1:]:
                statuses.append(status)
        after = len(answers)
        until(lambda: len(answers) > after + 20, bool)
    assert statuses == ["Updating", "RollingBack", "InService"]
    assert set(answers) == {"1.0", "10.0"}
    assert set(answers[after + 5 :]) == {"1.0"}
    endpoint = described(fast, name)
    assert endpoint["EndpointConfigName"] == config
    assert alarm in endpoint["FailureReason"]
    assert "PendingDeploymentSummary" not in endpoint
    fast.sagemaker.delete_endpoint(EndpointName=name)


def test_until_the_old_fleet_ends_an_alarm_still_brings_traffic_back(
    fast: Bench, models: dict[str, str], alarm: str, cloudwatch: Any
) -> None:
    config = config_of(fast, variant(models["old"]))
    name = fast.endpoint(config)
    update(fast, name, models["new"], blue_green("ALL_AT_ONCE", 0, alarm, termination=3600))
    baking(fast, name, 1.0)
    assert {fast.invoke(name) for _ in range(5)} == {"10.0"}
    cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="the test says so")
    assert fast.settled(name)["EndpointConfigName"] == config
    assert {fast.invoke(name) for _ in range(5)} == {"1.0"}
    fast.sagemaker.delete_endpoint(EndpointName=name)


def test_a_deployment_ends_with_its_endpoint(fast: Bench, models: dict[str, str]) -> None:
    name = fast.endpoint(config_of(fast, variant(models["old"])))
    update(fast, name, models["new"], blue_green("CANARY", 3600, CanarySize=percent(50)))
    baking(fast, name, 0.5)
    fast.sagemaker.delete_endpoint(EndpointName=name)
    until(lambda: everything(fast.sagemaker, "list_endpoints", NameContains=name), lambda found: not found)


def test_a_bad_release_sets_off_an_alarm_on_its_own_errors_and_is_rolled_back(
    fast: Bench, models: dict[str, str], cloudwatch: Any
) -> None:
    config = config_of(fast, variant(models["old"]))
    name = fast.endpoint(config)
    alarm = unique("errors")
    put_alarm(cloudwatch, alarm, name)
    update(fast, name, models["bad"], blue_green("CANARY", 3600, alarm, CanarySize=percent(50)))
    baking(fast, name, 0.5)
    answers: list[str] = []
    while described(fast, name)["EndpointStatus"] == "Updating":
        try:
            answers.append(fast.invoke(name))
        except fast.runtime.exceptions.ModelError as error:
            answers.append(str(error.response["OriginalStatusCode"]))
        time.sleep(0.05)
    good, bad = answers.count("1.0"), answers.count("500")
    assert good + bad == len(answers)
    assert abs(good - bad) <= 2  # half of them went to the new fleet and failed; the last one may belong to either
    endpoint = fast.settled(name)
    assert (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) == ("InService", config)
    assert alarm in endpoint["FailureReason"]
    assert {fast.invoke(name) for _ in range(10)} == {"1.0"}
    cloudwatch.delete_alarms(AlarmNames=[alarm])
    fast.sagemaker.delete_endpoint(EndpointName=name)


def test_linear_shifting_goes_up_in_equal_steps(fast: Bench, models: dict[str, str]) -> None:
    name = fast.endpoint(config_of(fast, variant(models["old"])))
    config = update(fast, name, models["new"], blue_green("LINEAR", 360, LinearStepSize=percent(40)))
    for share, green in ((0.4, 4), (0.8, 8), (1.0, 10)):
        baking(fast, name, share)
        assert Counter(fast.invoke(name) for _ in range(10))["10.0"] == green
    assert fast.settled(name)["EndpointConfigName"] == config
    fast.sagemaker.delete_endpoint(EndpointName=name)


def test_a_rolling_update_exchanges_instances_batch_by_batch(fast: Bench, models: dict[str, str]) -> None:
    name = fast.endpoint(config_of(fast, variant(models["old"], InitialInstanceCount=2)))
    batch = {"MaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": 1}, "WaitIntervalInSeconds": 360}
    with steady_requests(fast, name) as answers:
        config = update(fast, name, models["new"], {"RollingUpdatePolicy": batch}, count=2)
        baking(fast, name, 0.5)
        endpoint = fast.settled(name)
    assert (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) == ("InService", config)
    assert endpoint["ProductionVariants"][0]["CurrentInstanceCount"] == 2
    assert set(answers) == {"1.0", "10.0"}
    assert fast.invoke(name) == "10.0"
    fast.sagemaker.delete_endpoint(EndpointName=name)


def test_a_rolling_update_whose_rollback_fails_serves_a_mix_until_the_next_update(
    fast: Bench, models: dict[str, str], alarm: str, cloudwatch: Any
) -> None:
    lost = fast.model(slope=5.0)
    name = fast.endpoint(config_of(fast, variant(lost, InitialInstanceCount=2)))
    batch = {"MaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": 1}, "WaitIntervalInSeconds": 720}
    rolling = {"RollingUpdatePolicy": batch, "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": alarm}]}}
    update(fast, name, models["new"], rolling, count=2)
    until(lambda: baking_share(fast, name), lambda weight: weight == 1.0)  # one of the two old instances has ended
    fast.s3.delete_object(Bucket=BUCKET, Key=f"{lost}/model.tar.gz")
    cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="the test says so")
    mixed = until(lambda: described(fast, name), lambda found: found["EndpointStatus"] not in CHANGING)
    assert mixed["EndpointStatus"] == "UpdateRollbackFailed"
    assert alarm in mixed["FailureReason"]
    assert "The rollback failed" in mixed["FailureReason"]
    assert {fast.invoke(name) for _ in range(20)} == {"5.0", "10.0"}

    config = config_of(fast, variant(models["old"]))
    fast.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=config)
    assert fast.settled(name)["EndpointConfigName"] == config
    assert {fast.invoke(name) for _ in range(20)} == {"1.0"}
    fast.sagemaker.delete_endpoint(EndpointName=name)


CHANGING = ("Updating", "RollingBack")


def baking_share(bench: Bench, endpoint: str) -> float:
    """The share of the traffic of the new fleet, in a bake that has begun; 0 before."""
    pending = described(bench, endpoint).get("PendingDeploymentSummary", {}).get("ProductionVariants", [])
    return sum(float(found["CurrentWeight"]) for found in pending if found["VariantStatus"][0]["Status"] == "Baking")


def test_a_deployment_keeps_the_names_of_the_variants(fast: Bench, models: dict[str, str], idle: str) -> None:
    config = config_of(fast, variant(models["new"], "other"))
    with pytest.raises(ClientError, match="must have the same names as before, v; given: other"):
        fast.sagemaker.update_endpoint(
            EndpointName=idle, EndpointConfigName=config, DeploymentConfig=blue_green("ALL_AT_ONCE", 0)
        )


def test_a_deployment_past_its_time_is_rolled_back(fast: Bench, models: dict[str, str]) -> None:
    config = config_of(fast, variant(models["old"]))
    name = fast.endpoint(config)
    slow = fast.model(script="import time\ntime.sleep(1)\n" + FAILS)
    policy = blue_green("ALL_AT_ONCE", 595)
    policy["BlueGreenUpdatePolicy"]["MaximumExecutionTimeoutInSeconds"] = 600  # 5 s here, of which waiting takes 4.96
    update(fast, name, slow, policy)
    endpoint = fast.settled(name)
    assert (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) == ("InService", config)
    assert "MaximumExecutionTimeoutInSeconds" in endpoint["FailureReason"]
    assert fast.invoke(name) == "1.0"
    fast.sagemaker.delete_endpoint(EndpointName=name)


def test_properties_and_deployment_config_are_retained_when_asked(fast: Bench, models: dict[str, str]) -> None:
    capture = {
        "InitialSamplingPercentage": 50,
        "DestinationS3Uri": "s3://nowhere/captured",
        "CaptureOptions": [{"CaptureMode": "Input"}],
    }
    first = config_of(fast, variant(models["old"]), DataCaptureConfig=capture)
    name = unique("endpoint")
    deployment = blue_green("ALL_AT_ONCE", 0, termination=30)
    fast.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=first, DeploymentConfig=deployment)
    assert fast.settled(name)["LastDeploymentConfig"] == deployment
    change = {"VariantName": "v", "DesiredWeight": 7.0, "DesiredInstanceCount": 2}
    fast.sagemaker.update_endpoint_weights_and_capacities(EndpointName=name, DesiredWeightsAndCapacities=[change])
    fast.settled(name)

    fast.sagemaker.update_endpoint(
        EndpointName=name,
        EndpointConfigName=config_of(fast, variant(models["new"])),
        RetainAllVariantProperties=True,
        ExcludeRetainedVariantProperties=[{"VariantPropertyType": "DesiredInstanceCount"}],
        RetainDeploymentConfig=True,
    )
    endpoint = fast.settled(name)
    [found] = endpoint["ProductionVariants"]
    assert (found["CurrentWeight"], found["CurrentInstanceCount"]) == (7.0, 1)
    assert endpoint["DataCaptureConfig"]["CurrentSamplingPercentage"] == 50
    assert endpoint["LastDeploymentConfig"] == deployment

    fast.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=config_of(fast, variant(models["old"])))
    endpoint = fast.settled(name)
    assert endpoint["ProductionVariants"][0]["CurrentWeight"] == 1.0
    assert "DataCaptureConfig" not in endpoint
    assert "LastDeploymentConfig" not in endpoint
    fast.sagemaker.delete_endpoint(EndpointName=name)


TOO_SHORT = blue_green("ALL_AT_ONCE", 600)
TOO_SHORT["BlueGreenUpdatePolicy"]["MaximumExecutionTimeoutInSeconds"] = 600
BOTH = {
    **blue_green("ALL_AT_ONCE", 0),
    "RollingUpdatePolicy": {"MaximumBatchSize": percent(50), "WaitIntervalInSeconds": 0},
}


@pytest.mark.parametrize(
    ("deployment", "message"),
    [
        (blue_green("CANARY", 0), "CanarySize must be specified"),
        (blue_green("LINEAR", 0), "LinearStepSize must be specified"),
        (blue_green("ALL_AT_ONCE", 0, CanarySize=percent(10)), "CanarySize can't be specified"),
        (blue_green("CANARY", 0, CanarySize=percent(51)), "less than or equal to 50%"),
        (blue_green("LINEAR", 0, LinearStepSize=percent(9)), "between 10% and 50%"),
        (blue_green("CANARY", 0, CanarySize={"Type": "INSTANCE_COUNT", "Value": 1}), "1 .INSTANCE_COUNT. of 1 is 100%"),
        (blue_green("CANARY", 3601, CanarySize=percent(10)), "less than or equal to 3600"),
        (TOO_SHORT, "must be larger than the total waiting time"),
        (BOTH, "not both"),
        (blue_green("ALL_AT_ONCE", 0, "no-such-alarm"), "Could not find CloudWatch alarms: no-such-alarm"),
        (blue_green("ALL_AT_ONCE", 0, *(f"alarm-{n}" for n in range(11))), "length less than or equal to 10"),
        (blue_green("ALL_AT_ONCE", 0, ""), "alarmName' failed to satisfy constraint"),
        ({"AutoRollbackConfiguration": {"Alarms": []}}, "length greater than or equal to 1"),
    ],
)
def test_a_deployment_that_aws_would_not_begin_is_refused_and_changes_nothing(
    fast: Bench, idle: str, deployment: dict[str, Any], message: str
) -> None:
    before = described(fast, idle)
    with pytest.raises(ClientError, match=message) as refused:
        fast.sagemaker.update_endpoint(
            EndpointName=idle, EndpointConfigName=before["EndpointConfigName"], DeploymentConfig=deployment
        )
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    after = described(fast, idle)
    assert {**after, "ResponseMetadata": 0} == {**before, "ResponseMetadata": 0}


@pytest.fixture(scope="module")
def idle(fast: Bench, models: dict[str, str]) -> str:
    return fast.endpoint(config_of(fast, variant(models["old"])))
