"""Adds up what the pages of a Parquet column take when they are decompressed, without decompressing them.

The footer of a file states the sizes of its columns, but a reader allocates what each page's header states. So the
headers are read here first: structs of Thrift's compact protocol (parquet-format, `parquet.thrift`).
"""

from dataclasses import dataclass
from typing import Any

PREFIXED = 7
"""The encoding DELTA_BYTE_ARRAY, in which a few bytes can repeat a long text many times."""
_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 12
_INTEGERS = (4, 5, 6)
_DEEPEST = 8
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
        reader = _Thrift(content, place)
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


class _Thrift:
    """Reads Thrift's compact protocol from a place in a file."""

    def __init__(self, content: memoryview, place: int) -> None:
        self._content, self.place = content, place

    def struct(self, depth: int = 0) -> dict[int, Any]:
        """Return the fields of a struct, by number."""
        if depth > _DEEPEST:
            raise InvalidPages("a page's header has too many levels")
        fields: dict[int, Any] = {}
        number = 0
        while kind := self._byte():
            number = number + (kind >> 4) if kind >> 4 else self._signed()
            fields[number] = self._value(kind & 0x0F, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        if kind in (_TRUE, _FALSE):
            return kind == _TRUE
        if kind in _INTEGERS:
            return self._signed()
        if kind == _STRUCT:
            return self.struct(depth + 1)
        if kind in (_LIST, _SET):
            return self._skip_list(depth)
        sizes = {_BYTE: lambda: 1, _DOUBLE: lambda: 8, _BINARY: self._varint}
        if kind not in sizes:
            raise InvalidPages(f"a page's header has a field of the unknown type {kind}")
        self._skip(sizes[kind]())
        return None

    def _skip_list(self, depth: int) -> None:
        head = self._byte()
        count = head >> 4 if head >> 4 < 15 else self._varint()
        for _ in range(count):
            if head & 0x0F in (_TRUE, _FALSE):
                self._skip(1)
            else:
                self._value(head & 0x0F, depth + 1)

    def _skip(self, size: int) -> None:
        self.place += size
        if self.place > len(self._content):
            raise InvalidPages("a page's header is not within the file")

    def _byte(self) -> int:
        self._skip(1)
        return self._content[self.place - 1]

    def _varint(self) -> int:
        value = shift = 0
        while (byte := self._byte()) & 0x80:
            value |= (byte & 0x7F) << shift
            shift += 7
            if shift > 63:
                raise InvalidPages("a page's header has a number of too many bytes")
        return value | byte << shift

    def _signed(self) -> int:
        """Return a number in zigzag encoding."""
        value = self._varint()
        return (value >> 1) ^ -(value & 1)
