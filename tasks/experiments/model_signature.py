"""The signature of a model for MLflow, from the model's contract: its inputs and its answer to one row."""

from typing import TYPE_CHECKING, Any

from tabular.contract import Contract

if TYPE_CHECKING:
    from mlflow.models import ModelSignature

TYPES = {"integer": "long", "number": "double", "date": "datetime", "datetime": "datetime"}
"""MLflow's types of columns; the others are `string`."""


def signature(contract: Contract) -> "ModelSignature":
    """Return the signature. A nullable column is not required."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    inputs: list[Any] = [
        ColSpec(TYPES.get(column.type, "string"), column.name, required=not column.nullable)
        for column in contract.features
    ]
    return ModelSignature(inputs=Schema(inputs), outputs=Schema([ColSpec(*each) for each in _outputs(contract)]))


def _outputs(contract: Contract) -> list[tuple[Any, str]]:
    if not contract.classes:
        return [("double", "prediction")]
    return [("string", "prediction"), *(("double", f"probabilities.{name}") for name in contract.classes)]
