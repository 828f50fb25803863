"""The ranges of a tuning job's hyperparameters, read from ParameterRanges and checked."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sagemaker_local.errors import NotImplementedAction, ValidationException

_ORDERS_OF_MAGNITUDE = 1000.0  # the ratio of bounds from which Auto is logarithmic


@dataclass(frozen=True)
class NumericRange:
    """An IntegerParameterRange or a ContinuousParameterRange."""

    name: str
    low: float
    high: float
    integer: bool
    scaling: str
    """`Linear`, `Logarithmic` or `ReverseLogarithmic`; Auto is resolved."""

    @property
    def size(self) -> float:
        """How many values it has."""
        if self.low == self.high:
            return 1.0
        return self.high - self.low + 1 if self.integer else math.inf

    def text(self, value: float) -> str:
        """A value as text for a training job."""
        return str(round(value)) if self.integer else repr(float(value))


@dataclass(frozen=True)
class CategoricalRange:
    name: str
    values: tuple[str, ...]

    @property
    def size(self) -> float:
        return float(len(self.values))


Range = NumericRange | CategoricalRange


def ranges_of(block: dict[str, Any]) -> list[Range]:
    """The ranges of a ParameterRanges block.

    Raises:
        ValidationException: a bound is not a number, the bounds are reversed, or a scale does not fit them.
    """
    if block.get("AutoParameters"):
        raise NotImplementedAction("AutoParameters are not implemented by SageMaker local yet.")
    return [
        *(_numeric(item, integer=True) for item in block.get("IntegerParameterRanges", [])),
        *(_numeric(item, integer=False) for item in block.get("ContinuousParameterRanges", [])),
        *(_categorical(item) for item in block.get("CategoricalParameterRanges", [])),
    ]


def combinations(ranges: list[Range]) -> float:
    """The number of combinations that the ranges allow; infinity if one is continuous."""
    return math.prod(each.size for each in ranges)


def every_setting(ranges: list[Range]) -> Iterator[dict[str, str]]:
    """All combinations of ranges without a continuous one; the last range varies fastest."""
    if not ranges:
        yield {}
        return
    first, *others = ranges
    for value in _texts(first):
        for rest in every_setting(others):
            yield {first.name: value, **rest}


def _texts(each: Range) -> Iterator[str]:
    if isinstance(each, CategoricalRange):
        yield from each.values
    elif each.low == each.high:
        yield each.text(each.low)
    else:
        yield from (str(value) for value in range(round(each.low), round(each.high) + 1))


def _numeric(item: dict[str, Any], *, integer: bool) -> NumericRange:
    name = item["Name"]
    low, high = (_number(name, member, item[member], integer=integer) for member in ("MinValue", "MaxValue"))
    if low > high:
        raise ValidationException(
            f"The MinValue [{item['MinValue']}] of hyperparameter [{name}] must be less than or equal to its "
            f"MaxValue [{item['MaxValue']}]."
        )
    scaling = item.get("ScalingType", "Auto")
    if scaling == "Logarithmic" and low <= 0:
        raise ValidationException(
            f"Logarithmic scaling of hyperparameter [{name}] needs a range of values greater than 0; "
            f"its MinValue is [{item['MinValue']}]."
        )
    if scaling == "ReverseLogarithmic" and (integer or not (low >= 0 and high < 1)):
        raise ValidationException(
            f"ReverseLogarithmic scaling of hyperparameter [{name}] needs a continuous range within 0<=x<1.0."
        )
    if scaling == "Auto":
        scaling = "Logarithmic" if low > 0 and high / low >= _ORDERS_OF_MAGNITUDE else "Linear"
    return NumericRange(name, low, high, integer, scaling)


def _number(name: str, member: str, text: str, *, integer: bool) -> float:
    try:
        value = float(int(text)) if integer else float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        kind = "an integer" if integer else "a number"
        raise ValidationException(f"The {member} [{text}] of hyperparameter [{name}] is not {kind}.")
    return value


def _categorical(item: dict[str, Any]) -> CategoricalRange:
    if len(set(item["Values"])) < len(item["Values"]):
        raise ValidationException(f"The values of hyperparameter [{item['Name']}] must be unique.")
    return CategoricalRange(item["Name"], tuple(item["Values"]))
