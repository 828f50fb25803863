"""Evaluates expressions on columns, with SQL's three-valued logic."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from tabular.expressions.date_parts import PARTS
from tabular.expressions.nodes import ColumnValue, Constant, Kind, Node

MOMENT = "datetime64[us]"
_FILLS: dict[Kind, Any] = {"number": 0, "text": "", "boolean": False, "date": np.datetime64(0, "us")}
"""The data of a null. No operation uses it."""


@dataclass(frozen=True)
class Values:
    """n values: the (n,) data, and the (n,) mask of nulls. The data of a null has no meaning."""

    data: np.ndarray
    null: np.ndarray


def evaluate(root: Node, columns: Mapping[str, Any], rows: int) -> Values:
    """Return the (rows,) values of an expression over (rows,) columns."""
    found = _evaluate(root, columns)
    return Values(np.broadcast_to(found.data, rows), np.broadcast_to(found.null, rows))


def _evaluate(node: Node, columns: Mapping[str, Any]) -> Values:
    if isinstance(node, ColumnValue):
        return column_values(columns[node.name], node.kind)
    if isinstance(node, Constant):
        kind: Any = {"text": object, "date": MOMENT}.get(node.kind)
        data = np.array(node.value, dtype=kind)
        return Values(data, np.False_)  # type: ignore[arg-type]  # a scalar, which broadcasts
    return _OPERATIONS[node.name](*(_evaluate(operand, columns) for operand in node.operands))


def column_values(raw: Any, kind: Kind) -> Values:
    """Convert a NumPy array, an Arrow array, a pandas Series or a list to values. int64 stays exact."""
    if hasattr(raw, "to_pylist"):
        return _arrow(raw, kind)
    if hasattr(raw, "isna"):
        raw = raw.astype(object) if kind == "text" else raw
        null = np.asarray(raw.isna(), dtype=bool)
        return Values(_as_kind(raw.where(~null, _FILLS[kind]).to_numpy(), kind), null)
    return _plain(np.asarray(raw), kind)


def _arrow(raw: Any, kind: Kind) -> Values:
    null = ~np.asarray(raw.is_valid(), dtype=bool)
    if kind == "text":
        return Values(_texts(raw), null)
    if kind == "date":
        raw = raw.cast("timestamp[us]")
    if raw.null_count == len(raw):
        return Values(np.full(len(raw), _FILLS[kind]), null)
    data = np.asarray(raw.fill_null(_FILLS[kind]))
    return _without_nan(_as_kind(data, kind), null)


def _texts(raw: Any) -> np.ndarray:
    """Return the (n,) texts of an Arrow array as objects, one for each distinct text."""
    raw = raw.combine_chunks() if hasattr(raw, "combine_chunks") else raw
    distinct = raw if hasattr(raw, "dictionary") else raw.dictionary_encode()
    texts = np.array([*distinct.dictionary.to_pylist(), ""], dtype=object)
    return np.asarray(texts[distinct.indices.fill_null(len(texts) - 1).to_numpy(zero_copy_only=False)])


def _plain(raw: np.ndarray, kind: Kind) -> Values:
    if raw.dtype != object:
        return _without_nan(_as_kind(raw, kind), np.zeros(raw.shape, dtype=bool))
    null = np.array([value is None or value != value for value in raw], dtype=bool)
    return Values(_as_kind(np.where(null, _FILLS[kind], raw), kind), null)


def _without_nan(data: np.ndarray, null: np.ndarray) -> Values:
    return Values(data, null | np.isnan(data)) if data.dtype.kind in "fM" else Values(data, null)


def _as_kind(data: np.ndarray, kind: Kind) -> np.ndarray:
    if kind == "text":
        return data.astype(object)
    if kind in ("boolean", "date"):
        return data.astype(bool if kind == "boolean" else MOMENT)
    if data.dtype == object and all(isinstance(value, int) for value in data):
        return data.astype("int64")
    return data if data.dtype.kind in "iu" else data.astype("float64")


def _arithmetic(compute: Callable[..., Any]) -> Callable[..., Values]:
    def operation(*operands: Values) -> Values:
        with np.errstate(all="ignore"):
            data = compute(*(np.asarray(operand.data, dtype="float64") for operand in operands))
        return Values(data, _any_null(operands) | ~np.isfinite(data))

    return operation


def _counted(compute: Callable[..., Any]) -> Callable[..., Values]:
    """Return a number of texts or dates."""

    def operation(*operands: Values) -> Values:
        data = compute(*(operand.data for operand in operands))
        return Values(np.asarray(data, dtype="float64"), _any_null(operands))

    return operation


def _comparison(compute: Callable[[Any, Any], Any]) -> Callable[..., Values]:
    def operation(left: Values, right: Values) -> Values:
        return Values(np.asarray(compute(left.data, right.data), dtype=bool), left.null | right.null)

    return operation


def _any_null(operands: tuple[Values, ...]) -> np.ndarray:
    return reduce(np.logical_or, (operand.null for operand in operands))


def _round(data: np.ndarray, digits: np.ndarray | None = None) -> Any:
    return np.round(data, 0 if digits is None else int(digits))


def _ratio(dividend: np.ndarray, divisor: np.ndarray, other: np.ndarray | float = 0.0) -> Any:
    return np.where(divisor == 0, other, np.divide(dividend, divisor))


def _clip(data: np.ndarray, low: np.ndarray, high: np.ndarray) -> Any:
    return np.minimum(np.maximum(data, low), high)


def _not(operand: Values) -> Values:
    return Values(~operand.data, operand.null)


def _and(*operands: Values) -> Values:
    false = reduce(np.logical_or, (~operand.data & ~operand.null for operand in operands))
    null = _any_null(operands) & ~false
    return Values(~false & ~null, null)


def _or(*operands: Values) -> Values:
    true = reduce(np.logical_or, (operand.data & ~operand.null for operand in operands))
    return Values(true, _any_null(operands) & ~true)


def _in(value: Values, *members: Values) -> Values:
    found = reduce(np.logical_or, (np.asarray(value.data == member.data, dtype=bool) for member in members))
    return Values(found, value.null)


def _rank(value: Values, *members: Values) -> Values:
    """Return the place of each text among the constants `members`, from 0; null for another text."""
    found = np.full(np.shape(value.data), -1)
    for place, member in enumerate(members):
        found = np.where(value.data == member.data, place, found)
    return Values(found, value.null | (found < 0))


def _is_null(operand: Values) -> Values:
    return Values(operand.null, np.zeros_like(operand.null))


_OPERATIONS: dict[str, Callable[..., Values]] = {
    "+": _arithmetic(np.add),
    "-": _arithmetic(np.subtract),
    "*": _arithmetic(np.multiply),
    "/": _arithmetic(np.divide),
    "//": _arithmetic(np.floor_divide),
    "%": _arithmetic(np.mod),
    "**": _arithmetic(np.power),
    "negate": _arithmetic(np.negative),
    "abs": _arithmetic(np.abs),
    "floor": _arithmetic(np.floor),
    "log": _arithmetic(np.log),
    "log1p": _arithmetic(np.log1p),
    "sqrt": _arithmetic(np.sqrt),
    "clip": _arithmetic(_clip),
    "ratio": _arithmetic(_ratio),
    "length": _counted(np.frompyfunc(len, 1, 1)),
    **{name: _counted(compute) for name, compute in PARTS.items()},
    "round": _arithmetic(_round),
    "min": _arithmetic(lambda *data: reduce(np.minimum, data)),
    "max": _arithmetic(lambda *data: reduce(np.maximum, data)),
    "==": _comparison(np.equal),
    "!=": _comparison(np.not_equal),
    "<": _comparison(np.less),
    "<=": _comparison(np.less_equal),
    ">": _comparison(np.greater),
    ">=": _comparison(np.greater_equal),
    "and": _and,
    "or": _or,
    "not": _not,
    "in": _in,
    "rank": _rank,
    "not in": lambda *operands: _not(_in(*operands)),
    "is null": _is_null,
    "is not null": lambda operand: _not(_is_null(operand)),
}
