"""Collects the body of an HTTP/1.1 request from the pieces that arrive."""

import re

_SIZE = re.compile(rb"[0-9A-Fa-f]{1,8}")
_LINE_END = b"\r\n"
_LONGEST_LINE = 1024  # bytes of a chunk's size with its extensions, or of a trailer
_MOST_TRAILERS = 32
_SMALL, _JOINED = 16 << 10, 64 << 10  # bytes


class BadBody(Exception):
    """A body whose chunks are not well formed."""


class _Body:
    """The pieces that came so far. Small ones are joined, so that many of them need no more memory than few."""

    def __init__(self) -> None:
        self.pieces: list[bytes | bytearray] = []
        self.size = 0

    def _add(self, piece: bytes) -> None:
        self.size += len(piece)
        last = self.pieces[-1] if self.pieces else None
        if len(piece) >= _SMALL:
            self.pieces.append(piece)
        elif isinstance(last, bytearray) and len(last) < _JOINED:
            last += piece
        else:
            self.pieces.append(bytearray(piece))


class SizedBody(_Body):
    """A body whose Content-Length is known."""

    def __init__(self, length: int) -> None:
        super().__init__()
        self._missing = length

    def feed(self, data: bytes) -> bytes | None:
        """Take a piece. Returns what follows the body, or None while a part of it is missing."""
        taken, rest = (data, None) if len(data) < self._missing else (data[: self._missing], data[self._missing :])
        self._add(taken)
        self._missing -= len(taken)
        return rest


class ChunkedBody(_Body):
    """A body with `Transfer-Encoding: chunked` (RFC 9112, section 7.1)."""

    def __init__(self) -> None:
        super().__init__()
        self._data, self._at = b"", 0
        self._missing = 0  # bytes of the present chunk
        self._trailers = 0
        self._ended = False
        self._read = self._size_line

    def feed(self, data: bytes) -> bytes | None:
        """Take a piece. Returns what follows the body, or None while a part of it is missing. Raises BadBody."""
        self._data, self._at = self._data[self._at :] + data, 0
        while self._read() and not self._ended:
            pass
        return self._data[self._at :] if self._ended else None

    def _size_line(self) -> bool:
        line = self._line()
        if line is None:
            return False
        digits = line.split(b";", 1)[0].rstrip(b" \t")
        if not _SIZE.fullmatch(digits):
            raise BadBody("expected the size of a chunk in hexadecimal digits")
        self._missing = int(digits, 16)
        self._read = self._piece if self._missing else self._trailer
        return True

    def _piece(self) -> bool:
        if piece := self._data[self._at : self._at + self._missing]:
            self._add(piece)
            self._at += len(piece)
            self._missing -= len(piece)
        if not self._missing:
            self._read = self._piece_end
        return not self._missing

    def _piece_end(self) -> bool:
        end = self._data[self._at : self._at + len(_LINE_END)]
        if not _LINE_END.startswith(end):
            raise BadBody("expected the end of a line after a chunk")
        if end == _LINE_END:
            self._at += len(end)
            self._read = self._size_line
        return end == _LINE_END

    def _trailer(self) -> bool:
        line = self._line()
        self._trailers += line is not None
        if self._trailers > _MOST_TRAILERS:
            raise BadBody(f"expected at most {_MOST_TRAILERS} trailers")
        self._ended = line == b""
        return line is not None

    def _line(self) -> bytes | None:
        end = self._data.find(_LINE_END, self._at, self._at + _LONGEST_LINE)
        if end < 0 and len(self._data) - self._at >= _LONGEST_LINE:
            raise BadBody(f"expected a line of at most {_LONGEST_LINE} bytes")
        if end < 0:
            return None
        line, self._at = self._data[self._at : end], end + len(_LINE_END)
        if b"\n" in line or b"\r" in line:
            raise BadBody("expected lines that end in CRLF")
        return line
