"""The contract of a model, stored with it: its target and its features."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from tabular.columns import Column
from tabular.derived import Derived, resolve
from tabular.engineered_features import Engineered
from tabular.expressions import Expression

FILE = "contract.json"
_COLUMN_KEYS = tuple(field.name for field in fields(Column))
"""The keys of a feature's column in the contract. Fields of subclasses are not stored."""
_NEWER = ("ordered", "max_length")
_OPTIONAL = ("derived", "used", "engineered", "indirect")
"""Keys that are stored only where they are set, so that the contracts of older schemas do not change."""


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
    """The columns of a request."""
    seed: int
    derived: tuple[Derived, ...] = ()
    """The derived columns, each after those that it uses."""
    used: tuple[str, ...] = ()
    """The pipeline's inputs among both; empty for all features. The others are used by derived columns only."""
    engineered: tuple[Engineered, ...] = ()
    """The features that a pipeline fits to the training rows, from its inputs."""
    indirect: tuple[str, ...] = ()
    """The inputs that only engineered features are computed from: they are not encoded themselves."""

    @classmethod
    def read(cls, folder: Path) -> "Contract":
        """Read the contract in `folder`."""
        return cls.parsed(json.loads((folder / FILE).read_text(encoding="utf-8")))

    @classmethod
    def parsed(cls, content: Mapping[str, Any]) -> "Contract":
        """Return the contract of the JSON object in its file."""
        known = {field.name: content[field.name] for field in fields(cls) if field.name in content}
        return cls(
            **{
                **known,
                "classes": tuple(content["classes"]),
                "features": tuple(_column(feature) for feature in content["features"]),
                "derived": tuple(Derived(**each) for each in content.get("derived", ())),
                "used": tuple(content.get("used", ())),
                "engineered": tuple(Engineered.parsed(each) for each in content.get("engineered", ())),
                "indirect": tuple(content.get("indirect", ())),
            }
        )

    def json(self) -> str:
        """Return the contract as the text of its file."""
        features = [_described(column) for column in self.features]
        unset = {name for name in _OPTIONAL if not getattr(self, name)}
        content = {**{name: value for name, value in asdict(self).items() if name not in unset}, "features": features}
        if self.engineered:
            content["engineered"] = [each.described() for each in self.engineered]
        return json.dumps(content, indent=2, sort_keys=True)

    @cached_property
    def input_columns(self) -> tuple[Column, ...]:
        """The columns of the pipeline's input: features, and derived columns."""
        known = {column.name: column for column in (*self.features, *(each.column for each in self.derived))}
        return tuple(known[name] for name in self.used) if self.used else self.features

    @property
    def encoded_columns(self) -> tuple[Column, ...]:
        """The input columns that the pipeline encodes as they are."""
        return tuple(column for column in self.input_columns if column.name not in self.indirect)

    @cached_property
    def expressions(self) -> dict[str, Expression]:
        """The expressions of the derived columns, each after those that it uses. Raises ValueError for invalid ones."""
        found = resolve(self.features, {each.name: each for each in self.derived})
        if found.problems:
            raise ValueError(f"contract of {self.use_case}: derived columns: {found.problems}")
        return found.expressions


def _described(column: Column) -> dict[str, Any]:
    content = {name: getattr(column, name) for name in _COLUMN_KEYS if name not in _NEWER or getattr(column, name)}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in content.items()}


def _column(content: dict[str, Any]) -> Column:
    known = {name: content[name] for name in _COLUMN_KEYS if name in content}  # other versions have other keys
    categories = tuple(content["categories"]) if content["categories"] else None
    for name in ("minimum", "maximum"):
        if isinstance(limit := known.get(name), str):  # of a date
            known[name] = datetime.fromisoformat(limit)
    return Column(**{**known, "categories": categories, "missing": tuple(content.get("missing", ()))})
