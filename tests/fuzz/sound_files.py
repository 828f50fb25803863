"""Kinds of valid files: each writes a known table in another format. Reading gives exactly its cells."""

import random
from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from tabular.columns import Column
from tabular.delimited import read
from tabular.formats import Format
from tabular.series import typed
from tests.fuzz.outcomes import Wrong
from tests.fuzz.tables import Style, Table, Written, expect_exact, make_table, write

Kind = Callable[[random.Random], str]
KINDS: dict[str, Kind] = {}
QUOTED = ' "now'


def kind(function: Kind) -> Kind:
    """Make the function one of the kinds, under its name."""
    KINDS[function.__name__] = function
    return function


def _check(table: Table, written: Written, format: Format | None = None, encoding: str = "utf-8") -> str:
    return expect_exact(written.text().encode(encoding), format or Format(), table, written.lines())


@kind
def plain(source: random.Random) -> str:
    table = make_table(source)
    return _check(table, write(table, Style()))


@kind
def every_cell_quoted(source: random.Random) -> str:
    table = make_table(source, odd=0.3)
    return _check(table, write(table, Style(quoted=lambda cell: True)))


@kind
def some_cells_quoted(source: random.Random) -> str:
    table = make_table(source, odd=0.3)
    return _check(table, write(table, Style(quoted=lambda cell: source.random() < 0.4)))


def _delimited(source: random.Random, delimiter: str, *, given: bool) -> str:
    table = make_table(source)
    return _check(table, write(table, Style(delimiter)), Format(delimiter=delimiter) if given else None)


@kind
def semicolons(source: random.Random) -> str:
    return _delimited(source, ";", given=False)


@kind
def tabs(source: random.Random) -> str:
    return _delimited(source, "\t", given=False)


@kind
def bars(source: random.Random) -> str:
    return _delimited(source, "|", given=False)


@kind
def given_delimiter(source: random.Random) -> str:
    return _delimited(source, source.choice(",;\t|:~"), given=True)


@kind
def windows_line_ends(source: random.Random) -> str:
    table = make_table(source)
    return _check(table, write(table, Style(end="\r\n")))


@kind
def old_mac_line_ends(source: random.Random) -> str:
    table = make_table(source, odd=0)
    return _check(table, write(table, Style(end="\r")))


@kind
def some_windows_line_ends(source: random.Random) -> str:
    table = make_table(source, odd=0)
    written = write(table, Style())
    written.rows = [row + source.choice(["", "\r"]) for row in written.rows]
    written.last_end = True
    return _check(table, written)


@kind
def byte_order_mark(source: random.Random) -> str:
    table = make_table(source)
    return _check(table, write(table, Style(), last_end=source.random() < 0.5), encoding="utf-8-sig")


@kind
def given_encoding(source: random.Random) -> str:
    table = make_table(source)
    encoding = source.choice(["latin-1", "cp1252", "utf-16", "utf-16-le", "utf-32", "utf-8", "cp850"])
    return _check(table, write(table, Style()), Format(encoding=encoding), encoding)


@kind
def no_last_line_end(source: random.Random) -> str:
    table = make_table(source)
    return _check(table, write(table, Style(end=source.choice(["\n", "\r\n"])), last_end=False))


@kind
def blank_lines(source: random.Random) -> str:
    table = make_table(source)
    written = write(table, Style())
    blank = source.choice(["\n", "  \n", "\r\n"])
    text, lines, number = "".join(written.header), [], 2
    for row in written.rows:
        some = source.randint(0, 2)
        lines.append(number + some)
        text += blank * some + row + "\n"
        number += some + row.count("\n") + 1
    return expect_exact((text + blank).encode(), Format(), table, lines)


@kind
def blank_lines_first(source: random.Random) -> str:
    table = make_table(source)
    written = write(table, Style(source.choice(",;")))
    written.header = ["\n"] * source.randint(1, 3) + written.header
    return _check(table, written)


@kind
def separator_line(source: random.Random) -> str:
    delimiter = source.choice(",;|\t:")
    table = make_table(source)
    written = write(table, Style(delimiter, end=source.choice(["\n", "\r\n"])))
    written.header = [f"sep={delimiter}{written.end}", *written.header]
    return _check(table, written)


@kind
def comment_first(source: random.Random) -> str:
    table = make_table(source)
    written = write(table, Style())
    comments = [f"# exported{source.choice(('', ', by me', QUOTED))}\n" for _ in range(source.randint(1, 3))]
    written.header = [*comments, *written.header]
    return _check(table, written)


@kind
def given_comments(source: random.Random) -> str:
    table = make_table(source)
    written = write(table, Style())
    mark = source.choice(["%", "//", "#"])
    text, lines, number = "".join(written.header), [], 2
    for row in written.rows:
        some = source.randint(0, 1)
        lines.append(number + some)
        text += f'{mark} a, "note\n' * some + row + "\n"
        number += some + row.count("\n") + 1
    return expect_exact(text.encode(), Format(comment=mark), table, lines)


