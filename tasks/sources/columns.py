"""The columns of files that are not delimited: their names, and their values without the format's missing markers."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from config.errors import SourceError
from tabular.formats import repeated


def refuse_repeated(names: Sequence[str], address: str) -> None:
    """Raise SourceError when two columns have the same name."""
    if twice := repeated(names):
        found = ", ".join(map(repr, twice))
        raise SourceError(f"{address}: expected each column once, found {found} more than once. Rename one of them")


def without(column: pa.Array, missing: Sequence[str]) -> pa.Array:
    """Return the column with null for the texts in `missing`. A column that is not UTF-8 is returned unchanged."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not missing or not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)):
        return column
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        return column
    texts = column.cast(pa.large_string())
    found = pc.is_in(pc.utf8_trim_whitespace(texts), pa.array(missing, pa.large_string()))
    return pc.if_else(found, pa.scalar(None, pa.large_string()), texts)
