"""Known tables, their formats as delimited text, and the comparison with the read values."""

import io
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from typing import IO

from tabular import delimited_batches, plain_blocks
from tabular.delimited import OpenFile, Rows, read, split_lines
from tabular.formats import Format, FormatError
from tests.fuzz.outcomes import Wrong

NAMES = ("age", "hours", "Größe", "note (long)", "class_id", "x y", "ratio%", "ville", "T", "score")
WORDS = ("red", "green light", "Málaga", "köln", "N/A-like", "o'clock", "a/b", "100%", "yes", "#7", "x=1", "tail ")
ODD = ("a,b", "c;d;e", 'say "hi"', '"', "first\nsecond", "a\r\nb", "tab\there", "p|q", ",", ";lead", "\nstart", '","')


@dataclass
class Table:
    """A header and rows of cells."""

    names: list[str]
    rows: list[list[str]]


@dataclass
class Style:
    """The format of a written table."""

    delimiter: str = ","
    quote: str = '"'
    end: str = "\n"
    quoted: Callable[[str], bool] = field(default=lambda cell: False)
    """Whether to quote a cell that needs no quotes."""
    tail: str = ""
    """What follows the last cell of each row."""

    def cell(self, cell: str, *, alone: bool = False) -> str:
        """The text of one cell; `alone` in a row."""
        special = (self.delimiter, self.quote, "\n", "\r")
        if (
            self.quoted(cell)
            or any(mark in cell for mark in special)
            or cell.startswith((" ", "#"))
            or (alone and not cell)
        ):
            return self.quote + cell.replace(self.quote, self.quote * 2) + self.quote
        return cell

    def row(self, cells: list[str]) -> str:
        """The text of one row, without its line end."""
        return self.delimiter.join(self.cell(cell, alone=len(cells) == 1) for cell in cells) + self.tail


@dataclass
class Written:
    """A file, line by line, that a kind may change before it is encoded."""

    header: list[str]
    """What comes before the rows, each with its line end."""
    rows: list[str]
    """Without line ends."""
    end: str = "\n"
    last_end: bool = True

    def text(self) -> str:
        """The whole file."""
        body = self.end.join(self.rows) + (self.end if self.last_end and self.rows else "")
        return "".join(self.header) + body

    def lines(self) -> list[int]:
        """The line that each row begins on."""
        mark = "\r" if self.end == "\r" else "\n"
        number = 1 + "".join(self.header).count(mark)
        found = []
        for row in self.rows:
            found.append(number)
            number += row.count(mark) + 1
        return found


def make_table(
    source: random.Random, *, columns: int | None = None, rows: int | None = None, odd: float = 0.1
) -> Table:
    """A random table; a share of `odd` cells needs quotes."""
    width = columns or source.randint(2, 6)
    names = source.sample(NAMES, width)
    count = source.randint(1, 12) if rows is None else rows
    return Table(names, [[make_cell(source, odd) for _ in range(width)] for _ in range(count)])


def make_cell(source: random.Random, odd: float = 0.1) -> str:
    """A random cell."""
    if source.random() < odd:
        return source.choice(ODD)
    return source.choice(
        [
            "" if source.random() < 0.5 else "NA",
            str(source.randint(-99, 10**18)),
            f"{source.uniform(-9, 999):.3f}",
            source.choice(WORDS),
            source.choice(WORDS),
        ]
    )


def write(table: Table, style: Style, *, last_end: bool = True) -> Written:
    """Write a table; of a header, quotes are as for cells."""
    header = Style(style.delimiter, style.quote, style.end, style.quoted).row(table.names) + style.end
    return Written([header], [style.row(cells) for cells in table.rows], style.end, last_end)


def expect_exact(content: bytes, format: Format, table: Table, lines: list[int], *, batch_rows: int = 0) -> str:
    """The verdict on a sound file: `read`, or `refused` where the delimiter can't be told. Raises Wrong otherwise."""
    try:
        batch = gathered(content, format, batch_rows) if batch_rows else read_alike(content, format)
    except FormatError as error:
        if format.delimiter is None and "one delimiter that fits all rows" in str(error):
            return "refused"
        raise Wrong(f"refused: {error}\n{content!r}") from error
    known = {name: [cells[place] for cells in table.rows] for place, name in enumerate(table.names)}
    if batch.columns != known or batch.malformed or batch.lines != lines:
        raise Wrong(f"expected {known} on {lines}\nfound    {batch}\nin {content!r}")
    return "read"


