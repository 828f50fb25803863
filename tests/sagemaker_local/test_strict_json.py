"""Numbers that JSON does not have reach neither the store nor an answer."""

import json
import math
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape

from sagemaker_local import service_model, strict_json
from sagemaker_local.engine import Engine
from sagemaker_local.errors import AwsError, SerializationException, ValidationException
from sagemaker_local.executors.transform_data import DataProcessing
from sagemaker_local.executors.transform_records import RecordError
from sagemaker_local.pipeline_definition import definition
from sagemaker_local.pipeline_definition.parameters import Parameter
from sagemaker_local.pipeline_definition.values import json_at
from sagemaker_local.store import Record, Store
from tests.patience import until
from tests.sagemaker_local.engine_support import idle_engine
from tests.sagemaker_local.support import Bench, raw
from tests.sagemaker_local.test_tuning_jobs import request as tuning_request

NUMBERS = {"integer", "long", "float", "double", "timestamp"}
HOSTILE = [math.nan, math.inf, -math.inf, 10**400]
_DEPTH = 6


@pytest.mark.parametrize("text", ["NaN", "-Infinity", "1e400", "[1, -1e999]", "9" * 5_000, "[" * 100_000, "{", b"\xff"])
def test_what_is_no_json_is_refused_in_words(text: str | bytes) -> None:
    with pytest.raises(strict_json.NotJson) as refused:
        strict_json.loads(text)
    assert "sys." not in str(refused.value)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_nesting_has_a_limit_far_below_pythons(opening: str, closing: str) -> None:
    deepest = strict_json.DEEPEST
    assert strict_json.loads(opening * deepest + "1" + closing * deepest)
    with pytest.raises(strict_json.NotJson, match="nested too deeply"):
        strict_json.loads(opening * (deepest + 1) + "1" + closing * (deepest + 1))
    assert strict_json.loads(f"[{', '.join([opening + '1' + closing] * 1_000)}]"), "many are not deep"


def test_what_can_be_read_can_be_written() -> None:
    value = {"a": [1, -2.5, 1e308, "x", None, True, 10**300]}
    assert strict_json.loads(strict_json.dumps(value)) == value
    with pytest.raises(ValueError, match="not JSON compliant"):
        strict_json.dumps({"a": math.nan})


def places(shape: Shape, above: tuple[str, ...] = (), depth: int = _DEPTH) -> Iterator[tuple[tuple[str, ...], str]]:
    """The path to every number of a shape: member names, `[]` for an item, `{}` for a value of a map."""
    if shape.type_name in NUMBERS:
        yield above, shape.type_name
    elif depth and isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            yield from places(member, (*above, name), depth - 1)
    elif depth and isinstance(shape, ListShape):
        yield from places(shape.member, (*above, "[]"), depth - 1)
    elif depth and isinstance(shape, MapShape):
        yield from places(shape.value, (*above, "{}"), depth - 1)


def put(path: tuple[str, ...], value: Any) -> Any:
    """A request with a value at this place."""
    for part in reversed(path):
        value = [value] if part == "[]" else {"key" if part == "{}" else part: value}
    return value


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with idle_engine(tmp_path) as engine:
        yield engine


def test_no_action_takes_a_number_that_is_none_at_any_place(engine: Engine) -> None:
    asked = 0
    for action in engine.actions:
        shape = service_model.operation(action).input_shape
        for path, _ in places(shape) if shape else ():
            for number in HOSTILE:
                with pytest.raises(SerializationException):
                    engine.call(action, put(path, number))
                asked += 1
    assert asked > 1_000


@pytest.mark.parametrize("text", ['{"MaxResults": NaN}', '{"CreationTimeAfter": 1e400}', '{"NameContains": "\\ud800"}'])
def test_a_server_refuses_such_a_body_and_lists_still_answer(bench: Bench, text: str) -> None:
    status, body = raw(bench.url, "ListModels", text)
    assert (status, body["__type"]) == (400, "SerializationException")
    assert raw(bench.url, "ListModels", {})[0] == 200


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 50_000, b"\xff\xfe\xfd", '{"MaxResults": ' + "9" * 9_000 + "}"]
)
def test_a_body_that_no_parser_takes_is_a_400(bench: Bench, text: str | bytes) -> None:
    status, body = raw(bench.url, "ListModels", text)
    assert (status, body["__type"]) == (400, "SerializationException")


@pytest.mark.parametrize(
    ("action", "request_"),
    [
        ("ListModels", {"CreationTimeAfter": "yesterday"}),
        ("ListModels", {"CreationTimeBefore": 10**30}),
        ("UpdateEndpointWeightsAndCapacities", {"EndpointName": "e", "DesiredWeightsAndCapacities": "x"}),
        ("Search", {"Resource": "Model", "SearchExpression": "deep"}),
    ],
)
def test_no_request_makes_an_internal_failure(engine: Engine, action: str, request_: dict[str, Any]) -> None:
    if request_.get("SearchExpression"):
        deep: dict[str, Any] = {}
        for _ in range(900):
            deep = {"SubExpressions": [deep]}
        request_ = {**request_, "SearchExpression": deep}
    with pytest.raises(AwsError):
        engine.call(action, request_)


