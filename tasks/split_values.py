"""The parts of a split by values: the expressions that decide, evaluated batch by batch."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from config.errors import GateError
from config.splits import ValueSplit
from config.use_case import UseCase
from tabular.date_formats import DATE, DATETIME
from tabular.dates import suggest_formats
from tabular.expressions import Expression
from tabular.expressions.nodes import ColumnValue, Node, Operation

TRAIN, VALIDATION, TEST = 0, 1, 2
"""The part numbers."""
SAMPLE = 1_000
"""The number of distinct texts of a column that are examined."""
_ORDERINGS = ("<", "<=", ">", ">=")
_YEARS_FIRST = (f"`type: {DATE}`", f"`type: {DATETIME}`", '"%Y')
"""How the YAML keys of dates begin, or what they have, whose texts sort by time."""


class PartExpressions:
    """The expressions of a split by values, and the rows that they do not assign to one part."""

    def __init__(self, use_case: UseCase) -> None:
        self._use_case, how = use_case, use_case.split
        if not isinstance(how, ValueSplit):
            raise TypeError(f"expected a split by value, found {how.by}")
        fields = use_case.resolved.fields
        self.by_part: dict[str, Expression] = {
            "validation": how.expression("validation", fields),
            "test": how.expression("test", fields),
        }
        sorted_texts = {name for each in self.by_part.values() for name in texts_in_order(each.root)}
        self._texts: dict[str, dict[str, None]] = {name: {} for name in sorted(sorted_texts)}
        self._unknown = dict.fromkeys(self.by_part, 0)
        self._both = 0

    def parts_of(self, batch: pa.RecordBatch) -> np.ndarray:
        """Return the (n,) part numbers of the next rows."""
        columns = {name: batch.column(name) for name in batch.schema.names}
        found = {part: each.evaluate(columns, len(batch)) for part, each in self.by_part.items()}
        for part, values in found.items():
            self._unknown[part] += int(values.null.sum())
        chosen, tested = (np.asarray(found[part].data, dtype=bool) for part in self.by_part)
        self._both += int((chosen & tested).sum())
        for name, texts in self._texts.items():
            if len(texts) < SAMPLE:
                texts.update(dict.fromkeys(pc.unique(columns[name].drop_null()).to_pylist()[:SAMPLE]))
        return np.select([tested, chosen], [TEST, VALIDATION], TRAIN).astype("int8")

    def refuse(self) -> None:
        """Raise GateError for rows whose expression is null or that are in both parts, and for texts that are dates."""
        for part, rows in self._unknown.items():
            if rows:
                self._raise(
                    f"split.{part}: expected true or false for each row; found null for {rows:,}, because of missing "
                    "values. Write `column is not null and ...`"
                )
        if self._both:
            self._raise(f"split: expected no row in both test and validation; found {self._both:,}")
        for name, texts in self._texts.items():
            self.refuse_dates(name, list(texts))

    def refuse_dates(self, name: str, texts: list[str]) -> None:
        """Raise GateError when the texts of a column that is compared by `<` are dates that do not sort by time."""
        count, keys = suggest_formats(texts) if texts else (0, "")
        if count and count == len(texts) and keys and not any(keys == first or first in keys for first in _YEARS_FIRST):
            self._raise(
                f"split: expected texts in {name} whose order is that of their characters, found dates. "
                f"Write {keys} in columns.{name}"
            )

    def _raise(self, message: str) -> None:
        raise GateError(f"{self._use_case.name}: {message}")


def texts_in_order(node: Node) -> Iterator[str]:
    """Yield the columns of texts that an expression compares by the order of their characters."""
    if isinstance(node, Operation):
        for operand in node.operands:
            if node.name in _ORDERINGS and isinstance(operand, ColumnValue) and operand.kind == "text":
                yield operand.name
            yield from texts_in_order(operand)
