"""The lines for one row write the same as the encoding of columns."""

from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tabular.compiled.encoding import Encoder
from tabular.compiled.engineered_steps import Binned, Crossed, Table
from tabular.compiled.row_engineered import known_texts, lines_of
from tabular.compiled.row_expressions import NotForRows
from tabular.compiled.steps import EngineeredStep, width
from tabular.engineered.keys import key_of

COLOURS, TOWNS = ("red", "blue", 'a "new" one', None), ("Ulm", "Bonn", None)
AGES = (-1.0, 9.99, 10.0, 19.0, 20.0, 1e300, None)
PAIRS = {key_of(("red", "Ulm")): 0, key_of((None, "Bonn")): 1}
NUMBERS = {key_of(("red", "Ulm")): (0.5, 2.0), key_of((None, None)): (-1.0, 4.0)}
BINNED = Binned("age", 0, 2, (10.0, 20.0), (1, None, 0), missing=1)
CROSSED = Crossed(("colour", "town"), 0, 3, PAIRS, other=2)
TABLE = Table(("colour", "town"), 0, NUMBERS, unseen=(0.25, -7.0))
STEPS = (
    BINNED,
    Binned("age", 0, 2, (10.0, 20.0), (1, None, 0), missing=None),
    CROSSED,
    Crossed(("colour", "town"), 0, 2, PAIRS, other=None),
    TABLE,
    Table(("town",), 0, {key_of(("Ulm",)): (3.0,)}, unseen=(0.5,)),
)
CELLS = {"age": AGES, "colour": COLOURS, "town": TOWNS}


def by_lines(step: EngineeredStep, rows: list[tuple[Any, ...]]) -> np.ndarray:
    """Run the lines of a step for each row, with one cell before it."""
    scope: dict[str, Any] = {}

    def named(kind: str, value: Any) -> str:
        scope[name := f"{kind}_{len(scope)}"] = value
        return name

    values = [f"value_{number}" for number in range(len(step.columns))]
    lines = [f"def write({', '.join(values)}, cells, first):", *lines_of(step, values, named)]
    exec("\n".join(lines), scope)  # noqa: S102
    found = np.zeros((len(rows), 1 + width([step])))
    for cells, row in zip(found, rows, strict=True):
        scope["write"](*row, cells, 1)
    return found


@pytest.mark.parametrize("step", STEPS)
def test_a_row_is_written_as_the_columns_are(step: EngineeredStep) -> None:
    rows = list(product(*(CELLS[name] for name in step.columns)))
    columns = {name: pa.array(cells) for name, cells in zip(step.columns, zip(*rows, strict=True), strict=True)}
    found = by_lines(step, rows)
    assert not found[:, 0].any()
    assert np.array_equal(found[:, 1:], Encoder([step], "float64", {}).encode(columns, len(rows)))


def test_the_known_texts_of_a_column_are_those_of_every_feature_of_it() -> None:
    more = Table(("town",), 0, {key_of(("Jena",)): (3.0,)}, unseen=(0.5,))
    assert known_texts([BINNED, CROSSED, TABLE, more], "town") == {"Ulm", "Bonn", "Jena"}
    assert known_texts([BINNED, CROSSED, more], "colour") == {"red"}


@pytest.mark.parametrize(("known", "unseen"), [(1e39, 0.0), (0.0, -1e39)])
def test_a_table_with_a_number_beyond_32_bits_is_not_for_rows(known: float, unseen: float) -> None:
    with pytest.raises(NotForRows):
        by_lines(Table(("town",), 0, {key_of(("Ulm",)): (known,)}, (unseen,)), [("Ulm",)])