def test_a_store_with_such_numbers_is_mended_when_it_is_opened(tmp_path: Path) -> None:
    file = tmp_path / "store.sqlite3"
    store = Store(file)
    store.insert(Record("TrainingJob", "j", "arn:j", 1.0, 1.0, "Completed", {"Value": 1.5, "TrainingJobArn": "arn:j"}))
    store.close()
    database = sqlite3.connect(file)
    database.execute('UPDATE resources SET body = \'{"Value": NaN, "TrainingJobArn": "arn:j"}\'')
    database.execute("PRAGMA user_version = 0")
    database.commit()
    database.close()
    store = Store(file)
    record = store.get("TrainingJob", "j")
    assert record is not None
    assert record.body == {"Value": None, "TrainingJobArn": "arn:j"}
    assert store._rows("SELECT json_extract(body, '$.TrainingJobArn') FROM resources", ()) == [("arn:j",)]
    store.close()


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e400"])
def test_a_pipeline_takes_none_as_a_parameter(text: str) -> None:
    with pytest.raises(ValidationException, match="is not of type Float"):
        Parameter("p", "Float").value_of(text)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e400"])
def test_a_pipeline_takes_none_in_its_definition(number: str) -> None:
    with pytest.raises(ValidationException, match="The definition is not JSON"):
        definition.read(f'{{"Version": "2020-12-01", "Parameters": [], "Steps": [], "Metadata": {{"a": {number}}}}}')


def test_a_pipeline_that_is_nested_too_deeply_is_refused() -> None:
    deep = "[" * 900 + "]" * 900
    text = f'{{"Version": "2020-12-01", "Steps": [{{"Name": "F", "Type": "Fail", "Arguments": {{"a": {deep}}}}}]}}'
    with pytest.raises(ValidationException, match="nested too deeply"):
        definition.read(text)


def test_a_request_that_is_too_large_is_refused_and_blocks_no_other(bench: Bench) -> None:
    status, body = raw(bench.url, "ListModels", "[" + "1," * (3 << 20) + "1]")
    assert (status, body["__type"]) == (413, "RequestEntityTooLargeException")


def test_a_transform_joins_none() -> None:
    config = {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "Input"}
    processing = DataProcessing(config, "application/json", "application/json")
    with pytest.raises(RecordError, match="A record is not JSON: NaN is not a JSON number"):
        processing.results([b'{"a": 1}'], b'{"score": NaN}')


def test_a_property_file_with_one_is_no_json() -> None:
    assert json_at(strict_json.loads('{"rmse": 0.5}'), "rmse") == 0.5
    with pytest.raises(strict_json.NotJson):
        strict_json.loads('{"rmse": NaN}')


def test_a_trial_that_prints_none_has_no_objective_and_every_list_is_json(bench: Bench) -> None:
    asked = tuning_request(bench, jobs=4)
    config, block = asked["HyperParameterTuningJobConfig"], asked["TrainingJobDefinition"]
    config["Strategy"] = "Grid"
    config["ParameterRanges"] = {
        "CategoricalParameterRanges": [{"Name": "x", "Values": ["nan", "inf", "1e400", "0.5"]}]
    }
    source = bench.request("import sys\nprint(f'obj={sys.argv[sys.argv.index(\"-x\") + 1]};')\n")
    block["StaticHyperParameters"] = source["HyperParameters"]
    objective = config["HyperParameterTuningJobObjective"]["MetricName"]
    block["AlgorithmSpecification"]["MetricDefinitions"] = [{"Name": objective, "Regex": "obj=([^;]+);"}]
    bench.sagemaker.create_hyper_parameter_tuning_job(**asked)
    name = {"HyperParameterTuningJobName": asked["HyperParameterTuningJobName"]}
    job = until(
        lambda: bench.sagemaker.describe_hyper_parameter_tuning_job(**name),
        lambda job: job["HyperParameterTuningJobStatus"] not in ("InProgress", "Stopping"),
    )
    assert job["ObjectiveStatusCounters"] == {"Succeeded": 1, "Pending": 0, "Failed": 3}
    assert job["BestTrainingJob"]["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] == 0.5
    for action, request in (
        ("ListTrainingJobs", {"NameContains": asked["HyperParameterTuningJobName"]}),
        ("ListTrainingJobsForHyperParameterTuningJob", name),
        ("Search", {"Resource": "TrainingJob"}),
        ("DescribeHyperParameterTuningJob", name),
    ):
        status, answer = raw(bench.url, action, request)
        assert status == 200
        strict_json.loads(json.dumps(answer))
