"""Detects the layout of a delimited file from its first lines: line ends, first line, delimiter, header, width."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tabular.formats import DELIMITERS, Format, FormatError, repeated
from tabular.records import Lines, MalformedRow, Record, records

SAMPLE_ROWS = 200
WRITTEN = {"\t": r'"\t"', ",": '","', ";": '";"', "|": '"|"'}
"""The spelling of delimiters in YAML."""


@dataclass(frozen=True)
class Layout:
    """The layout of a file."""

    start: int
    """The number of lines before the header, or before the first row of a file without a header."""
    delimiter: str
    names: tuple[str, ...]
    """The names of the columns, stripped; empty for a column without a name."""
    trailing: bool
    """Whether every row ends with a delimiter and the header does not."""


@dataclass(frozen=True)
class _Sample:
    """The first records of a file, cut at one delimiter."""

    header: Record | MalformedRow | None
    rows: tuple[Record | MalformedRow, ...]
    width: int
    """The number of the header's cells."""

    def fits(self, row: Record | MalformedRow) -> bool:
        cells = row.cells if isinstance(row, Record) else []
        return len(cells) == self.width or (len(cells) == self.width + 1 and not cells[-1])

    @property
    def share(self) -> float:
        """The share of rows that fit the header."""
        return sum(map(self.fits, self.rows)) / len(self.rows) if self.rows else 1.0


def line_end(head: str, quote: str | None) -> str:
    """Return the line end character of the file that begins with `head`: a line feed, or else a carriage return."""
    if "\n" in head and "\r" in head and quote:
        q = re.escape(quote)
        head = re.sub(rf"{q}[^{q}]*+(?:{q}|$)", "", head)
    return "\r" if "\r" in head and "\n" not in head else "\n"


def find_layout(lines: Sequence[str], whole: bool, format: Format) -> Layout:
    """Find the layout of the file that begins with `lines`. With `whole`, these are all its lines.

    Raises FormatError when the header is missing, when columns share a name, or when the delimiter is ambiguous.
    """
    start, format = _preamble(lines, format)
    if start == len(lines):
        raise FormatError(f"expected {'rows' if format.names else 'a header and rows'}, found an empty file")
    delimiter = format.delimiter or _find_delimiter(lines, start, whole, format)
    sample = _sample(lines, start, whole, format, delimiter)
    if format.delimiter and sample.width == 1:
        _suggest_delimiter(lines, start, whole, format)
    names = _names(sample, format, start)
    return Layout(start, delimiter, names, _trailing(sample))


def _preamble(lines: Sequence[str], format: Format) -> tuple[int, Format]:
    """Return the number of lines before the table, and the format, with the delimiter of a line such as `sep=;`."""
    start = min(format.skip_lines, len(lines))
    while start < len(lines):
        line = lines[start]
        if separator := re.fullmatch(r'"?sep=([^"\r\n])"?[\r\n]*', line, re.IGNORECASE):
            if format.delimiter not in (None, separator[1]):
                raise FormatError(
                    f"line {start + 1}: expected the delimiter {format.delimiter!r} of the use case, "
                    f"found sep={separator[1]}. Write `delimiter: {_yaml(separator[1])}`"
                )
            format = replace(format, delimiter=separator[1])
        elif line.strip() and not _is_comment(lines, start, format):
            break
        start += 1
    return start, format


def _is_comment(lines: Sequence[str], at: int, format: Format) -> bool:
    """Whether a line before the table is a comment. `#` and a blank begin one even without a comment mark."""
    if format.comment is not None:
        return lines[at].startswith(format.comment)
    if not lines[at].startswith("#") or format.names is not None:
        return False
    mark, delimiters = lines[at][1:2], format.delimiter or DELIMITERS
    if mark != format.delimiter and mark in ("", " ", "#", "!", "\r", "\n"):
        return True
    following = lines[at + 1] if at + 1 < len(lines) else ""
    return not any(each in lines[at] for each in delimiters) and any(each in following for each in delimiters)


def _sample(lines: Sequence[str], start: int, whole: bool, format: Format, delimiter: str) -> _Sample:
    found = _records(lines, start, whole, format, delimiter)
    if format.names is not None:
        return _Sample(None, tuple(found), len(format.names))
    header = found[0] if found else None
    return _Sample(header, tuple(found[1:]), len(header.cells) if isinstance(header, Record) else 0)


