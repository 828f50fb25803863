"""Random files of which Arrow's reader converts the columns that it can: the values are those of the cells' texts."""

import io
import random
from itertools import chain

import pandas as pd
import pyarrow as pa

from tabular import plain_blocks
from tabular.columns import Column
from tabular.delimited_batches import Batch, read_batches
from tabular.formats import Format
from tabular.plain_columns import PlainColumns, plain_type
from tabular.series import typed_array
from tests.fuzz.outcomes import Wrong
from tests.fuzz.tables import Style, patched
from tests.fuzz.typed_cells import COLUMNS, cell_text

CONVERTED = tuple(column for column in COLUMNS if plain_type(column) is not None)


def converted_and_texts(source: random.Random) -> str:
    """A file of columns of several types: most cells plain, some odd, some rows of another width, some blanks."""
    columns = {f"c{place}": source.choice(source.choice((COLUMNS, CONVERTED))) for place in range(source.randint(2, 5))}
    share = source.choice((0.0, 0.0, 0.02, 0.3))
    style = Style(source.choice((",", ";")), end=source.choice(("\n", "\r\n")))
    if source.random() < 0.3:
        style.quoted = lambda _: source.random() < 0.2
    rows = [[_cell(source, column, share) for column in columns.values()] for _ in range(source.randint(1, 30))]
    lines = [style.row(list(columns)), *(style.row(row) for row in rows)]
    if source.random() < 0.3:
        lines.insert(source.randint(1, len(lines)), style.delimiter * (len(columns) + 1))
    content = (style.end.join(lines) + style.end).encode()
    return expect_equal(content, columns, Format(delimiter=style.delimiter))


def _cell(source: random.Random, column: Column, odd: float) -> str:
    if source.random() < 0.05:
        return ""
    text = cell_text(source, column, odd)
    return source.choice((" ", "\t", "")) + text if source.random() < odd else text


def expect_equal(content: bytes, columns: dict[str, Column], format: Format) -> str:
    """Raise Wrong unless converted cells are the values of the texts that are read without conversion."""
    kinds = {name: plain_type(column) for name, column in columns.items()}
    plain = PlainColumns({name: kind for name, kind in kinds.items() if kind is not None})
    with patched(plain_blocks, "FEWEST_BYTES", 0):
        converted = list(read_batches(io.BytesIO(content), format, plain=plain))
        texts = list(read_batches(io.BytesIO(content), format))
    if _places(converted) != _places(texts):
        raise Wrong(f"other rows or malformed rows\nof {content!r}")
    for name, column in columns.items():
        found, known = (pa.concat_arrays([batch.columns[name] for batch in each]) for each in (converted, texts))
        if found.type != pa.large_string():
            series = pd.Series(pd.arrays.ArrowExtensionArray(pa.chunked_array([known])))
            known, unfit = typed_array(series, column)
            if unfit.any():
                raise Wrong(f"{name} has cells that do not fit {column}: {found.to_pylist()}\nof {content!r}")
        if not found.equals(known):
            raise Wrong(f"{column}\nfound    {found.to_pylist()}\nexpected {known.to_pylist()}\nof {content!r}")
    return (
        "converted"
        if any(batch.columns[name].type != pa.large_string() for batch in converted for name in columns)
        else "read"
    )


def _places(batches: list[Batch]) -> tuple[list[int], list[object]]:
    lines = list(chain.from_iterable(batch.lines.tolist() for batch in batches))
    return lines, list(chain.from_iterable(batch.malformed for batch in batches))


KINDS = {"converted_cells": converted_and_texts}
