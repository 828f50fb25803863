"""The contract of a model, stored with it: its target and its features."""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tabular.columns import Column

FILE = "contract.json"
_COLUMN_KEYS = tuple(field.name for field in fields(Column))
"""The keys of a feature's column in the contract. Fields of subclasses are not stored."""


@dataclass(frozen=True)
class Contract:
    """The target, the features and the primary metric of a model."""

    use_case: str
    task: str
    """`binary`, `multiclass` or `regression`."""
    target: str
    classes: tuple[str, ...]
    """The classes in the order of the model's probabilities; empty for a regression."""
    primary: str
    features: tuple[Column, ...]
    seed: int

    @classmethod
    def read(cls, folder: Path) -> "Contract":
        """Read the contract in `folder`."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        features = tuple(_column(feature) for feature in content.pop("features"))
        return cls(**{**content, "classes": tuple(content["classes"]), "features": features})

    def json(self) -> str:
        """Return the contract as the text of its file."""
        features = [{name: getattr(column, name) for name in _COLUMN_KEYS} for column in self.features]
        return json.dumps({**asdict(self), "features": features}, indent=2, sort_keys=True)

    def inputs(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the (n, features) input of the model: float64, and objects with NaN for missing categories."""
        inputs = {}
        for column in self.features:
            values = frame[column.name]
            if column.type == "category":
                inputs[column.name] = values.astype(object).where(values.notna(), np.nan)
            else:
                inputs[column.name] = pd.Series(values.to_numpy("float64", na_value=np.nan), index=frame.index)
        return pd.DataFrame(inputs, index=frame.index)

    def outputs(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the (n,) target: class numbers, or floats for a regression."""
        if self.task == "regression":
            return np.asarray(frame[self.target], dtype="float64")
        numbers = {name: number for number, name in enumerate(self.classes)}
        return np.asarray(frame[self.target].map(numbers), dtype="int64")


def _column(content: dict[str, Any]) -> Column:
    known = {name: content[name] for name in _COLUMN_KEYS if name in content}  # other versions have other keys
    categories = tuple(content["categories"]) if content["categories"] else None
    return Column(**{**known, "categories": categories, "missing": tuple(content.get("missing", ()))})
