"""The parameters of a pipeline: their types, their defaults, and their values in an execution."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from sagemaker_local.errors import ValidationException

_TYPES = {"String": str, "Integer": int, "Float": float, "Boolean": bool}


@dataclass(frozen=True)
class Parameter:
    """One entry of the definition's Parameters."""

    name: str
    type: str
    default: Any = None
    allowed: tuple[str, ...] = ()

    @classmethod
    def read(cls, entry: dict[str, Any]) -> Parameter:
        """Raises ValidationException for another type than the four."""
        if entry.get("Type") not in _TYPES:
            raise ValidationException(
                f"Unable to parse pipeline definition. Parameter {entry.get('Name')!r} has the unknown type "
                f"{entry.get('Type')!r}."
            )
        return cls(entry["Name"], entry["Type"], entry.get("DefaultValue"), tuple(entry.get("EnumValues") or ()))

    def value_of(self, text: str) -> Any:
        """The value of a string in StartPipelineExecution.

        Raises:
            ValidationException: it is not a value of this type, or not an allowed one.
        """
        if self.allowed and text not in self.allowed:
            raise ValidationException(
                f"Value {text!r} of pipeline parameter {self.name} must be one of {', '.join(self.allowed)}."
            )
        try:
            if self.type == "Boolean":
                return {"true": True, "false": False}[text.lower()]
            value = _TYPES[self.type](text)
            if isinstance(value, str) or math.isfinite(value):
                return value
        except (KeyError, ValueError, OverflowError):
            pass
        raise ValidationException(f"Value {text!r} of pipeline parameter {self.name} is not of type {self.type}.")


def values(parameters: dict[str, Parameter], given: list[dict[str, str]]) -> dict[str, Any]:
    """The value of every parameter in one execution: the given one, or the default.

    Raises:
        ValidationException: an unknown parameter is given, or one without a default is missing.
    """
    texts = {item["Name"]: item["Value"] for item in given}
    if unknown := [name for name in texts if name not in parameters]:
        raise ValidationException(f"Parameters not defined in the pipeline: {', '.join(unknown)}.")
    missing = [name for name, each in parameters.items() if each.default is None and name not in texts]
    if missing:
        raise ValidationException(f"Parameters without a default value must be given: {', '.join(missing)}.")
    return {name: each.value_of(texts[name]) if name in texts else each.default for name, each in parameters.items()}


def text_of(value: Any) -> str:
    """A value as AWS converts it to a string."""
    return str(value).lower() if isinstance(value, bool) else str(value)
