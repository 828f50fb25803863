"""Random texts in columns of every type: converted as whole arrays, they have the values of the rules for one cell."""

import random
from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa

from tabular.columns import Column
from tabular.series import typed_array
from tabular.typed_cells import typed_texts
from tests.fuzz.outcomes import Wrong

ODD = (
    "", " ", "NA", "nan", "NULL", "<na>", "inf", "-inf", "Infinity", "1e400", "-0", "-0.0", "+5", "007", "5.", ".5",
    "5.0", "1e3", "1E-3", "0x10", "0XfF", "1_000", "1,5", "1.234,5", "1 000", "1d5", "٣", " 5", "5 ", "\t5",
    "true", "False", "yes",
    "9007199254740993", "9007199254740993.0", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
    "18446744073709551615", "-9", "-9.0", "?", "red", "Red ", "köln", "2017-12-31", "2017-02-30", "0000-01-01",
    "0001-01-01", "9999-12-31", "2017-12-31 ", "2017-1-1", "20171231", "31/12/2017", "2017-12-31T23:59:58",
    "2017-12-31 23:59:58", "2017-12-31 235958.5", "2017-12-31T23:59", "2017-12-31T23:59:58Z", "2017-12-31T23:59:58+01",
    "2017-12-31T24:00:00", "2017-12-31T23:59:60", "2017-12-31T23:59:58.123456", "0000-12-31T23:59:59",
)  # fmt: skip
COLUMNS = (
    Column("x", "integer"),
    Column("x", "integer", missing=("-9", "?")),
    Column("x", "integer", decimal=",", thousands="."),
    Column("x", "number"),
    Column("x", "number", missing=("-9", "+5")),
    Column("x", "number", decimal=","),
    Column("x", "number", decimal=",", thousands="."),
    Column("x", "number", decimal=" "),
    Column("x", "number", thousands=","),
    Column("x", "category"),
    Column("x", "category", categories=("no", "yes"), missing=("?",)),
    Column("x", "category", categories=("1", "5", "red")),
    Column("x", "date"),
    Column("x", "date", format="%d/%m/%Y"),
    Column("x", "date", missing=("0001-01-01",)),
    Column("x", "datetime"),
)
PLAIN: dict[str, Callable[[random.Random], str]] = {
    "integer": lambda source: str(source.randint(-(10**6), 10**6)),
    "number": lambda source: f"{source.uniform(-99, 9999):.{source.randint(0, 5)}f}",
    "category": lambda source: source.choice(("no", "yes", "red", "1", "5.0")),
    "date": lambda source: f"{source.randint(1, 9999):04}-{source.randint(1, 12):02}-{source.randint(1, 31):02}",
    "datetime": lambda source: f"2017-12-{source.randint(1, 31):02}T{source.randint(0, 23):02}:59:58",
}


def typed_texts_and_rules(source: random.Random) -> str:
    """Texts of one column: many plain ones, and none, few or many others."""
    column = source.choice(COLUMNS)
    share = source.choice((0.0, 0.0, 0.1, 0.6))
    few = source.choice((None, 3))
    texts = [cell_text(source, column, share) for _ in range(few or source.randint(0, 30))]
    texts = [source.choice(texts) for _ in range(20)] if few else texts
    cells = pa.array([None if source.random() < share / 5 else text for text in texts], pa.large_string())
    first = source.randint(0, len(cells))
    expect_equal(cells[first:], column)
    return "read"


def cell_text(source: random.Random, column: Column, odd: float) -> str:
    """A text for a column: a plain one, or with the probability `odd` another one."""
    if source.random() >= odd:
        plain = PLAIN[column.type](source)
        return plain.replace(".", column.decimal) if column.type == "number" else plain
    if source.random() < 0.5:
        return source.choice(ODD)
    return "".join(source.choice("0123456789.,+-eExX TZ:/_ni") for _ in range(source.randint(1, 12)))


def expect_equal(cells: pa.Array, column: Column) -> None:
    """Raise Wrong unless the texts have the values, and the texts that do not fit, of the rules for single cells."""
    found, unfit = typed_texts(cells, column)
    series = pd.Series(pd.arrays.ArrowExtensionArray(pa.chunked_array([cells])))
    known, unfit_by_rules = typed_array(series, column)
    values = known.cast(pa.string()) if column.type == "category" else known
    if found.type != values.type or not found.equals(values) or not np.array_equal(unfit, unfit_by_rules):
        raise Wrong(f"{column}\nof    {cells.to_pylist()}\nfound {found.to_pylist()}\nrules {values.to_pylist()}")


KINDS = {"typed_texts": typed_texts_and_rules}
