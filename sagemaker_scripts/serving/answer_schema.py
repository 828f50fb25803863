"""The JSON Schemas of responses, from a contract, with examples."""

from collections.abc import Mapping, Sequence
from typing import Any

from tabular.contract import Contract

PROBLEM = {
    "type": "object",
    "required": ["row", "column", "expected", "found"],
    "properties": {
        "row": {"type": ["integer", "null"], "description": "The row number from 0; null for a problem of all rows."},
        "column": {"type": "string", "description": "The column; empty for a problem of a whole row."},
        "expected": {"type": "string"},
        "found": {"type": "string", "description": "Hidden for a sensitive column."},
    },
}
PROBLEMS = {"type": "array", "items": {"$ref": "#/components/schemas/Problem"}}
REFUSAL = {
    "type": "object",
    "required": ["error", "problems"],
    "properties": {"error": {"type": "string", "description": "One sentence."}, "problems": PROBLEMS},
}
ROW_ERROR = {
    "type": "object",
    "description": "In the place of a prediction, with `on_error=row`.",
    "required": ["error"],
    "properties": {"error": {"type": "object", "required": ["problems"], "properties": {"problems": PROBLEMS}}},
}
MODEL = {
    "type": "object",
    "description": "With `version=true`: the model that predicted.",
    "required": ["digest", "version"],
    "properties": {"digest": {"type": "string"}, "version": {"type": "string"}},
}


def schemas(contract: Contract) -> dict[str, Any]:
    """Return the schemas of responses, by name."""
    return {
        "Problem": PROBLEM,
        "Refusal": REFUSAL,
        "RowError": ROW_ERROR,
        "Model": MODEL,
        "Prediction": _prediction(contract),
        "Predictions": {
            "type": "object",
            "required": ["predictions"],
            "properties": {
                "predictions": {"type": "array", "items": {"anyOf": _references("Prediction", "RowError")}},
                "model": {"$ref": "#/components/schemas/Model"},
            },
        },
    }


def _references(*names: str) -> list[Mapping[str, str]]:
    return [{"$ref": f"#/components/schemas/{name}"} for name in names]


def _prediction(contract: Contract) -> dict[str, Any]:
    properties: dict[str, Any] = {"prediction": {"type": "number", "description": f"The predicted {contract.target}."}}
    if contract.classes:
        properties = {
            "prediction": {"enum": list(contract.classes), "description": f"The most probable {contract.target}."},
            "probabilities": _probabilities(contract.classes),
        }
    return {
        "type": "object",
        "required": list(properties),
        "properties": {
            **properties,
            **_intervals(contract),
            "reasons": _reasons(contract),
            "model": {"$ref": "#/components/schemas/Model"},
        },
    }


def _probabilities(classes: Sequence[str]) -> dict[str, Any]:
    share = {"type": "number", "minimum": 0, "maximum": 1}
    return {"type": "object", "required": list(classes), "properties": dict.fromkeys(classes, share)}


def _intervals(contract: Contract) -> dict[str, Any]:
    share = {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}
    coverage = {**share, "description": "The share of true values that it is made to have."}
    if contract.classes:
        content = {"classes": {"type": "array", "minItems": 1, "items": {"enum": list(contract.classes)}}}
        name, what = "set", "the classes that it may be"
    else:
        content = {"low": {"type": "number"}, "high": {"type": "number"}}
        name, what = "interval", "the interval of the prediction"
    return {
        name: {
            "type": "object",
            "description": f"With `intervals=true`: {what}, by split conformal prediction.",
            "required": [*content, "coverage"],
            "properties": {**content, "coverage": coverage},
        }
    }


def _reasons(contract: Contract) -> dict[str, Any]:
    return {
        "type": "array",
        "description": "With `reasons=N`: the N largest contributions to the prediction, the largest first.",
        "items": {
            "type": "object",
            "required": ["column", "contribution"],
            "properties": {
                "column": {"enum": [column.name for column in contract.input_columns]},
                "contribution": {"type": "number"},
            },
        },
    }


def example_prediction(contract: Contract) -> dict[str, Any]:
    """Return an example of a prediction, which no model made."""
    if not contract.classes:
        return {"prediction": 1.0}
    probabilities = dict.fromkeys(contract.classes, 1 / len(contract.classes))
    return {"prediction": contract.classes[0], "probabilities": probabilities}
