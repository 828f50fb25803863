"""Adds up what the pages of a Parquet column take when they are decompressed, without decompressing them.

The footer of a file states the sizes of its columns, but a reader allocates what each page's header states. So the
headers are read here first: structs of Thrift's compact protocol (parquet-format, `parquet.thrift`).
"""

from dataclasses import dataclass
from typing import Any

from serving.readers.thrift import Thrift

PREFIXED = 7
"""The encoding DELTA_BYTE_ARRAY, in which a few bytes can repeat a long text many times."""
_UNCOMPRESSED_SIZE, _COMPRESSED_SIZE = 2, 3
_DATA_PAGE, _DATA_PAGE_V2 = 5, 8
_VALUES, _ENCODING, _ENCODING_V2 = 1, 2, 4
"""The numbers of fields in the struct PageHeader and the structs of its kinds."""


class InvalidPages(ValueError):
    """The pages of a column can't be read."""


@dataclass(frozen=True)
class Chunk:
    """Where the pages of a column are in a file, and how many values they have."""

    start: int
    end: int
    values: int


def decompressed_size(content: memoryview, chunk: Chunk) -> int:
    """Return the bytes of a chunk's pages after decompression, as their headers state. Raises InvalidPages."""
    if not 0 <= chunk.start <= chunk.end <= len(content):
        raise InvalidPages("a column is not within the file")
    place, seen, size = chunk.start, 0, 0
    while seen < chunk.values:
        if place >= chunk.end:
            raise InvalidPages("a column has fewer values than its footer states")
        reader = Thrift(content, place)
        header = reader.struct()
        packed, unpacked = _stated(header, _COMPRESSED_SIZE), _stated(header, _UNCOMPRESSED_SIZE)
        seen += _values(header)
        size += unpacked
        place = reader.place + packed
    return size


def _stated(header: dict[int, Any], field: int) -> int:
    found = header.get(field)
    if not isinstance(found, int) or found < 0:
        raise InvalidPages("a page's header lacks its size")
    return found


def _values(header: dict[int, Any]) -> int:
    """Return the values of a page; 0 for a dictionary. Raises InvalidPages for an encoding that can repeat texts."""
    for kind, encoding in ((_DATA_PAGE, _ENCODING), (_DATA_PAGE_V2, _ENCODING_V2)):
        page = header.get(kind)
        if isinstance(page, dict):
            if page.get(encoding) == PREFIXED:
                raise InvalidPages("the encoding DELTA_BYTE_ARRAY is not supported. Write it as PLAIN or a dictionary")
            return _stated(page, _VALUES)
    return 0