def gathered(content: bytes, format: Format, rows: int) -> Rows:
    """A file read in batches of `rows`, put together."""
    batches = list(delimited_batches.read_batches(io.BytesIO(content), format, rows=rows))
    if any(len(batch.lines) + len(batch.malformed) > rows for batch in batches):
        raise Wrong(f"a batch is larger than {rows}")
    return joined(batches)


def joined(batches: Sequence[delimited_batches.Batch]) -> Rows:
    """The rows of the batches of one file, of which there is at least one."""
    every = chain.from_iterable
    return Rows(
        {name: list(every(batch.columns[name].to_pylist() for batch in batches)) for name in batches[0].columns},
        list(every(batch.lines.tolist() for batch in batches)),
        tuple(every(batch.malformed for batch in batches)),
    )


def read_alike(content: bytes, format: Format) -> Rows:
    """A file read row by row, which has to be the same as in blocks of any size, cut by Arrow. Raises FormatError."""
    whole = _or_error(lambda: read(content, format))
    for lines in (1, 3, 1_000):
        with _blocks_of(lines):
            in_blocks = _or_error(lambda: gathered(content, format, 3))
        if whole != in_blocks:
            raise Wrong(f"row by row {whole}\nin blocks of {lines} lines {in_blocks}\nof {content!r}")
    return read(content, format)


def _or_error(reading: Callable[[], Rows]) -> Rows | str:
    try:
        return reading()
    except FormatError as error:
        return str(error)


@contextmanager
def _blocks_of(count: int) -> Iterator[None]:
    """Let files be read in blocks of `count` lines, and plain ones of any size be cut by Arrow."""

    class SmallBlocks(OpenFile):
        def __init__(self, stream: IO[bytes], format: Format) -> None:
            super().__init__(stream, format)
            lines = list(chain.from_iterable(split_lines(block, self.end) for block in self.blocks))
            self.blocks = iter(["".join(lines[first : first + count]) for first in range(0, len(lines), count)])

    with patched(delimited_batches, "OpenFile", SmallBlocks), patched(plain_blocks, "FEWEST_BYTES", 0):
        yield


@contextmanager
def patched(module: object, name: str, value: object) -> Iterator[None]:
    """Give a module another value for a name."""
    before = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)


def expect_rest(
    content: bytes, format: Format, table: Table, lines: list[int], broken: set[int], *, cut: bool = False
) -> str:
    """The verdict on a file whose `broken` rows, by position, are not well formed. Raises Wrong for another value.

    The last row of a `cut` file may be read if only its last cell is short: nobody can tell.
    """
    try:
        batch = read_alike(content, format)
    except FormatError as error:
        if not str(error):
            raise Wrong("refused without a word") from error
        return "refused"
    names = list(batch.columns)
    read_rows = {line: [batch.columns[name][row] for name in names] for row, line in enumerate(batch.lines)}
    sound = {line: cells for row, (line, cells) in enumerate(zip(lines, table.rows, strict=True)) if row not in broken}
    if cut and lines[-1] in read_rows and _is_cut(read_rows[lines[-1]], table.rows[-1]):
        sound[lines[-1]] = read_rows[lines[-1]]
    if names != table.names or any(sound.get(line) != cells for line, cells in read_rows.items()):
        raise Wrong(f"expected of {sound}\nfound       {batch}\nin {content!r}")
    reported = {row.line for row in batch.malformed}
    reported |= {number for number, text in enumerate(content.split(b"\n"), start=1) if not text.strip()}
    if lost := set(lines) - set(read_rows) - reported:
        raise Wrong(f"the rows on lines {lost} are neither read nor reported: {batch}\nin {content!r}")
    return "set apart"


def _is_cut(found: list[str], known: list[str]) -> bool:
    return found[:-1] == known[:-1] and known[-1].startswith(found[-1])


def expect_refusal(content: bytes, format: Format, *words: str) -> str:
    """The verdict on a file that can't be read at all. Raises Wrong unless FormatError has all `words`."""
    try:
        batch = read_alike(content, format)
    except FormatError as error:
        if all(word in str(error) for word in words):
            return "refused"
        raise Wrong(f"expected {words} in: {error}\nof {content!r}") from error
    raise Wrong(f"expected a refusal with {words}, found {batch}\nin {content!r}")
