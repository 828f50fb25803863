import pyarrow as pa
import pytest

from tabular.columns import Column
from tabular.formats import FormatError
from tabular.raw_batches import with_reserved
from tabular.row_digest import ColumnDigest, RowDigest, of_columns
from tabular.sampled_texts import SampledTexts
from tabular.stored_columns import FILE, LINE, MALFORMED, TEXT, UNREAD
from tabular.typed_batches import TypedBatches

COLUMNS = {"a": Column("a", "integer")}
SCHEMA = pa.schema(
    [("a", pa.int64()), (UNREAD, pa.string()), (FILE, pa.string()), (LINE, pa.int64()), (MALFORMED, pa.string()),
     (TEXT, pa.string())]
)  # fmt: skip


def typed(cells: list[str], texts: SampledTexts, header: str = "A") -> pa.RecordBatch:
    """The typed rows of one column."""
    raw = with_reserved(pa.RecordBatch.from_pydict({header: pa.array(cells, pa.large_string())}))
    return TypedBatches(COLUMNS, {"a": "A"}, SCHEMA).typed(raw, texts.add)


def test_cells_that_do_not_fit_are_kept_as_text_and_noted() -> None:
    texts = SampledTexts({"a": "integer"})
    rows = typed(["1", "one"], texts).to_pylist()
    assert [(row["a"], row[UNREAD]) for row in rows] == [(1, ""), (None, '{"a": "one"}')]
    assert texts.unread == {"a": ["one"]}


def test_a_missing_column_is_named() -> None:
    with pytest.raises(FormatError, match=r"lacks 1 column\(s\): expected 'A'; found 'b'"):
        typed(["1"], SampledTexts({"a": "integer"}), "b")


def test_the_texts_of_two_tasks_decide_as_those_of_one() -> None:
    one, two, both = (SampledTexts({"a": "integer"}) for _ in range(3))
    for cells, texts in ((["1.0", "x"], one), (["2.000", "y"], two), (["1.0", "x", "2.000", "y"], both)):
        typed(cells, texts)
    one.merge(two.unread, {name: found.texts for name, found in two.read.items()})
    assert one.unread == both.unread
    assert one.read["a"].complete == both.read["a"].complete


def test_columns_are_digested_apart_from_each_other() -> None:
    batch = pa.RecordBatch.from_pydict({"a": [1, None], "b": ["x", "y"]})
    rows = RowDigest(batch.schema)
    rows.update(batch)
    parts = []
    for field, values in zip(batch.schema, batch.columns, strict=True):
        column = ColumnDigest(field)
        column.update(field, values)
        parts.append(column.parts())
    assert of_columns(parts) == rows.hexdigest()
    assert of_columns(parts[::-1]) != rows.hexdigest()
