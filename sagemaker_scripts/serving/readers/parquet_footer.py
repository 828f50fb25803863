"""Reads from a Parquet file's footer where the columns are: the struct FileMetaData of `parquet.thrift`.

pyarrow reads the same footer, but ends the process when its description of a column lacks a part.
"""

import struct
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from serving.readers.parquet_pages import Chunk, InvalidPages
from serving.readers.thrift import Thrift

MARK = b"PAR1"
LARGEST = 2_000_000
"""The most bytes of a footer."""
_TAIL = 8
"""The bytes after a footer: its length, and MARK."""
_SCHEMA, _FILE_ROWS, _GROUPS = 2, 3, 4
_COLUMNS, _GROUP_ROWS = 1, 3
_METADATA = 3
_PATH, _VALUES, _COMPRESSED, _DATA, _DICTIONARY = 3, 5, 7, 9, 11
_CHILDREN = 5
"""The numbers of fields in the structs FileMetaData, RowGroup, ColumnChunk, ColumnMetaData and SchemaElement."""


@dataclass(frozen=True)
class Footer:
    """What the footer of a file states."""

    rows: int
    groups: int
    chunks: list[Chunk]
    """The chunks of the wanted columns."""


def read_footer(body: memoryview, names: Collection[str]) -> Footer:
    """Return the footer with the chunks of some columns. Raises InvalidPages or InvalidThrift."""
    content = _parsed(body)
    groups = _expect(list, content.get(_GROUPS))
    leaves = sum(_CHILDREN not in _expect(dict, each) for each in _expect(list, content.get(_SCHEMA)))
    wanted = {name.encode() for name in names}
    chunks = [chunk for group in groups for chunk in _chunks(_expect(dict, group), leaves, wanted)]
    rows = sum(_expect(int, group.get(_GROUP_ROWS)) for group in groups)
    if rows != content.get(_FILE_ROWS) or any(group[_GROUP_ROWS] < 0 for group in groups):
        raise InvalidPages("its row groups have another number of rows than its footer states")
    return Footer(rows, len(groups), chunks)


def _parsed(body: memoryview) -> dict[int, Any]:
    if len(body) < len(MARK) + _TAIL or body[:4] != MARK or body[-4:] != MARK:
        raise InvalidPages("it does not begin and end with PAR1")
    (size,) = struct.unpack("<I", body[-_TAIL:-4])
    if size > min(len(body) - _TAIL - len(MARK), LARGEST):
        raise InvalidPages(f"expected a footer within the file of at most {LARGEST:,} bytes, found {size:,}")
    return Thrift(body[-_TAIL - size : -_TAIL]).struct()


def _chunks(group: dict[int, Any], leaves: int, wanted: set[bytes]) -> list[Chunk]:
    columns = [_expect(dict, each) for each in _expect(list, group.get(_COLUMNS))]
    if len(columns) != leaves:
        raise InvalidPages(f"a row group has {len(columns)} columns, its schema has {leaves}")
    described = [_expect(dict, column.get(_METADATA)) for column in columns]
    paths = [b".".join(_expect(bytes, name) for name in _expect(list, each.get(_PATH))) for each in described]
    return [_chunk(each, group) for path, each in zip(paths, described, strict=True) if path in wanted]


def _chunk(column: dict[int, Any], group: dict[int, Any]) -> Chunk:
    values = _expect(int, column.get(_VALUES))
    if values != group.get(_GROUP_ROWS):
        raise InvalidPages("a column has another number of values than its row group has rows")
    start = _expect(int, column.get(_DATA))
    dictionary = column.get(_DICTIONARY)
    if isinstance(dictionary, int) and 0 < dictionary < start:
        start = dictionary
    return Chunk(start, start + _expect(int, column.get(_COMPRESSED)), values)


def _expect(kind: type, value: Any) -> Any:
    if not isinstance(value, kind):
        raise InvalidPages("its footer lacks a part")
    return value
