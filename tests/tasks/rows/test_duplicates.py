import pyarrow as pa

from tasks.rows.duplicates import Duplicates


def count(table: pa.Table, size: int = 2) -> int:
    duplicates = Duplicates()
    for batch in table.to_batches(max_chunksize=size):
        duplicates.add(batch)
    return duplicates.count()


def test_rows_are_compared_in_every_column_and_over_batches() -> None:
    rows = pa.table({"a": [1, 1, 2, 1, 1], "b": ["x", "y", "x", "x", None], "c": [0.5, 0.5, None, 0.5, 0.5]})
    assert count(rows) == 1
    assert count(pa.concat_tables([rows, rows])) == 6


def test_null_is_not_zero_nor_an_empty_text_and_columns_are_not_interchangeable() -> None:
    assert count(pa.table({"a": [0, None], "b": ["", ""]})) == 0
    assert count(pa.table({"a": [0, 0], "b": ["", None]})) == 0
    assert count(pa.table({"a": [1, 2], "b": [2, 1]})) == 0


def test_no_rows_have_no_duplicates() -> None:
    assert count(pa.table({"a": pa.array([], pa.int64())})) == 0
