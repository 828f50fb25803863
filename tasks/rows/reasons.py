"""The texts of reasons: `column: expected ..., found ...`, for whole batches of bad rows, sensitive values hidden."""

import json
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from tabular.columns import Column
from tasks.model_contract import MALFORMED, UNREAD
from tasks.rows.row_database import ROW
from tasks.rows.rules import DUPLICATE, MALFORMED_ROW, REPEAT, UNREAD_CELL, Rule

FIRST_ROW = "first_row"
"""A column: the number of the earlier row that a duplicate equals."""


def reason_texts(rule: Rule, known: Mapping[str, Column], rows: pa.RecordBatch) -> pa.Array:
    """Return the (n,) reasons of n rows that fail a rule. The rows have the stored columns."""
    expected = f"{rule.label}: expected {rule.expected}, found "
    if rule.kind == MALFORMED_ROW:
        return _joined(f"{rule.label}: ", rows.column(MALFORMED).cast(pa.string()))
    if rule.kind == UNREAD_CELL:
        return _joined(expected, _unread(rows, known[rule.columns[0]]))
    if rule.kind == REPEAT:
        return _repeated(f"{expected}another row with the same", len(rows))
    if rule.kind == DUPLICATE:
        return _joined(f"{expected}the same as row ", rows.column(FIRST_ROW).cast(pa.string()))
    if len(rule.columns) == 1:
        return _joined(expected, _shown(rows.column(rule.columns[0]), known[rule.columns[0]]))
    parts = [_joined(f"{name} ", _shown(rows.column(name), known[name])) for name in rule.columns]
    return _joined(
        expected,
        pc.binary_join_element_wise(*parts, ", ") if parts else _repeated("a row that does not fit", len(rows)),
    )


def place(row: int, line: int | None, file: str | None) -> str:
    """Return where a row is in its source: its line, or its number from 0; and its file if there are several."""
    there = f"row {row}" if line is None else f"line {line}"
    return f"{file}, {there}" if file else there


def places(rows: pa.RecordBatch, line: str, file: str) -> list[str]:
    """Return the places of n rows."""
    files: Sequence[str | None] = rows.column(file).to_pylist() if file in rows.schema.names else [None] * len(rows)
    found = zip(rows.column(ROW).to_pylist(), rows.column(line).to_pylist(), files, strict=True)
    return [place(*each) for each in found]


def _joined(before: str, texts: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(pa.scalar(before), texts, "")


def _repeated(text: str, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(text), count)


def _shown(values: pa.Array, column: Column) -> pa.Array:
    """Return the (n,) texts of values. Each distinct value is formatted once."""
    if column.sensitive:
        return _repeated(column.shown(None), len(values))
    distinct = values.dictionary_encode("encode")
    texts = pa.array([column.shown(value) for value in distinct.dictionary.to_pylist()], pa.string())
    return texts.take(distinct.indices)


def _unread(rows: pa.RecordBatch, column: Column) -> pa.Array:
    texts = (json.loads(cells)[column.name] for cells in rows.column(UNREAD).to_pylist())
    return pa.array([column.shown(text) for text in texts], pa.string())
