"""Pipeline definitions as data: references, functions, conditions, order, retries and durations."""

import json
from typing import Any

import pytest

from sagemaker_local import service_model
from sagemaker_local.pipeline_definition import conditions, definition, retries, schedule, values
from tests.sagemaker_local.pipeline_support import compare, condition, fail
from tests.sagemaker_local.pipeline_support import definition as text_of

JOB = {
    "ModelArtifacts": {"S3ModelArtifacts": "s3://b/model.tar.gz"},
    "ProcessingOutputConfig": {"Outputs": [{"OutputName": "a", "S3Output": {"S3Uri": "s3://b/a"}}]},
    "FinalMetricDataList": [{"MetricName": "validation:rmse", "Value": 1.5}],
    "HyperParameters": {"max_depth": "3"},
}


def resolver(document: Any = None) -> values.Resolver:
    return values.Resolver(
        parameters={"N": 3, "Flag": True, "Bucket": "b"},
        execution=lambda name: f"<{name}>",
        properties=lambda step, path: JOB,
        property_file=lambda step, name: f"s3://{step}/{name}",
        read=lambda uri: json.dumps(document).encode(),
    )


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ({"Get": "Parameters.N"}, 3),
        ({"Get": "Execution.PipelineExecutionId"}, "<PipelineExecutionId>"),
        ({"Get": "Steps.T.ModelArtifacts.S3ModelArtifacts"}, "s3://b/model.tar.gz"),
        ({"Get": "Steps.T.ProcessingOutputConfig.Outputs['a'].S3Output.S3Uri"}, "s3://b/a"),
        ({"Get": 'Steps.T.ProcessingOutputConfig.Outputs["a"].S3Output.S3Uri'}, "s3://b/a"),
        ({"Get": "Steps.T.ProcessingOutputConfig.Outputs[0].OutputName"}, "a"),
        ({"Get": "Steps.T.FinalMetricDataList['validation:rmse'].Value"}, 1.5),
        ({"Get": "Steps.T.HyperParameters['max_depth']"}, "3"),
        ({"Std:Join": {"On": "/", "Values": ["s3:/", {"Get": "Parameters.Bucket"}, 1, True]}}, "s3://b/1/true"),
        ({"a": [{"b": {"Get": "Parameters.N"}}]}, {"a": [{"b": 3}]}),
    ],
)
def test_references_and_functions_have_values(expression: Any, value: Any) -> None:
    assert resolver().resolve(expression) == value


@pytest.mark.parametrize("path", ["Nothing", "ProcessingOutputConfig.Outputs['z'].S3Output", "FinalMetricDataList[9]"])
def test_a_reference_to_nothing_is_an_error_that_names_it(path: str) -> None:
    with pytest.raises(values.UnresolvedError, match=r"Steps\.T\..* has no value"):
        resolver().resolve({"Get": f"Steps.T.{path}"})


@pytest.mark.parametrize("path", ["metrics.mse.value", "$.metrics.mse.value", "metrics['mse'].value", "list[1]"])
def test_json_get_reads_a_file_by_its_path(path: str) -> None:
    file = {"Get": "Steps.E.PropertyFiles.Report"}
    document = {"metrics": {"mse": {"value": 7}}, "list": [6, 7]}
    assert resolver(document).resolve({"Std:JsonGet": {"PropertyFile": file, "Path": path}}) == 7
    with pytest.raises(values.UnresolvedError, match=r"in s3://E/Report failed: .*nothing is there"):
        resolver({}).resolve({"Std:JsonGet": {"PropertyFile": file, "Path": path}})


def test_values_take_the_type_that_the_api_wants() -> None:
    request = {
        "HyperParameters": {"depth": 3, "flag": True},
        "ResourceConfig": {"InstanceCount": "2", "VolumeSizeInGB": 1.0},
        "EnableNetworkIsolation": "true",
    }
    assert values.conformed(request, service_model.input_shape("CreateTrainingJob")) == {
        "HyperParameters": {"depth": "3", "flag": "true"},
        "ResourceConfig": {"InstanceCount": 2, "VolumeSizeInGB": 1},
        "EnableNetworkIsolation": True,
    }


