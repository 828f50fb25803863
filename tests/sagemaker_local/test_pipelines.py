"""Pipelines as resources: definitions, versions, lists, and refusals before anything is stored."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sagemaker_local.pipeline_support import (
    compare,
    condition,
    create,
    definition,
    ended,
    fail,
    start,
    step,
    training,
)
from tests.sagemaker_local.support import BUCKET, ROLE, Bench, everything, raw, unique

SIMPLE = definition(condition("Check", compare("Equals", 1, 1)))


def code(refused: Any) -> tuple[str, str]:
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_pipeline_describes_what_was_created_and_a_second_of_its_name_is_refused(bench: Bench) -> None:
    name = create(bench, SIMPLE)
    pipeline = bench.sagemaker.describe_pipeline(PipelineName=name)
    assert pipeline["PipelineArn"] == f"arn:aws:sagemaker:us-east-1:000000000000:pipeline/{name}"
    assert (pipeline["PipelineDefinition"], pipeline["PipelineStatus"]) == (SIMPLE, "Active")
    assert (pipeline["RoleArn"], pipeline["PipelineDisplayName"]) == (ROLE, name)
    assert bench.sagemaker.describe_pipeline(PipelineName=pipeline["PipelineArn"])["PipelineName"] == name
    with pytest.raises(ClientError) as refused:
        create(bench, SIMPLE, name)
    assert code(refused) == (
        "ValidationException",
        f"Pipeline names must be unique within an AWS account and region. Pipeline with name ({name}) already exists.",
    )


def test_one_token_creates_one_pipeline(bench: Bench) -> None:
    request = {"PipelineName": unique("pipeline"), "PipelineDefinition": SIMPLE, "RoleArn": ROLE}
    first = bench.sagemaker.create_pipeline(**request, ClientRequestToken="a" * 32)
    again = bench.sagemaker.create_pipeline(**request, ClientRequestToken="a" * 32)
    assert again["PipelineArn"] == first["PipelineArn"]
    with pytest.raises(ClientError, match="must be unique"):
        bench.sagemaker.create_pipeline(**request, ClientRequestToken="b" * 32)


def test_a_definition_may_be_in_s3(bench: Bench) -> None:
    name = unique("pipeline")
    bench.put(f"{name}/definition.json", SIMPLE)
    location = {"Bucket": BUCKET, "ObjectKey": f"{name}/definition.json"}
    bench.sagemaker.create_pipeline(PipelineName=name, PipelineDefinitionS3Location=location, RoleArn=ROLE)
    assert bench.sagemaker.describe_pipeline(PipelineName=name)["PipelineDefinition"] == SIMPLE


def test_every_update_is_a_version_and_earlier_ones_can_be_read_and_run(bench: Bench) -> None:
    name = create(bench, SIMPLE)
    second = definition(fail("Stop", "second"))
    answer = bench.sagemaker.update_pipeline(PipelineName=name, PipelineDefinition=second, PipelineDescription="new")
    assert answer["PipelineVersionId"] == 2
    assert bench.sagemaker.describe_pipeline(PipelineName=name)["PipelineDefinition"] == second
    earlier = bench.sagemaker.describe_pipeline(PipelineName=name, PipelineVersionId=1)
    assert earlier["PipelineDefinition"] == SIMPLE
    listed = bench.sagemaker.list_pipeline_versions(PipelineName=name)["PipelineVersionSummaries"]
    assert [version["PipelineVersionId"] for version in listed] == [2, 1]
    bench.sagemaker.update_pipeline_version(
        PipelineArn=answer["PipelineArn"], PipelineVersionId=1, PipelineVersionDisplayName="first"
    )
    earlier = bench.sagemaker.describe_pipeline(PipelineName=name, PipelineVersionId=1)
    assert earlier["PipelineVersionDisplayName"] == "first"
    first = ended(bench, start(bench, name, PipelineVersionId=1))
    assert (first["PipelineExecutionStatus"], first["PipelineVersionId"]) == ("Succeeded", 1)
    assert ended(bench, start(bench, name))["PipelineExecutionStatus"] == "Failed"


def test_lists_filter_by_prefix_and_tell_of_the_last_run(bench: Bench) -> None:
    prefix = unique("listed")
    for number in range(3):
        create(bench, SIMPLE, f"{prefix}-{number}")
    ended(bench, start(bench, f"{prefix}-1"))
    by_name = {"SortBy": "Name", "SortOrder": "Ascending"}
    listed = everything(bench.sagemaker, "list_pipelines", PipelineNamePrefix=prefix, **by_name)
    assert [each["PipelineName"] for each in listed] == [f"{prefix}-{n}" for n in range(3)]
    assert ["LastExecutionTime" in each for each in listed] == [False, True, False]
    newest = everything(bench.sagemaker, "list_pipelines", PipelineNamePrefix=prefix)[0]
    assert newest["PipelineName"] == f"{prefix}-2"


def test_a_deleted_pipeline_is_gone_with_its_executions(bench: Bench) -> None:
    name = create(bench, SIMPLE)
    arn = start(bench, name)
    ended(bench, arn)
    bench.sagemaker.delete_pipeline(PipelineName=name)
    with pytest.raises(ClientError) as refused:
        bench.sagemaker.describe_pipeline(PipelineName=name)
    assert code(refused) == (
        "ResourceNotFound",
        f"Pipeline 'arn:aws:sagemaker:us-east-1:000000000000:pipeline/{name}' does not exist.",
    )
    with pytest.raises(ClientError, match="does not exist"):
        bench.sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
    create(bench, SIMPLE, name)


def test_tags_of_a_pipeline(bench: Bench) -> None:
    name, tag = unique("pipeline"), {"Key": "team", "Value": "enrollment"}
    arn = bench.sagemaker.create_pipeline(PipelineName=name, PipelineDefinition=SIMPLE, RoleArn=ROLE, Tags=[tag])[
        "PipelineArn"
    ]
    assert everything(bench.sagemaker, "list_tags", ResourceArn=arn) == [tag]


REFERS = {"Get": "Steps.Nowhere.ModelName"}
REFUSED = {
    "no JSON": ("{", "is not JSON"),
    "no object": ("[]", "Expecting start of Json Object."),
    "another version": (json.dumps({"Version": "1", "Steps": []}), "Version must be '2020-12-01'"),
    "no steps": (json.dumps({"Version": "2020-12-01"}), "Expecting start of Json Array."),
    "an unknown type": (definition(step("A", "Teleport", {})), "Unknown step type 'Teleport'"),
    "two of a name": (definition(fail("A"), condition("B", then=[fail("A")])), "'A' is the name of several steps"),
    "a name with a space": (definition(fail("A B")), r"must satisfy regular expression pattern: \[A-Za-z0-9"),
    "an unknown step": (definition(fail("A", REFERS)), "refers to step 'Nowhere', which is not in the pipeline"),
    "an unknown dependency": (definition(fail("A", DependsOn=["B"])), "refers to step 'B'"),
    "an unknown parameter": (definition(fail("A", {"Get": "Parameters.P"})), "refers to parameter 'P'"),
    "an unknown variable": (definition(fail("A", {"Get": "Execution.Moon"})), "refers to execution variable 'Moon'"),
    "a broken reference": (definition(fail("A", {"Get": "Elsewhere"})), "Invalid property reference 'Elsewhere'"),
    "an unknown argument": (definition(step("A", "Training", {"Colour": 1})), "Unknown Argument member 'Colour'."),
    "what depends on Fail": (definition(fail("F"), condition("C", DependsOn=["F"])), "C can not depends on F"),
    "a dependency on nothing": (definition(fail("A", DependsOn=[{}])), "Model Validation failed: KeyError: 'Step'"),
    "a callback without a queue": (definition(step("A", "Callback", {})), "'A' needs a SqsQueueUrl"),
    "an unknown operator": (definition(condition("A", {"Type": "Like"})), "Unknown condition type 'Like'"),
    "half a comparison": (
        definition(condition("A", {"Type": "Not", "Condition": {"Type": "Equals", "LeftValue": 1}})),
        "Condition Equals lacks RightValue",
    ),
    "a cycle": (
        definition(condition("A", DependsOn=["B"]), condition("B", DependsOn=["A"])),
        "The steps depend on each other in a cycle: (A -> B -> A|B -> A -> B)",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_definition_that_could_never_run_is_refused_and_not_kept(bench: Bench, what: str) -> None:
    text, message = REFUSED[what]
    name = unique("pipeline")
    with pytest.raises(ClientError, match=message) as refused:
        create(bench, text, name)
    assert code(refused)[0] == "ValidationException"
    assert code(refused)[1].startswith("Unable to parse pipeline definition. ")
    with pytest.raises(ClientError, match="does not exist"):
        bench.sagemaker.describe_pipeline(PipelineName=name)


def test_a_step_type_that_is_not_here_yet_is_named(bench: Bench) -> None:
    text = definition(step("A", "Lambda", {}))
    request = {"PipelineName": "p", "PipelineDefinition": text, "RoleArn": ROLE, "ClientRequestToken": "t" * 32}
    status, answer = raw(bench.url, "CreatePipeline", request)
    assert (status, answer["__type"]) == (501, "NotImplementedException")
    assert "steps of type Lambda are not implemented" in answer["message"]


P = (
    {"Name": "N", "Type": "Integer"},
    {"Name": "Mode", "Type": "String", "DefaultValue": "a", "EnumValues": ["a", "b"]},
)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "without a default value must be given: N"),
        ({"N": "many"}, "'many' of pipeline parameter N is not of type Integer"),
        ({"N": "1", "M": "1"}, "not defined in the pipeline: M"),
        ({"N": "1", "Mode": "c"}, "must be one of a, b"),
    ],
)
def test_an_execution_with_wrong_parameters_is_refused_and_not_kept(
    bench: Bench, given: dict[str, str], message: str
) -> None:
    name = create(bench, definition(condition("C", compare("Equals", {"Get": "Parameters.N"}, 1)), parameters=P))
    with pytest.raises(ClientError, match=message) as refused:
        start(bench, name, given)
    assert code(refused)[0] == "ValidationException"
    assert bench.sagemaker.list_pipeline_executions(PipelineName=name)["PipelineExecutionSummaries"] == []


def test_an_unknown_pipeline_can_not_be_started(bench: Bench) -> None:
    with pytest.raises(ClientError) as refused:
        start(bench, "nope")
    assert code(refused)[0] == "ResourceNotFound"


def test_a_pipeline_whose_execution_runs_is_not_deleted(bench: Bench) -> None:
    name = create(bench, definition(training(bench, "Train", "import time; time.sleep(600)")))
    arn = start(bench, name)
    with pytest.raises(ClientError) as refused:
        bench.sagemaker.delete_pipeline(PipelineName=name)
    assert code(refused)[0] == "ConflictException"
    bench.sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)
    assert ended(bench, arn)["PipelineExecutionStatus"] == "Stopped"
    bench.sagemaker.delete_pipeline(PipelineName=name)
