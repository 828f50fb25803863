"""Client tokens: of two calls with one token only the first has an effect; other parameters are refused."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from botocore import xform_name

from offline_cloud import Cloud
from sagemaker_local import service_model
from sagemaker_local.engine import Engine
from sagemaker_local.errors import ConflictException
from sagemaker_local.idempotency import LIFETIME
from tests.sagemaker_local.engine_support import idle_engine
from tests.sagemaker_local.fake_clock import FakeClock
from tests.sagemaker_local.pipeline_support import condition, create, definition, ended, fail, start
from tests.sagemaker_local.support import ROLE, Bench, everything, unique
from tests.sagemaker_local.test_pipeline_callbacks import Queue, asking

Request = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """An action: a request that it takes, and the same with another parameter."""

    make: Callable[[Bench, Queue], Request]
    other: Request


def package(bench: Bench, queue: Queue) -> Request:
    group = unique("group")
    bench.sagemaker.create_model_package_group(ModelPackageGroupName=group)
    return {"ModelPackageGroupName": group}


def packaged(bench: Bench, queue: Queue) -> Request:
    return {"ModelPackageArn": bench.sagemaker.create_model_package(**package(bench, queue))["ModelPackageArn"]}


def pipeline(bench: Bench, queue: Queue) -> Request:
    return {"PipelineName": unique("p"), "PipelineDefinition": definition(condition("C")), "RoleArn": ROLE}


def piped(bench: Bench, queue: Queue) -> Request:
    return {"PipelineName": create(bench, definition(condition("C")))}


def failed(bench: Bench, queue: Queue) -> Request:
    arn = start(bench, create(bench, definition(fail("F"))))
    ended(bench, arn)
    return {"PipelineExecutionArn": arn}


def waiting(bench: Bench, queue: Queue) -> Request:
    arn = start(bench, create(bench, asking(queue)))
    queue.message()
    return {"PipelineExecutionArn": arn}


def asked(bench: Bench, queue: Queue) -> Request:
    start(bench, create(bench, asking(queue)))
    return {"CallbackToken": queue.message()["token"]}


MANY = {"ParallelismConfiguration": {"MaxParallelExecutionSteps": 7}}
CASES = {
    "CreateModelPackage": Case(package, {"ModelPackageDescription": "another"}),
    "UpdateModelPackage": Case(packaged, {"ApprovalDescription": "another"}),
    "CreatePipeline": Case(pipeline, {"PipelineDescription": "another"}),
    "DeletePipeline": Case(piped, {"PipelineName": "another"}),
    "StartPipelineExecution": Case(piped, {"PipelineExecutionDescription": "another"}),
    "RetryPipelineExecution": Case(failed, MANY),
    "StopPipelineExecution": Case(
        waiting, {"PipelineExecutionArn": "arn:aws:sagemaker:us-east-1:000000000000:pipeline/p/execution/abcdefghijkl"}
    ),
    "SendPipelineExecutionStepSuccess": Case(asked, {"OutputParameters": [{"Name": "a", "Value": "b"}]}),
    "SendPipelineExecutionStepFailure": Case(asked, {"FailureReason": "another"}),
}


@pytest.fixture
def queue(bench: Bench, cloud: Cloud) -> Queue:
    return Queue(cloud)


@pytest.mark.parametrize("action", CASES)
def test_one_token_does_one_thing(bench: Bench, queue: Queue, action: str) -> None:
    call = getattr(bench.sagemaker, xform_name(action))
    request = {**CASES[action].make(bench, queue), str(service_model.token_member(action)): str(uuid4())}
    first = answer(call(**request))
    assert answer(call(**request)) == first
    with pytest.raises(bench.sagemaker.exceptions.ClientError) as refused:
        call(**{**request, **CASES[action].other})
    assert refused.value.response["Error"]["Code"] == "ConflictException"
    assert "with other parameters. Use a new token." in refused.value.response["Error"]["Message"]
    if action == "CreateModelPackage":
        group = request["ModelPackageGroupName"]
        listed = everything(bench.sagemaker, "list_model_packages", ModelPackageGroupName=group)
        assert [each["ModelPackageVersion"] for each in listed] == [1]


def test_every_action_with_a_token_is_among_the_cases(engine: Engine) -> None:
    assert {action for action in engine.actions if service_model.token_member(action)} == set(CASES)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with idle_engine(tmp_path) as engine:
        engine.call("CreateModelPackageGroup", {"ModelPackageGroupName": "g"})
        yield engine


TOKENED = {"ModelPackageGroupName": "g", "ClientToken": "t" * 36}


def versions(engine: Engine) -> int:
    return len(engine.call("ListModelPackages", {"ModelPackageGroupName": "g"})["ModelPackageSummaryList"])


def test_a_token_is_known_for_eight_hours(engine: Engine) -> None:
    clock = engine.clock
    assert isinstance(clock, FakeClock)
    engine.call("CreateModelPackage", TOKENED)
    clock.advance(LIFETIME - 1)
    engine.call("CreateModelPackage", TOKENED)
    assert versions(engine) == 1
    clock.advance(2)
    engine.call("CreateModelPackage", TOKENED)
    assert versions(engine) == 2


def test_a_call_that_failed_may_be_repeated(engine: Engine) -> None:
    request = {**TOKENED, "ModelPackageGroupName": "later"}
    with pytest.raises(Exception, match="does not exist"):
        engine.call("CreateModelPackage", request)
    engine.call("CreateModelPackageGroup", {"ModelPackageGroupName": "later"})
    assert engine.call("CreateModelPackage", request)["ModelPackageArn"].endswith("/later/1")


def test_what_is_deleted_is_made_again(engine: Engine) -> None:
    arn = engine.call("CreateModelPackage", TOKENED)["ModelPackageArn"]
    engine.call("DeleteModelPackage", {"ModelPackageName": arn})
    assert engine.call("CreateModelPackage", TOKENED)["ModelPackageArn"].endswith("/2")


def test_other_parameters_change_nothing(engine: Engine) -> None:
    engine.call("CreateModelPackage", TOKENED)
    with pytest.raises(ConflictException):
        engine.call("CreateModelPackage", {**TOKENED, "ModelPackageDescription": "x"})
    assert versions(engine) == 1


def test_a_token_is_known_after_a_restart(tmp_path: Path) -> None:
    answers: list[dict[str, Any]] = []
    for _ in range(2):
        with idle_engine(tmp_path, tmp_path / "state.sqlite3") as engine:
            if not answers:
                engine.call("CreateModelPackageGroup", {"ModelPackageGroupName": "g"})
            answers.append(engine.call("CreateModelPackage", TOKENED))
            assert versions(engine) == 1
    assert answers[0] == answers[1]


@pytest.mark.parametrize("action", ["CreateModelPackage", "UpdateModelPackage"])
def test_a_change_whose_token_could_not_be_stored_is_not_made(tmp_path: Path, action: str) -> None:
    file = tmp_path / "state.sqlite3"
    with idle_engine(tmp_path, file) as engine, closing(sqlite3.connect(file)) as database:
        engine.call("CreateModelPackageGroup", {"ModelPackageGroupName": "g"})
        arn = engine.call("CreateModelPackage", {"ModelPackageGroupName": "g"})["ModelPackageArn"]
        approval = {"ModelPackageArn": arn, "ModelApprovalStatus": "Approved", "ClientToken": "u" * 36}
        request = {"CreateModelPackage": TOKENED, "UpdateModelPackage": approval}[action]
        database.execute("CREATE TRIGGER no_token BEFORE INSERT ON idempotency BEGIN SELECT RAISE(ABORT, 'full'); END")
        with pytest.raises(sqlite3.IntegrityError, match="full"):
            engine.call(action, request)
        package = engine.call("DescribeModelPackage", {"ModelPackageName": arn})
        assert (versions(engine), package["ModelApprovalStatus"]) == (1, "PendingManualApproval")
        database.execute("DROP TRIGGER no_token")
        engine.call(action, request)
        assert versions(engine) == (2 if action == "CreateModelPackage" else 1)


def answer(response: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in response.items() if name != "ResponseMetadata"}
