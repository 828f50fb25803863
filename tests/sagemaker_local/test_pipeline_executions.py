"""Pipeline executions: real jobs in the order of their dependencies; failures, stops, retries and the cache."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sagemaker_local.conftest import OwnServer
from tests.sagemaker_local.pipeline_support import (
    SLEEP,
    compare,
    condition,
    create,
    definition,
    described,
    ended,
    fail,
    processing,
    run,
    start,
    step,
    steps,
    training,
)
from tests.sagemaker_local.support import IMAGE, ROLE, TRAIN, Bench, everything, unique, until

REPORT = """
import json, pathlib, sys
out = pathlib.Path("/opt/ml/processing/out"); out.mkdir(parents=True, exist_ok=True)
(out / "evaluation.json").write_text(json.dumps({"metrics": {"score": {"value": float(sys.argv[1])}}}))
"""
PROPERTY_FILE = {"PropertyFileName": "Evaluation", "OutputName": "report", "FilePath": "evaluation.json"}
SCORE = {
    "Std:JsonGet": {
        "PropertyFile": {"Get": "Steps.Evaluate.PropertyFiles.Evaluation"},
        "Path": "metrics.score.value",
    }
}
MODEL_DATA = {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"}
PARAMETERS = (
    {"Name": "Slope", "Type": "Float", "DefaultValue": 2.5},
    {"Name": "Least", "Type": "Float", "DefaultValue": 0.5},
    {"Name": "Score", "Type": "String", "DefaultValue": "0.75"},
)


def lifecycle(bench: Bench, group: str) -> str:
    """Train, evaluate, and, if the score is good enough, register and make a model; otherwise fail."""
    container = {"Image": IMAGE, "ModelDataUrl": MODEL_DATA}
    register = {
        "ModelPackageGroupName": group,
        "InferenceSpecification": {"Containers": [container], "SupportedContentTypes": ["text/csv"]},
        "ModelApprovalStatus": "PendingManualApproval",
    }
    message = {"Std:Join": {"On": ": ", "Values": ["Too low", SCORE, {"Get": "Execution.PipelineName"}]}}
    return definition(
        training(bench, "Train", arguments={"hyperparameters": {"slope": {"Get": "Parameters.Slope"}}}),
        processing(bench, "Evaluate", REPORT, {"Get": "Parameters.Score"}, MODEL_DATA, PropertyFiles=[PROPERTY_FILE]),
        condition(
            "GoodEnough",
            compare("GreaterThanOrEqualTo", SCORE, {"Get": "Parameters.Least"}),
            then=[
                step("Register", "RegisterModel", register, DisplayName="Register it"),
                step("Make", "Model", {"PrimaryContainer": container, "ExecutionRoleArn": ROLE}),
            ],
            otherwise=[fail("TooLow", message)],
        ),
        parameters=PARAMETERS,
        PipelineExperimentConfig={"ExperimentName": {"Get": "Execution.PipelineName"}, "TrialName": "t"},
    )


def test_train_evaluate_condition_register(bench: Bench) -> None:
    group = unique("group")
    name = create(bench, lifecycle(bench, group))
    arn = start(bench, name, {"Slope": "7.5"}, PipelineExecutionDisplayName="nightly")
    execution = ended(bench, arn)
    assert execution["PipelineExecutionStatus"] == "Succeeded", steps(bench, arn)
    assert execution["PipelineExecutionDisplayName"] == "nightly"
    assert execution["PipelineExperimentConfig"] == {"ExperimentName": name, "TrialName": "t"}
    ran = steps(bench, arn)
    assert list(ran)[:3] == ["Train", "Evaluate", "GoodEnough"]
    assert set(ran) == {"Train", "Evaluate", "GoodEnough", "Register", "Make"}
    assert all(each["StepStatus"] == "Succeeded" and each["EndTime"] >= each["StartTime"] for each in ran.values())
    assert ran["GoodEnough"]["Metadata"] == {"Condition": {"Outcome": "True"}}
    assert ran["Register"]["StepDisplayName"] == "Register it"

    job_name = ran["Train"]["Metadata"]["TrainingJob"]["Arn"].rsplit("/", 1)[1]
    identity = arn.rsplit("/", 1)[1]
    listed = everything(bench.sagemaker, "list_training_jobs", NameContains=f"pipelines-{identity}")
    assert len(listed) == 1
    assert listed[0]["TrainingJobArn"].endswith(job_name)
    assert re.fullmatch(rf"pipelines-{identity}-Train-[A-Za-z0-9]{{10}}", listed[0]["TrainingJobName"])
    tags = bench.sagemaker.list_tags(ResourceArn=listed[0]["TrainingJobArn"])["Tags"]
    assert {"Key": "sagemaker:pipeline-execution-arn", "Value": arn} in tags
    job = bench.describe(listed[0]["TrainingJobName"])
    assert job["HyperParameters"]["slope"] == "7.5"
    assert bench.unpacked(job["ModelArtifacts"]["S3ModelArtifacts"]) == {"slope.json": b"7.5"}

    package = bench.sagemaker.describe_model_package(
        ModelPackageName=ran["Register"]["Metadata"]["RegisterModel"]["Arn"]
    )
    assert (package["ModelPackageGroupName"], package["ModelPackageVersion"]) == (group, 1)
    container = package["InferenceSpecification"]["Containers"][0]
    assert container["ModelDataUrl"] == job["ModelArtifacts"]["S3ModelArtifacts"]
    assert f"/pipelines-{identity}-make-" in ran["Make"]["Metadata"]["Model"]["Arn"]


def test_the_other_side_of_a_condition_fails_the_execution_with_its_message(bench: Bench) -> None:
    name = create(bench, lifecycle(bench, unique("group")))
    arn = start(bench, name, {"Least": "0.9"})
    execution = ended(bench, arn)
    assert execution["PipelineExecutionStatus"] == "Failed"
    assert execution["FailureReason"] == "Step failure: One or multiple steps failed."
    ran = steps(bench, arn)
    assert set(ran) == {"Train", "Evaluate", "GoodEnough", "TooLow"}
    assert ran["GoodEnough"]["Metadata"] == {"Condition": {"Outcome": "False"}}
    assert ran["TooLow"]["StepStatus"] == "Failed"
    assert ran["TooLow"]["FailureReason"] == f"Too low: 0.75: {name}"
    assert ran["TooLow"]["Metadata"] == {"Fail": {"ErrorMessage": f"Too low: 0.75: {name}"}}
    summary = bench.sagemaker.list_pipeline_executions(PipelineName=name)["PipelineExecutionSummaries"][0]
    assert summary["PipelineExecutionStatus"] == "Failed"
    assert summary["PipelineExecutionFailureReason"] == "Step failure: One or multiple steps failed."


def test_parameters_definition_and_executions_are_listed(bench: Bench) -> None:
    text = definition(condition("C", compare("Equals", {"Get": "Parameters.Least"}, 1)), parameters=PARAMETERS)
    name = create(bench, text)
    arns = [start(bench, name, {"Least": "1"}) for _ in range(3)]
    for arn in arns:
        ended(bench, arn)
    given = bench.sagemaker.list_pipeline_parameters_for_execution(PipelineExecutionArn=arns[0])
    values = {each["Name"]: each["Value"] for each in given["PipelineParameters"]}
    assert values == {"Slope": "2.5", "Least": "1.0", "Score": "0.75"}
    answer = bench.sagemaker.describe_pipeline_definition_for_execution(PipelineExecutionArn=arns[0])
    assert answer["PipelineDefinition"] == text
    pages = bench.sagemaker.get_paginator("list_pipeline_executions").paginate(
        PipelineName=name, PaginationConfig={"PageSize": 2}
    )
    found = [each["PipelineExecutionArn"] for page in pages for each in page["PipelineExecutionSummaries"]]
    assert found == arns[::-1]


def test_steps_are_listed_latest_first_in_pages(bench: Bench) -> None:
    chain = [condition(f"C{n}", DependsOn=[f"C{n - 1}"] if n else []) for n in range(12)]
    execution, _ = run(bench, *chain)
    pages = list(
        bench.sagemaker.get_paginator("list_pipeline_execution_steps").paginate(
            PipelineExecutionArn=execution["PipelineExecutionArn"]
        )
    )
    assert [len(page["PipelineExecutionSteps"]) for page in pages] == [10, 2]
    names = [each["StepName"] for page in pages for each in page["PipelineExecutionSteps"]]
    assert names == [f"C{n}" for n in reversed(range(12))]


def test_one_token_starts_one_execution(bench: Bench) -> None:
    name = create(bench, definition(condition("C")))
    tokens = [start(bench, name, ClientRequestToken=token * 32) for token in "aab"]
    assert tokens[0] == tokens[1] != tokens[2]


def test_branches_run_side_by_side_and_no_more_at_once_than_allowed(bench: Bench) -> None:
    nap = "import time; time.sleep(0.8)"
    parts = [processing(bench, f"Part{n}", nap) for n in range(2)]
    name = create(bench, definition(*parts, condition("Both", DependsOn=["Part0", "Part1"])))

    def overlap(**more: Any) -> bool:
        arn = start(bench, name, **more)
        assert ended(bench, arn)["PipelineExecutionStatus"] == "Succeeded"
        first, second = (steps(bench, arn)[part] for part in ("Part0", "Part1"))
        assert steps(bench, arn)["Both"]["StartTime"] >= max(first["EndTime"], second["EndTime"])
        return bool(first["StartTime"] < second["EndTime"] and second["StartTime"] < first["EndTime"])

    assert overlap()
    assert not overlap(ParallelismConfiguration={"MaxParallelExecutionSteps": 1})


def test_a_failed_job_fails_its_step_and_what_depends_on_it_never_starts(bench: Bench) -> None:
    execution, ran = run(
        bench,
        training(bench, "Train", "raise SystemExit(3)"),
        fail("After", {"Std:Join": {"On": "", "Values": [MODEL_DATA]}}),
        condition("Beside"),
    )
    assert execution["PipelineExecutionStatus"] == "Failed"
    assert set(ran) == {"Train", "Beside"}
    assert (ran["Train"]["StepStatus"], ran["Train"]["AttemptCount"]) == ("Failed", 1)
    assert ran["Train"]["FailureReason"].startswith("ClientError: AlgorithmError: ")
    assert ran["Beside"]["StepStatus"] == "Succeeded"


def test_a_create_that_is_refused_fails_the_step_with_the_refusal(bench: Bench) -> None:
    bad = training(bench, "Train")
    bad["Arguments"]["StoppingCondition"]["MaxRuntimeInSeconds"] = 0
    _, ran = run(bench, bad)
    assert ran["Train"]["FailureReason"].startswith(
        "ClientError: Failed to invoke sagemaker:CreateTrainingJob. Error Details: 1 validation error detected"
    )
    assert ran["Train"].get("Metadata", {}) == {}


def test_a_reference_to_nothing_fails_the_step(bench: Bench) -> None:
    _, ran = run(bench, condition("A"), fail("B", {"Get": "Steps.A.Colour"}))
    assert ran["B"]["FailureReason"] == "ClientError: The property reference Steps.A.Colour has no value."


def test_a_step_may_run_because_another_failed(bench: Bench) -> None:
    execution, ran = run(
        bench,
        training(bench, "Train", "raise SystemExit(3)"),
        condition("Tell", DependsOn=[{"Step": "Train", "Trigger": "Failed"}]),
        condition("Go", DependsOn=["Train"]),
    )
    assert execution["PipelineExecutionStatus"] == "CompletedWithFailures"
    assert set(ran) == {"Train", "Tell"}


def test_a_stopped_execution_stops_its_jobs_and_starts_no_more(bench: Bench) -> None:
    name = create(bench, definition(training(bench, "Train", SLEEP), condition("After", DependsOn=["Train"])))
    arn = start(bench, name)
    job = until(lambda: steps(bench, arn).get("Train", {}), lambda each: "TrainingJob" in each.get("Metadata", {}))
    bench.sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)
    assert ended(bench, arn)["PipelineExecutionStatus"] == "Stopped"
    ran = steps(bench, arn)
    assert {each: ran[each]["StepStatus"] for each in ran} == {"Train": "Stopped"}
    training_job = job["Metadata"]["TrainingJob"]["Arn"]
    found = everything(bench.sagemaker, "list_training_jobs", NameContains=arn.rsplit("/", 1)[1])
    assert [(each["TrainingJobArn"], each["TrainingJobStatus"]) for each in found] == [(training_job, "Stopped")]
    with pytest.raises(ClientError) as refused:
        bench.sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)
    assert refused.value.response["Error"]["Code"] == "ConflictException"


def test_a_retry_continues_where_the_execution_failed(bench: Bench) -> None:
    wants = f"{unique('retry')}/wanted.txt"
    second = training(bench, "Second", arguments={"channels": {"data": f"s3://sagemaker-local-tests/{wants}"}})
    second["DependsOn"] = ["First"]
    name = create(bench, definition(training(bench, "First"), second, condition("Third", DependsOn=["Second"])))
    arn = start(bench, name)
    assert ended(bench, arn)["PipelineExecutionStatus"] == "Failed"
    first = steps(bench, arn)["First"]
    bench.put(wants, "here")
    bench.sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn)
    execution = ended(bench, arn)
    assert execution["PipelineExecutionStatus"] == "Succeeded", steps(bench, arn)
    assert "FailureReason" not in execution
    assert steps(bench, arn)["First"] == first
    assert set(steps(bench, arn)) == {"First", "Second", "Third"}
    with pytest.raises(ClientError, match="its status is Succeeded"):
        bench.sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn)


def test_a_cached_step_is_not_run_again_until_its_arguments_change(bench: Bench) -> None:
    arguments = {"hyperparameters": {"slope": {"Get": "Parameters.Slope"}}}
    train = training(bench, "Train", arguments=arguments, CacheConfig={"Enabled": True, "ExpireAfter": "30d"})
    name = create(bench, definition(train, fail("Tell", MODEL_DATA), parameters=PARAMETERS))
    ran = []
    for slope in ("1.0", "1.0", "4.0"):
        arn = start(bench, name, {"Slope": slope})
        ended(bench, arn)
        ran.append((arn, steps(bench, arn)))
    (first_arn, first), (_, again), (_, changed) = ran
    assert "CacheHitResult" not in first["Train"]
    assert again["Train"]["CacheHitResult"] == {"SourcePipelineExecutionArn": first_arn}
    assert again["Train"]["Metadata"] == first["Train"]["Metadata"]
    assert again["Tell"]["FailureReason"] == first["Tell"]["FailureReason"]
    assert "CacheHitResult" not in changed["Train"]


def test_an_expired_or_failed_run_is_not_taken_from_the_cache(bench: Bench) -> None:
    cached = {"Enabled": True, "ExpireAfter": "T1S"}
    name = create(bench, definition(processing(bench, "Work", "pass", CacheConfig=cached)))
    first = start(bench, name)
    ended(bench, first)
    expires = steps(bench, first)["Work"]["EndTime"] + timedelta(seconds=1)
    until(lambda: datetime.now(UTC) > expires)
    second = start(bench, name)
    ended(bench, second)
    assert "CacheHitResult" not in steps(bench, second)["Work"]
    failing = create(bench, definition(processing(bench, "Work", "raise SystemExit(1)", CacheConfig=cached)))
    for _ in range(2):
        arn = start(bench, failing)
        assert ended(bench, arn)["PipelineExecutionStatus"] == "Failed"
        assert "CacheHitResult" not in steps(bench, arn)["Work"]


def test_selected_steps_run_with_what_the_others_made_before(bench: Bench) -> None:
    given = (training(bench, "Train"), fail("Tell", MODEL_DATA))
    name = create(bench, definition(*given))
    first = start(bench, name)
    ended(bench, first)
    bench.sagemaker.update_pipeline(PipelineName=name, PipelineDefinition=definition(condition("Another"), *given))
    selected = {"SelectedSteps": [{"StepName": "Tell"}]}
    with pytest.raises(ClientError, match=r"null. The selected steps \[Tell\] have dependencies on \[Train\]"):
        start(bench, name, SelectiveExecutionConfig=selected)
    arn = start(bench, name, SelectiveExecutionConfig={**selected, "SourcePipelineExecutionArn": first})
    execution = ended(bench, arn)
    assert execution["SelectiveExecutionConfig"]["SourcePipelineExecutionArn"] == first
    ran = steps(bench, arn)
    assert set(ran) == {"Train", "Tell"}
    assert ran["Train"]["SelectiveExecutionResult"] == {"SourcePipelineExecutionArn": first}
    assert ran["Train"]["Metadata"] == steps(bench, first)["Train"]["Metadata"]
    assert ran["Tell"]["FailureReason"] == steps(bench, first)["Tell"]["FailureReason"]


def test_an_execution_can_be_updated_while_it_runs(bench: Bench) -> None:
    name = create(bench, definition(training(bench, "Train", SLEEP)))
    arn = start(bench, name)
    bench.sagemaker.update_pipeline_execution(PipelineExecutionArn=arn, PipelineExecutionDescription="by hand")
    assert described(bench, arn)["PipelineExecutionDescription"] == "by hand"
    assert described(bench, arn)["PipelineExecutionStatus"] == "Executing"
    bench.sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)
    ended(bench, arn)


def test_an_endpoint_is_made_by_steps(bench: Bench) -> None:
    names = {"model": bench.model(slope=3.0), "config": unique("config"), "endpoint": unique("endpoint")}
    variant = {
        "VariantName": "v",
        "ModelName": names["model"],
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
        "InitialVariantWeight": 1.0,
    }
    config = {"EndpointConfigName": names["config"], "ProductionVariants": [variant]}
    endpoint = {
        "EndpointName": names["endpoint"],
        "EndpointConfigName": {"Get": "Steps.Config.EndpointConfigName"},
    }
    execution, ran = run(bench, step("Config", "EndpointConfig", config), step("Deploy", "Endpoint", endpoint))
    assert execution["PipelineExecutionStatus"] == "Succeeded", ran
    assert bench.invoke(names["endpoint"]) == "3.0"
    bench.sagemaker.delete_endpoint(EndpointName=names["endpoint"])


def test_after_a_restart_an_execution_has_failed_and_a_retry_completes_it(
    start_server: Callable[..., OwnServer],
) -> None:
    server = start_server()
    slow = "import os, time\n" + TRAIN + "time.sleep(float(os.environ.get('NAP', '600')))\n"
    name = create(server.bench, definition(condition("Before"), training(server.bench, "Train", slow)))
    arn = start(server.bench, name)
    until(lambda: steps(server.bench, arn).get("Train", {}), lambda each: bool(each.get("Metadata")))
    server.end()
    bench = start_server().bench
    execution = described(bench, arn)
    assert execution["PipelineExecutionStatus"] == "Failed"
    assert "SageMaker local stopped while the execution was in progress" in execution["FailureReason"]
    ran = steps(bench, arn)
    assert {each: ran[each]["StepStatus"] for each in ran} == {"Before": "Succeeded", "Train": "Failed"}
    bench.sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn)
    job = until(lambda: steps(bench, arn).get("Train", {}), lambda each: each.get("StepStatus") == "Executing")
    assert job["Metadata"] != ran["Train"]["Metadata"]
    bench.sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)
    assert ended(bench, arn)["PipelineExecutionStatus"] == "Stopped"


def test_the_definition_of_an_execution_is_json_that_a_client_can_read(bench: Bench) -> None:
    name = create(bench, definition(condition("C")))
    arn = start(bench, name)
    answer = bench.sagemaker.describe_pipeline_definition_for_execution(PipelineExecutionArn=arn)
    assert json.loads(answer["PipelineDefinition"])["Steps"][0]["Name"] == "C"


def test_a_retry_policy_starts_a_new_job_after_an_internal_error(bench: Bench) -> None:
    policy = {"ExceptionType": ["SageMaker.JOB_INTERNAL_ERROR"], "IntervalSeconds": 1, "MaxAttempts": 1}
    pulls_the_rug = "import shutil; shutil.rmtree('/opt/ml/model')"
    execution, ran = run(
        bench, training(bench, "Train", pulls_the_rug, RetryPolicies=[policy]), training(bench, "Once", pulls_the_rug)
    )
    assert execution["PipelineExecutionStatus"] == "Failed"
    assert (ran["Train"]["AttemptCount"], ran["Once"]["AttemptCount"]) == (2, 1)
    assert ran["Once"]["FailureReason"].startswith("ClientError: InternalServerError: ")
    assert ran["Once"]["FailureReason"].endswith(
        "No retry policy configured for the exception type SAGEMAKER_JOB_INTERNAL_ERROR."
    )
    identity = execution["PipelineExecutionArn"].rsplit("/", 1)[1]
    made = everything(bench.sagemaker, "list_training_jobs", NameContains=f"pipelines-{identity}-Train-")
    assert len(made) == 2
