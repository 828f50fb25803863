"""Reads Thrift's compact protocol, in which Parquet has its footer and the headers of its pages."""

from typing import Any

_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 12
_INTEGERS = (4, 5, 6)
_DEEPEST = 8
_LONG_LIST = 15


class InvalidThrift(ValueError):
    """The bytes are not in Thrift's compact protocol."""


class Thrift:
    """Reads structs from a place in some bytes. Raises InvalidThrift."""

    def __init__(self, content: memoryview, place: int = 0) -> None:
        self._content, self.place = content, place

    def struct(self, depth: int = 0) -> dict[int, Any]:
        """Return the fields of a struct by number. Texts are bytes; numbers of 8 and 64 floating bits are None."""
        _require_depth(depth)
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
        if kind == _BINARY:
            return self._bytes(self._varint())
        if kind == _STRUCT:
            return self.struct(depth + 1)
        if kind in (_LIST, _SET):
            return self._list(depth + 1)
        if kind not in (_BYTE, _DOUBLE):
            raise InvalidThrift(f"a field has the unknown type {kind}")
        self._bytes(1 if kind == _BYTE else 8)
        return None

    def _list(self, depth: int) -> list[Any]:
        _require_depth(depth)
        head = self._byte()
        count, kind = head >> 4, head & 0x0F
        count = self._varint() if count == _LONG_LIST else count
        if kind in (_TRUE, _FALSE):
            return list(self._bytes(count))
        return [self._value(kind, depth) for _ in range(count)]

    def _bytes(self, size: int) -> bytes:
        self.place += size
        if self.place > len(self._content):
            raise InvalidThrift("a struct is not within the file")
        return bytes(self._content[self.place - size : self.place])

    def _byte(self) -> int:
        if self.place >= len(self._content):
            raise InvalidThrift("a struct is not within the file")
        self.place += 1
        return self._content[self.place - 1]

    def _varint(self) -> int:
        value = shift = 0
        while (byte := self._byte()) & 0x80:
            value |= (byte & 0x7F) << shift
            shift += 7
            if shift > 63:
                raise InvalidThrift("a number has too many bytes")
        return value | byte << shift

    def _signed(self) -> int:
        """Return a number in zigzag encoding."""
        value = self._varint()
        return (value >> 1) ^ -(value & 1)


def _require_depth(depth: int) -> None:
    if depth > _DEEPEST:
        raise InvalidThrift("a struct or a list has too many levels")
