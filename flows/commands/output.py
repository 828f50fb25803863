"""The console of the command line, and its tables. What goes into a pipe or a file is neither cut nor wrapped."""

import logging
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console, ConsoleDimensions
from rich.table import Table
from rich.text import Text

from tasks.progress import log

WIDTH_OF_A_PIPE, HEIGHT_OF_A_PIPE = 100_000, 25


class Output(Console):
    """A console that is as wide as its terminal. Without a terminal, each row of a table or a tree is one line."""

    def __init__(self, width: int | None = None, **options: Any) -> None:
        super().__init__(width=width, **options)
        self._width = width  # not COLUMNS, which is about a terminal: `size` reads it where there is one

    @property
    def _is_piped(self) -> bool:
        return not self.file.isatty()

    @property
    def size(self) -> ConsoleDimensions:
        given = self._width is not None
        return super().size if given or not self._is_piped else ConsoleDimensions(WIDTH_OF_A_PIPE, HEIGHT_OF_A_PIPE)

    @size.setter
    def size(self, new_size: tuple[int, int]) -> None:
        self._width, self._height = new_size

    def print(self, *objects: Any, **options: Any) -> None:
        """Print. In a pipe, no line ends with the spaces that fill a table's last column.

        Exits quietly when the pipe's reader, such as `head`, has ended.
        """
        if not self._is_piped:
            super().print(*objects, **options)
            return
        with self.capture() as printed:
            super().print(*objects, **options)
        try:
            self.file.write("\n".join(line.rstrip() for line in printed.get().split("\n")))
            self.file.flush()
        except BrokenPipeError:
            self.on_broken_pipe()


console, errors = Output(highlight=False), Output(highlight=False, stderr=True)


def line(label: str, text: str) -> None:
    """Print a text after its label."""
    console.print(Text.assemble((f"{label:<11}", "dim"), text), soft_wrap=True)


def table(*headings: str, right: Collection[str] = (), whole: Collection[str] = ()) -> Table:
    """Return an empty table with a column for each heading; without headings, its rows make the columns.

    On a terminal, the columns in `whole` are never wrapped. The others are wrapped between words, and are at least as
    wide as their heading.
    """
    made = Table(box=None, padding=(0, 2, 0, 0), show_header=bool(headings))
    for heading in headings:
        made.add_column(
            heading,
            justify="right" if heading in right else "left",
            no_wrap=heading in whole,
            min_width=len(heading),
            overflow="fold",
        )
    return made


class _Lines(logging.Handler):
    def __init__(self, output: Console) -> None:
        super().__init__()
        self._output, self._begun = output, time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        text = f"{time.monotonic() - self._begun:6.1f} s  {record.getMessage()}"
        self._output.print(text, markup=False, soft_wrap=True)


def show_progress(output: Console = console) -> None:
    """Print each progress line with the seconds since this call, and no longer as the call before."""
    log.handlers[:] = [each for each in log.handlers if not isinstance(each, _Lines)]
    log.addHandler(_Lines(output))
    log.propagate = False


@contextmanager
def progress_on_stderr() -> Iterator[None]:
    """Print progress lines of the body to stderr, unless it calls `show_progress`: stdout may be read by a program."""
    before = log.handlers[:], log.propagate
    show_progress(errors)
    try:
        yield
    finally:
        log.handlers[:], log.propagate = before