@pytest.mark.parametrize(
    ("one", "holds"),
    [
        (compare("Equals", 1, 1.0), True),
        (compare("Equals", "a", "b"), False),
        (compare("GreaterThan", 2, 1), True),
        (compare("GreaterThan", 1, 1), False),
        (compare("GreaterThanOrEqualTo", 1, 1), True),
        (compare("LessThan", 1, 1), False),
        (compare("LessThanOrEqualTo", 1, 1), True),
        ({"Type": "In", "QueryValue": "a", "Values": ["b", "a"]}, True),
        ({"Type": "In", "QueryValue": True, "Values": [1]}, False),
        ({"Type": "Not", "Condition": compare("Equals", 1, 1)}, False),
        ({"Type": "Or", "Conditions": [compare("Equals", 1, 2), compare("LessThan", 1, 2)]}, True),
        ({"Type": "Or", "Conditions": []}, False),
    ],
)
def test_every_operator_of_conditions(one: dict[str, Any], holds: bool) -> None:
    assert conditions.all_hold([one]) is holds
    assert conditions.all_hold([compare("Equals", 1, 1), one]) is holds


@pytest.mark.parametrize("one", [compare("Equals", 1, "1"), compare("LessThan", True, 2), {"Type": "Like"}])
def test_what_can_not_be_compared_is_an_error(one: dict[str, Any]) -> None:
    with pytest.raises(values.UnresolvedError):
        conditions.all_hold([one])


CHAIN = definition.read(
    text_of(
        condition("Start"),
        condition("Gate", then=[condition("Yes")], otherwise=[condition("No")], DependsOn=["Start"]),
        condition("AfterNo", DependsOn=["No"]),
        condition("OnFailure", DependsOn=[{"Step": "Start", "Trigger": "Failed"}]),
        fail("Always", DependsOn=[{"Step": "Start", "Trigger": "Any"}]),
    )
)


@pytest.mark.parametrize(
    ("statuses", "outcomes", "ready", "never"),
    [
        ({}, {}, ["Start"], set()),
        ({"Start": "Executing"}, {}, [], set()),
        ({"Start": "Succeeded"}, {}, ["Gate", "Always"], {"OnFailure"}),
        ({"Start": "Failed"}, {}, ["OnFailure", "Always"], {"Gate", "Yes", "No", "AfterNo"}),
        (
            {"Start": "Succeeded", "Gate": "Succeeded", "Always": "Failed"},
            {"Gate": True},
            ["Yes"],
            {"OnFailure", "No", "AfterNo"},
        ),
    ],
)
def test_the_order_of_steps_follows_from_what_has_ended(
    statuses: dict[str, str], outcomes: dict[str, bool], ready: list[str], never: set[str]
) -> None:
    plan = schedule.plan(CHAIN, statuses, outcomes)
    assert sorted(plan.ready) == sorted(ready)
    assert plan.never == never


POLICY = {"ExceptionType": ["SageMaker.JOB_INTERNAL_ERROR"], "IntervalSeconds": 2, "BackoffRate": 3.0, "MaxAttempts": 2}


def test_a_retry_policy_waits_longer_each_time_and_gives_up() -> None:
    kind = "SageMaker.JOB_INTERNAL_ERROR"
    assert [retries.delay([POLICY], kind, attempts, 0) for attempts in (1, 2, 3)] == [2.0, 6.0, None]
    assert retries.delay([POLICY], "Step.THROTTLING", 1, 0) is None
    expiring = {"ExceptionType": [kind], "ExpireAfterMin": 1}
    assert [retries.delay([expiring], kind, 1, seconds) for seconds in (59, 60)] == [1.0, None]


def test_what_went_wrong_has_an_exception_type() -> None:
    assert retries.exception_type("ResourceLimitExceeded", "") == "SageMaker.RESOURCE_LIMIT"
    assert retries.exception_type("", "InternalServerError: …") == "SageMaker.JOB_INTERNAL_ERROR"
    assert retries.exception_type("", "CapacityError: …") == "SageMaker.CAPACITY_ERROR"
    assert retries.exception_type("", "AlgorithmError: …") is None
    assert retries.exception_type("ValidationException", "") is None


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [
        ("P30D", 2_592_000),
        ("30d", 2_592_000),
        ("T16m", 960),
        ("30dT5h", 2_610_000),
        ("P1Y", 31_536_000),
        ("soon", None),
    ],
)
def test_durations_as_aws_writes_them(duration: str, seconds: float | None) -> None:
    assert retries.seconds(duration) == seconds