def _records(
    lines: Sequence[str], start: int, whole: bool, format: Format, delimiter: str
) -> list[Record | MalformedRow]:
    counted = Lines(lines[start:], format.comment, start)
    found: list[Record | MalformedRow] = []
    for record in records(counted, format, delimiter):
        if isinstance(record, MalformedRow) or not record.blank:
            found.append(record)
        if len(found) > SAMPLE_ROWS:
            return found
    return found if whole or len(found) < 2 else found[:-1]  # the last one may be incomplete


def _find_delimiter(lines: Sequence[str], start: int, whole: bool, format: Format) -> str:
    samples = {mark: _sample(lines, start, whole, format, mark) for mark in DELIMITERS if mark not in _taken(format)}
    shares = {mark: sample.share for mark, sample in samples.items() if sample.width > 1}
    for least in (1.0, 0.5, 0.0):
        fitting = [mark for mark, share in shares.items() if share >= least]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            choice = " or ".join(f"`delimiter: {_yaml(mark)}`" for mark in fitting)
            raise FormatError(
                f"line {start + 1}: expected one delimiter that fits all rows, found {len(fitting)} possible ones. "
                f"Write {choice}"
            )
    return next(iter(samples))


def _taken(format: Format) -> set[str | None]:
    return {format.quote, format.comment, format.thousands, None if format.decimal == "." else format.decimal}


def _suggest_delimiter(lines: Sequence[str], start: int, whole: bool, format: Format) -> None:
    """Raise FormatError when the given delimiter gives one column and another delimiter would give more."""
    if format.names is not None:
        return
    try:
        other = _find_delimiter(lines, start, whole, replace(format, delimiter=None))
    except FormatError:
        return
    sample = _sample(lines, start, whole, format, other)
    if sample.width > 1 and sample.share == 1.0:
        raise FormatError(
            f"line {start + 1}: expected columns between {format.delimiter!r}, found them between {other!r}. "
            f"Write `delimiter: {_yaml(other)}`"
        )


def _names(sample: _Sample, format: Format, start: int) -> tuple[str, ...]:
    if format.names is not None:
        names = tuple(name.strip() for name in format.names)
        first = sample.rows[0] if sample.rows else None
        if isinstance(first, Record) and tuple(cell.strip() for cell in first.cells) == names:
            raise FormatError(f"line {first.line}: expected a row, found the header. Remove `header` from the use case")
        return names
    if not isinstance(sample.header, Record):
        reason = sample.header.reason if sample.header else "found none"
        raise FormatError(f"line {start + 1}: expected a header that can be read: {reason}")
    names = tuple(name.strip() for name in sample.header.cells)
    if not any(names):
        raise FormatError(f"line {sample.header.line}: expected the names of the columns, found none")
    if twice := repeated(names):
        raise FormatError(
            f"line {sample.header.line}: expected each column once, found {', '.join(map(repr, twice))} more than once"
            f". Rename one of them{headerless_hint(names)}"
        )
    return names


def headerless_hint(names: Sequence[str]) -> str:
    """Return a hint if a file's header looks like a row, for the end of a message, or an empty text."""
    if not any(re.fullmatch(r"[+-]?\d+([.,]\d+)?", name.strip()) for name in names):
        return ""
    return ". If the file has no header, write the names of its columns: `header: [a, b, ...]`"


def _trailing(sample: _Sample) -> bool:
    """Whether every row of the sample has one more cell than the header, which is empty. Raises if it is not empty."""
    rows = [row for row in sample.rows if isinstance(row, Record)]
    longer = [row for row in rows if len(row.cells) == sample.width + 1]
    if not rows or len(longer) < len(rows):
        return False
    if all(not row.cells[-1] for row in longer):
        return True
    raise FormatError(
        f"line {rows[0].line}: expected {cell_count(sample.width)} as in the header, found {sample.width + 1} in "
        "every row. Name each column in the header, also a column of row names"
    )


def cell_count(width: int) -> str:
    """Return the number of cells, for messages."""
    return f"{width} cell{'' if width == 1 else 's'}"


def _yaml(delimiter: str) -> str:
    return WRITTEN.get(delimiter, f'"{delimiter}"')
