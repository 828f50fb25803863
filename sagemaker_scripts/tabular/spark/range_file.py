"""One range of a delimited file, read by the same code as a whole file."""

import codecs
from collections.abc import Iterator
from typing import IO

from tabular.delimited import CHUNK_BYTES, MARK, OpenFile, split_lines, wrong_encoding
from tabular.formats import Format, FormatError
from tabular.layouts import Layout
from tabular.records import MAX_RECORD
from tabular.spark.boundaries import Cut

SPLIT_ENCODINGS = ("utf-8", "ascii", "iso8859-1", "iso8859-15", "cp1250", "cp1251", "cp1252", "cp1254", "cp1257")
"""The encodings in which a byte of a line end is never part of another character."""
LINES_BEYOND = 2
"""The next range begins after so many line ends beyond this one, or later: at the first where a row begins.

The line before it is then a row of its own. After a row of several lines only the next row shows that it has ended.
"""
BEYOND_BYTES = 1 << 16
"""The size of the chunks after the range's end, which only the last record needs."""


class RangeFile(OpenFile):
    """The blocks of a range, then single lines after it, up to the first that begins a row, see `LINES_BEYOND`.

    The first range has the byte order mark and the lines before the header, which are left out.
    """

    def __init__(self, stream: IO[bytes], format: Format, layout: Layout, end: str, start: Cut, stop: int) -> None:
        """`stream` begins at `start`. `end` is the line end character, `stop` the byte after the range."""
        self.format, self.layout, self.end = format, layout, end
        self.position = start.byte
        """The byte after the blocks that were read."""
        self._stream, self._line, self._stop, self._beyond = stream, start.lines + 1, stop, 0
        self._is_first = start.byte == 0
        self._decoder = codecs.lookup(format.encoding)
        self.has_header = format.names is None and self._is_first
        self.blocks = self._blocks()

    def whole_blocks(self) -> Iterator[str]:
        """Yield blocks until a row begins beyond the range."""
        while self._beyond < LINES_BEYOND and (block := next(self.blocks, None)) is not None:
            yield block

    def _blocks(self) -> Iterator[str]:
        rest = b""
        while chunk := self._stream.read(CHUNK_BYTES if self.position < self._stop else BEYOND_BYTES):
            rest += chunk
            for whole in self._whole(rest):
                rest = rest[len(whole) :]
                yield self._decoded(whole)
            if len(rest) > MAX_RECORD:
                raise FormatError(f"expected lines of at most {MAX_RECORD:,} characters, found a longer one")
        if rest:
            yield self._decoded(rest)

    def _whole(self, content: bytes) -> Iterator[bytes]:
        """Yield the whole lines of the content: together within the range, one by one beyond it."""
        end, within = self.end.encode(), self._stop - self.position
        if last := content.rfind(end, 0, max(within, 0)) + 1:
            yield content[:last]
        if within <= len(content):
            while (after := content.find(end, last) + 1) > 0:
                yield content[last:after]
                last = after

    def _decoded(self, content: bytes) -> str:
        try:
            text, _ = self._decoder.decode(content)
        except UnicodeDecodeError as error:
            raise wrong_encoding(error, self._line, self._decoder.name) from error
        self.position += len(content)
        self._beyond += self.position > self._stop
        self._line += content.count(b"\n")
        if self._is_first:
            self._is_first = False
            text = text.lstrip(MARK)
            text = text[sum(map(len, split_lines(text, self.end)[: self.layout.start])) :]
        return text
