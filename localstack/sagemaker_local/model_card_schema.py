"""The JSON schema of a model card's content.

Developer Guide, "Amazon SageMaker Model Cards": Model card JSON schema.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jsonschema import Draft7Validator

Schema = dict[str, Any]


def problem(content: Any) -> str | None:
    """The first part of a content that does not fit the schema, with its place; None for a valid one."""
    found = min(_validator().iter_errors(content), key=lambda error: list(map(str, error.absolute_path)), default=None)
    if found is None:
        return None
    place = "/".join(map(str, ["#", *found.absolute_path]))
    return f"{place}: {found.message[:500]}"


def _text(most: int) -> Schema:
    return {"type": "string", "maxLength": most}


def _name(most: int) -> Schema:
    return {"type": "string", "pattern": f".{{1,{most}}}"}


def _texts(most: int, items: int) -> Schema:
    return {"type": "array", "items": _text(most), "maxItems": items}


def _list(item: Schema, most: int | None = None) -> Schema:
    return {"type": "array", "items": item, **({"maxItems": most} if most else {})}


def _object(required: tuple[str, ...] = (), **properties: Schema) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": properties,
    }


def _enum(*values: str) -> Schema:
    return {"type": "string", "enum": list(values)}


def _metric(kinds: tuple[str, ...], value: Schema, x: Schema, y: Schema) -> Schema:
    return _object(
        ("name", "type", "value"),
        name=_name(255), notes=_text(1024), type=_enum(*kinds), value=value, x_axis_name=x, y_axis_name=y,
    )  # fmt: skip


_NUMBER: Schema = {"type": "number"}
_AXIS, _AXES = _text(63), _list(_text(63))
_CONTAINERS = _object(container_image=_texts(1024, 15))
_METRICS = (
    _metric(("number", "string", "boolean"), {"anyOf": [_NUMBER, _text(63), {"type": "boolean"}]}, _AXIS, _AXIS),
    _metric(("linear_graph",), {**_list({**_list(_NUMBER, 2), "minItems": 2}), "minItems": 1}, _AXIS, _AXIS),
    _metric(("bar_chart",), {**_list(_NUMBER), "minItems": 1}, _AXES, _AXIS),
    _metric(("matrix",), {**_list({**_list(_NUMBER, 20), "minItems": 1}, 20), "minItems": 1}, _AXES, _AXES),
)
_TRAINING_METRIC = _object(("name", "value"), name=_name(255), notes=_text(1024), value=_NUMBER)
_HYPERPARAMETER = _object(("name", "value"), name=_name(255), value=_name(255))

SCHEMA = _object(
    model_overview=_object(
        model_id=_text(1024), model_name=_text(1024), model_version={"type": ["number", "string"]},
        model_description=_text(1024), model_creator=_text(1024), model_artifact=_texts(1024, 15),
        algorithm_type=_text(1024), problem_type={"type": "string"}, model_owner=_text(1024),
        inference_environment=_CONTAINERS,
    ),
    intended_uses=_object(
        purpose_of_model=_text(2048), intended_uses=_text(2048), factors_affecting_model_efficiency=_text(2048),
        risk_rating=_enum("High", "Medium", "Low", "Unknown"), explanations_for_risk_rating=_text(2048),
    ),
    business_details=_object(
        business_problem=_text(2048), business_stakeholders=_text(2048), line_of_business=_text(2048)
    ),
    training_details=_object(
        objective_function=_object(
            function=_enum("Maximize", "Minimize"), facet=_text(63), condition=_text(63), notes=_text(1024)
        ),
        training_observations=_text(1024),
        training_job_details=_object(
            training_arn=_text(1024), training_datasets=_texts(1024, 15), training_environment=_CONTAINERS,
            training_metrics=_list(_TRAINING_METRIC, 50), user_provided_training_metrics=_list(_TRAINING_METRIC, 50),
            hyper_parameters=_list(_HYPERPARAMETER, 100), user_provided_hyper_parameters=_list(_HYPERPARAMETER, 100),
        ),
    ),
    evaluation_details=_list(
        _object(
            ("name",),
            name=_name(63), evaluation_observation=_text(2096), evaluation_job_arn=_text(256),
            datasets=_texts(1024, 10), metadata={"type": "object", "additionalProperties": _text(1024)},
            metric_groups=_list(
                _object(("name", "metric_data"), name=_name(63), metric_data=_list({"anyOf": list(_METRICS)}))
            ),
        )
    ),
    additional_information=_object(
        ethical_considerations=_text(2048), caveats_and_recommendations=_text(2048),
        custom_details={"type": "object", "additionalProperties": _text(1024)},
    ),
)  # fmt: skip
"""The sections of a card; each is optional."""


@cache
def _validator() -> Draft7Validator:
    from jsonschema import Draft7Validator

    return Draft7Validator(SCHEMA)
