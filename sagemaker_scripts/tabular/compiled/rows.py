"""The row path: encodes rows of plain JSON cells by one function that is made for a model.

The function is Python code from the fixed lines below. Values of the model (names, categories) enter it as variables,
never as code.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np

from tabular.columns import Column
from tabular.compiled.row_cells import LARGEST_FLOAT, limits, plain_codes, plain_date, plain_texts
from tabular.compiled.row_engineered import known_texts, lines_of
from tabular.compiled.row_expressions import NotForRows, code_of
from tabular.compiled.steps import EngineeredStep, Number, OneHot, Step, width
from tabular.contract import Contract
from tabular.date_formats import DATE, TEMPORAL
from tabular.derived import FALSE_TRUE

RowEncoder = Callable[[Sequence[Mapping[str, Any]]], "np.ndarray | None"]
_FORMATS: dict[str, Literal["f", "d"]] = {"float32": "f", "float64": "d"}


def row_encoder(contract: Contract, steps: Sequence[Step], dtype: str) -> RowEncoder | None:
    """Return the function that encodes n rows, or None for a model with the words of texts.

    It returns the (n, encoded) matrix, or None when a row is not an object of plain cells. All its numbers are finite
    as 32-bit floats: a row with another one is not plain.
    """
    try:
        write = _Writer(contract, steps).function()
    except NotForRows:
        return None
    template, count = bytes(_template(steps, dtype)), width(steps)
    layout = _FORMATS[dtype]

    def encode(rows: Sequence[Mapping[str, Any]]) -> np.ndarray | None:
        buffer = bytearray(template * len(rows))
        cells, first = memoryview(buffer).cast(layout) if rows else buffer, 0
        try:
            for row in rows:
                if not write(row, cells, first):
                    return None
                first += count
        except (KeyError, TypeError, IndexError):  # an absent cell, or no object
            return None
        return np.frombuffer(buffer, dtype).reshape(len(rows), count)

    return encode


def _template(steps: Sequence[Step], dtype: str) -> np.ndarray:
    """Return the encoded row before any cell is written: nothing is missing, and no category is there."""
    found = np.zeros(width(steps), dtype)
    for step in steps:
        if isinstance(step, Number) and step.indicator is not None:
            found[step.indicator] = step.present
    return found


class _Writer:
    """Makes the code of `write(row, cells, first)`, which returns whether the row is plain."""

    def __init__(self, contract: Contract, steps: Sequence[Step]) -> None:
        self._contract = contract
        self._steps: dict[str, Number | OneHot] = {}
        self._engineered: list[EngineeredStep] = []
        for step in steps:
            self._add(step)
        read = {name for step in self._engineered for name in step.columns}
        used = read | self._steps.keys()
        self._derived = {name: each for name, each in contract.expressions.items() if name in used}
        self._kept = read.union(*(each.names for each in self._derived.values()))
        self._variables: dict[str, str] = {}
        self._namespace: dict[str, Any] = {}

    def _add(self, step: Step) -> None:
        if isinstance(step, EngineeredStep):
            self._engineered.append(step)
        elif not isinstance(step, Number | OneHot) or (isinstance(step, Number) and not step.is_finite):
            raise NotForRows
        else:
            self._steps[step.column] = step

    def function(self) -> Callable[[Mapping[str, Any], Any, int], bool]:
        lines = ["def write(row, cells, first):"]
        for number, column in enumerate(self._contract.features):
            self._variables[column.name] = f"value_{number}"
            lines += self._column(number, column)
        results = {}
        for number, (name, expression) in enumerate(self._derived.items()):
            code = code_of(expression.root, self._variables, self._namespace)
            results[name] = f"result_{number}"
            lines += [f" {results[name]} = {code}", *self._result(results[name], name, expression.kind)]
        self._variables |= results
        for step in self._engineered:
            lines += lines_of(step, [self._variables[name] for name in step.columns], self._named)
        scope: dict[str, Any] = dict(self._namespace)
        exec("\n".join([*lines, " return True"]), scope)  # noqa: S102  # the lines of this package only
        write: Callable[[Mapping[str, Any], Any, int], bool] = scope["write"]
        return write

    def _column(self, number: int, column: Column) -> list[str]:
        value = f"value_{number}"
        lines = [f" {value} = row[{self._named('name', column.name)}]", f" kind = type({value})"]
        step = self._steps.get(column.name)
        if column.type in ("integer", "number"):
            lines += self._number(value, column, step)
        elif column.type == "category":
            lines += self._category(value, column, step, column.name in self._kept)
        else:
            lines += self._date(value, column) if column.type in TEMPORAL else self._text(value, column)
        if column.nullable:
            return [*lines, f" elif {value} is None:", *(self._missing(step) or ["  pass"]), " else: return False"]
        return [*lines, " else: return False"]

    def _date(self, value: str, column: Column) -> list[str]:
        if column.format is not None or column.missing:
            raise NotForRows
        lines = [" if kind is str:", f"  {value} = {self._named('date', plain_date)}({value}, {column.type == DATE})"]
        lines.append(f"  if {value} is None: return False")
        if column.minimum is not None:
            lines.append(f"  if {value} < {self._named('least', column.minimum)}: return False")
        if column.maximum is not None:
            lines.append(f"  if {value} > {self._named('most', column.maximum)}: return False")
        return lines

    def _text(self, value: str, column: Column) -> list[str]:
        """Return the lines for a text of which only the length is read, or a comparison."""
        if column.missing:
            raise NotForRows
        plain = f"{value}.isprintable() and {value}.strip() == {value} != ''"
        return [" if kind is str:", f"  if not ({plain} and len({value}) <= {column.longest:d}): return False"]

    def _number(self, value: str, column: Column, step: Step | None) -> list[str]:
        known = limits(column, step.scale.largest if isinstance(step, Number) else LARGEST_FLOAT)
        rest = [f"  if {value} in {self._named('markers', known.markers)}: return False"] if known.markers else []
        rest += self._store(value, step) if isinstance(step, Number) else []
        lines = [" if kind is int:", self._within(value, *known.integers), *rest]
        if column.type == "integer":
            return lines
        return [*lines, " elif kind is float:", self._within(value, *known.floats), *rest]

    def _within(self, value: str, least: float, most: float) -> str:
        return f"  if not {self._named('least', least)} <= {value} <= {self._named('most', most)}: return False"

    def _category(self, value: str, column: Column, step: Step | None, keep: bool) -> list[str]:
        if step is None and column.categories is None and not keep and not column.missing:
            return [" if kind is str:", f"  if not {value}.isascii() or not {value}.strip(): return False"]
        known = step.known if isinstance(step, OneHot) else ()
        texts = plain_texts(
            column, {**dict.fromkeys(known), **dict.fromkeys(known_texts(self._engineered, column.name))}
        )
        lines = []
        if codes := plain_codes(texts):
            name = self._named("codes", codes)
            lines = [f" if kind is int and {value} in {name}:", f"  {value} = {name}[{value}]", "  kind = str"]
        places = {text: self._places(step, text) for text in texts}
        lines += [" if kind is str:", f"  place = {self._named('places', places)}[{value}]"]
        return lines + self._stored_place(step)

    def _places(self, step: Step | None, text: str) -> Any:
        """Return what is stored for a category: the offset of its column of the matrix, or its encoded rank."""
        if isinstance(step, Number):
            categories = step.categories or ()
            if text not in categories:
                raise NotForRows
            return step.scale.of(float(categories.index(text)))
        offset = step.offset(text) if isinstance(step, OneHot) else None
        return None if step is None or offset is None else step.place + offset

    def _stored_place(self, step: Step | None) -> list[str]:
        if isinstance(step, Number):
            return [f"  cells[first + {step.place:d}] = place"]
        return ["  if place is not None: cells[first + place] = 1.0"] if step else []

    def _store(self, value: str, step: Number) -> list[str]:
        mean, scale = self._named("mean", step.scale.mean), self._named("scale", step.scale.scale)
        return [f"  cells[first + {step.place:d}] = ({value} - {mean}) / {scale}"]

    def _missing(self, step: Step | None) -> list[str]:
        """Return the lines that store a missing value."""
        if isinstance(step, OneHot):
            return [] if step.missing is None else [f"  cells[first + {step.place + step.missing:d}] = 1.0"]
        if not isinstance(step, Number):
            return []
        lines = [f"  cells[first + {step.place:d}] = {self._named('fill', step.scale.of(step.fill))}"]
        if step.indicator is not None:
            lines.append(f"  cells[first + {step.indicator:d}] = {self._named('absent', step.absent)}")
        return lines

    def _result(self, value: str, name: str, kind: str) -> list[str]:
        """Return the lines that store a derived column, and make its truth values the texts of its categories."""
        texts = dict(zip((False, True, None), (*FALSE_TRUE, None), strict=True))
        named = [f" {value} = {self._named('texts', texts)}[{value}]"] if kind == "boolean" else []
        if (step := self._steps.get(name)) is None:
            return named
        lines = [f" if {value} is None:", *(self._missing(step) or ["  pass"]), " else:"]
        if isinstance(step, Number):
            largest = step.scale.largest
            return [*lines, self._within(value, -largest, largest), *self._store(value, step)]
        places = {text: self._places(step, text) for text in FALSE_TRUE}
        return [*named, *lines, f"  place = {self._named('places', places)}[{value}]", *self._stored_place(step)]

    def _named(self, kind: str, value: Any) -> str:
        """Return a new variable of the function's scope."""
        name = f"{kind}_{len(self._namespace)}"
        self._namespace[name] = value
        return name