@kind
def delimiter_after_every_row(source: random.Random) -> str:
    table = make_table(source)
    delimiter = source.choice(",;\t")
    return _check(table, write(table, Style(delimiter, tail=delimiter)))


@kind
def delimiter_after_every_line(source: random.Random) -> str:
    table = make_table(source)
    written = write(table, Style(tail=","))
    written.header = [written.header[0].rstrip("\n") + ",\n"]
    return _check(table, written)


@kind
def row_names(source: random.Random) -> str:
    table = make_table(source)
    named = Table(["", *table.names], [[str(row + 1), *cells] for row, cells in enumerate(table.rows)])
    return _check(table, write(named, Style(quoted=lambda cell: not cell.isdigit())))


@kind
def line_ends_in_cells(source: random.Random) -> str:
    table = make_table(source)
    for cells in table.rows:
        cells[source.randrange(len(cells))] = source.choice(["a\nb", "a\n\nb", "x\r\ny", "\n", "end\n", "a\rb"])
    return _check(table, write(table, Style(end=source.choice(["\n", "\r\n"]))))


@kind
def delimiters_in_the_header(source: random.Random) -> str:
    table = make_table(source)
    table.names[-1] = source.choice(["note; a;b;c;d;e;f;g", "one, two, three", "line\nbreak", 'a "quoted" one'])
    return expect_exact(*_with_header(table))


def _with_header(table: Table) -> tuple[bytes, Format, Table, list[int]]:
    written = write(table, Style())
    return written.text().encode(), Format(), table, written.lines()


@kind
def decimal_marks(source: random.Random) -> str:
    decimal, thousands = source.choice([(",", None), (",", "."), (",", "'"), (".", "'"), (",", " "), (".", " ")])
    numbers = [round(source.uniform(-1e6, 1e6), source.randint(0, 3)) for _ in range(source.randint(1, 9))]
    texts = [f"{number:,}".replace(",", "T").replace(".", decimal).replace("T", thousands or "") for number in numbers]
    table = Table(["id", "x"], [[str(row), text] for row, text in enumerate(texts)])
    written = write(table, Style(source.choice(";\t|")))
    format = Format(decimal=decimal, thousands=thousands)
    verdict = _check(table, written, format)
    cells = pd.Series(read(written.text().encode(), format).columns["x"], dtype=object)
    values, bad = typed(cells, Column("x", "number", decimal=decimal, thousands=thousands))
    if bad.any() or values.tolist() != numbers:
        raise Wrong(f"expected {numbers}, found {values.tolist()} of {texts}")
    return verdict


@kind
def no_header(source: random.Random) -> str:
    table = make_table(source)
    written = write(table, Style(source.choice(",;\t")))
    written.header = []
    return _check(table, written, Format(names=tuple(table.names)))


@kind
def missing_markers(source: random.Random) -> str:
    table = make_table(source)
    shown = replace(
        table, rows=[[cell or source.choice(["?", "-999", " ?"]) for cell in cells] for cells in table.rows]
    )
    return _check(table, write(shown, Style()), Format(missing=("?", "-999")))


@kind
def lines_to_skip(source: random.Random) -> str:
    table = make_table(source)
    written = write(table, Style())
    written.header = ['Report, of "today\n', "\n", "x;y,z\n", *written.header]
    return _check(table, written, Format(skip_lines=3))


@kind
def one_column(source: random.Random) -> str:
    table = make_table(source, columns=1)
    return _check(table, write(table, Style()))


@kind
def blanks_after_delimiters(source: random.Random) -> str:
    table = make_table(source)
    written = write(table, Style(quoted=lambda cell: source.random() < 0.3))
    spaced = [", ".join(Style().cell(cell) for cell in cells) for cells in table.rows]
    written.rows = spaced
    return _check(table, written)


@kind
def another_quote(source: random.Random) -> str:
    table = make_table(source)
    return _check(table, write(table, Style(quote="'")), Format(quote="'"))


@kind
def quotes_that_are_text(source: random.Random) -> str:
    table = make_table(source, odd=0)
    table.rows[0][0] = source.choice(['5" pipe', '"', 'a "b" c', '"x'])
    written = write(table, Style("\t"))
    written.rows = ["\t".join(cells) for cells in table.rows]
    return _check(table, written, Format(delimiter="\t", quote=None))


@kind
def small_batches(source: random.Random) -> str:
    table = make_table(source, rows=source.randint(0, 40))
    written = write(table, Style())
    content, lines = written.text().encode(), written.lines()
    return expect_exact(content, Format(), table, lines, batch_rows=source.randint(1, 7))


@kind
def many_rows(source: random.Random) -> str:
    some = make_table(source, columns=3, rows=50)
    table = Table(some.names, some.rows * 40)
    return _check(table, write(table, Style()))


@kind
def long_cells(source: random.Random) -> str:
    table = make_table(source, rows=3)
    table.rows[1][0] = source.choice(["x", 'a "b", ', "line\n"]) * source.randint(20_000, 150_000)
    return _check(table, write(table, Style()))
