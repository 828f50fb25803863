"""The signature of a model in MLflow."""

import json
from dataclasses import replace

from mlflow.models import ModelSignature

from tabular.columns import Column
from tasks.experiments.model_signature import signature
from tasks.model_contract import contract
from tests.use_cases import small_use_case

COLUMNS = (
    Column("size", "number"),
    Column("floor", "integer", nullable=True),
    Column("day", "date"),
    Column("seen", "datetime"),
    Column("colour", "category", categories=("green", "red")),
)


def test_inputs_have_mlflow_s_types_and_nullable_columns_are_not_required() -> None:
    found = signature(replace(contract(small_use_case()), features=COLUMNS))
    assert [(each.name, each.type.name, each.required) for each in found.inputs.inputs] == [
        ("size", "double", True),
        ("floor", "long", False),
        ("day", "datetime", True),
        ("seen", "datetime", True),
        ("colour", "string", True),
    ]


def test_the_answer_of_a_classifier_has_a_probability_for_each_class_in_the_model_s_order() -> None:
    found = signature(replace(contract(small_use_case()), classes=("yes", "no")))
    assert outputs(found) == {"prediction": "string", "probabilities.yes": "double", "probabilities.no": "double"}
    assert list(outputs(found)) == ["prediction", "probabilities.yes", "probabilities.no"]


def test_the_answer_of_a_regression_is_a_number() -> None:
    assert outputs(signature(replace(contract(small_use_case()), classes=()))) == {"prediction": "double"}


def outputs(found: ModelSignature) -> dict[str, str]:
    return {column["name"]: column["type"] for column in json.loads(found.to_dict()["outputs"])}
