"""Takes the cells of features from Arrow columns that a client sent, of flat types only, within the limits."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from serving.readers.request_rows import RequestRows, require_bytes, require_columns, require_row_count
from serving.rejected import LONGEST_SHOWN, bad_request
from tabular.checked import NO_ROW, Problem
from tabular.columns import Column

VIEW_BYTES = 16
"""The size of an entry of a string view: its length as int32, then a prefix and a place, or the text."""


def require_schema(schema: pa.Schema, columns: Sequence[Column]) -> list[int]:
    """Return the places of the features in a schema. Raises Rejected if one is absent, repeated or not flat."""
    require_columns(schema.names, columns, "Schema")
    places = {column.name: schema.get_all_field_indices(column.name) for column in columns}
    problems = [
        Problem(NO_ROW, column.name, *found)
        for column in columns
        if (found := _schema_problem(column, [schema.field(place).type for place in places[column.name]]))
    ]
    if problems:
        raise bad_request(f"Schema: {len(problems)} columns do not fit the model's contract", problems)
    return [places[column.name][0] for column in columns]


def _schema_problem(column: Column, types: list[pa.DataType]) -> tuple[str, str] | None:
    if len(types) > 1:
        return "each column once", "it more than once"
    return None if _is_flat(types[0]) else (column.expected, f"a column of type {str(types[0])[:LONGEST_SHOWN]}")


def _is_flat(kind: pa.DataType) -> bool:
    return (
        is_text(kind)
        or pa.types.is_null(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal(kind)
        or pa.types.is_date(kind)
        or pa.types.is_timestamp(kind)
        or pa.types.is_time(kind)
    )


def is_text(kind: pa.DataType) -> bool:
    """Whether the values of a type are texts, or bytes that may be texts. Dictionaries of texts are also texts."""
    if pa.types.is_dictionary(kind):
        return is_text(kind.value_type)
    return kind in (pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary())


def rows_of(batches: Sequence[pa.RecordBatch], columns: Sequence[Column]) -> RequestRows:
    """Return the rows of batches, which have a column for each feature. Raises Rejected, or pyarrow's errors."""
    count = sum(map(len, batches))
    require_row_count(count)
    chunks = {column.name: [_valid(batch.column(column.name)) for batch in batches] for column in columns}
    require_bytes(sum(_decoded_size(chunk) for arrays in chunks.values() for chunk in arrays))
    return RequestRows(count, {name: _joined(arrays) for name, arrays in chunks.items()})


def _valid(array: pa.Array) -> pa.Array:
    """Return an array whose buffers were compared with its length. An invalid one can read beyond them."""
    array.validate(full=True)
    return array


def _decoded_size(array: pa.Array) -> int:
    """Return the bytes that an array takes when each of its texts is stored as often as it occurs."""
    if pa.types.is_dictionary(array.type):
        lengths = _text_lengths(array.dictionary)
        indices = array.indices.drop_null().to_numpy(zero_copy_only=False)
        return int(array.indices.nbytes + lengths[indices].sum())
    if array.type == pa.string_view():
        return int(VIEW_BYTES * len(array) + _text_lengths(array).sum())
    return int(array.nbytes)


def _text_lengths(texts: pa.Array) -> np.ndarray:
    """Return the (n,) lengths of texts in bytes as int64, 0 for nulls."""
    if texts.type != pa.string_view():
        return np.asarray(pc.fill_null(pc.binary_length(texts), 0).to_numpy(zero_copy_only=False), dtype="int64")
    if not len(texts):
        return np.zeros(0, dtype="int64")
    entries = np.frombuffer(texts.buffers()[1], "int32").reshape(-1, VIEW_BYTES // 4)
    lengths = entries[texts.offset : texts.offset + len(texts), 0].astype("int64")
    return np.where(texts.is_valid().to_numpy(zero_copy_only=False), lengths, 0)


def _joined(arrays: Sequence[pa.Array]) -> pa.Array:
    plain = [_plain(array) for array in arrays]
    if len(plain) == 1:
        return plain[0]
    if pa.types.is_dictionary(plain[0].type):
        return pa.chunked_array(plain).unify_dictionaries().combine_chunks()
    return pa.concat_arrays(plain)


def _plain(array: pa.Array) -> pa.Array:
    """Return an array with texts as `string`, `large_string`, or a dictionary of these."""
    if pa.types.is_dictionary(array.type):
        return pa.DictionaryArray.from_arrays(array.indices, _plain(array.dictionary))
    if array.type in (pa.string_view(), pa.binary(), pa.large_binary()):
        return array.cast(pa.large_string())
    return array
