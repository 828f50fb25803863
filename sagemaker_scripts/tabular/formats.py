"""The format of a file of rows, and the error for a file that can't be read."""

import codecs
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

DELIMITERS = ",;\t|"
"""The delimiters that are tried when none is given."""


class FormatError(ValueError):
    """The file as a whole can't be read. The message has what was expected, what was found, and the key to set."""


@dataclass(frozen=True)
class Format:
    """The format of a file. Raises FormatError when two of its fields contradict each other."""

    delimiter: str | None = None
    """None: detected from the first rows."""
    quote: str | None = '"'
    """None: quotes have no special meaning."""
    encoding: str = "utf-8"
    decimal: str = "."
    thousands: str | None = None
    names: tuple[str, ...] | None = None
    """The columns of a file without a header."""
    missing: tuple[str, ...] = ()
    """Texts that mean a missing value, in addition to `tabular.missing_markers.MISSING`. Case matters."""
    skip_lines: int = 0
    """Lines before the header that are not part of the table."""
    comment: str | None = None
    """The text that a comment line begins with."""
    sheet: str | int | None = None
    """The name or the number, from 1, of a workbook's sheet. None: its only sheet."""
    member: str | None = None
    """The files of a zip archive: a name, or a pattern such as `2024/*.csv`. None: all of them."""

    def __post_init__(self) -> None:
        problems = [*self._wrong_marks(), *self._equal_marks(), *self._signs(), *self._wrong_names()]
        if not _reads_text(self.encoding):
            problems.append(
                f"encoding: expected the name of a text encoding such as utf-8, found {self.encoding[:40]!r}"
            )
        if self.skip_lines < 0:
            problems.append(f"skip_lines: expected 0 or more, found {self.skip_lines}")
        if problems:
            raise FormatError("\n".join(problems))

    def _marks(self) -> dict[str, str]:
        names = ("delimiter", "quote", "decimal", "thousands", "comment")
        return {name: value for name in names if (value := getattr(self, name)) is not None}

    def _wrong_marks(self) -> list[str]:
        return [
            f"{name}: expected one character other than a line end, letter or digit, found {mark!r}"
            for name, mark in self._marks().items()
            if not (mark if name == "comment" else len(mark) == 1) or any(c in "\r\n\0" or c.isalnum() for c in mark)
        ]

    def _equal_marks(self) -> list[str]:
        marks = self._marks()
        pairs = [("quote", "delimiter"), ("comment", "delimiter"), ("comment", "quote"), ("thousands", "decimal")]
        pairs += [(number, other) for number in ("decimal", "thousands") for other in ("quote", "comment")]
        if self.decimal != ".":  # a decimal point conflicts only with a point as delimiter, which no file has
            pairs.append(("decimal", "delimiter"))
        pairs.append(("thousands", "delimiter"))
        return [
            f"{left}: expected another character than the {right}, found {marks[left]!r} for both"
            for left, right in pairs
            if left in marks and marks[left] == marks.get(right)
        ]

    def _signs(self) -> list[str]:
        return [
            f"{name}: expected a mark other than a sign of a number, found {mark!r}"
            for name, mark in self._marks().items()
            if name in ("decimal", "thousands") and mark in "+-"
        ]

    def _wrong_names(self) -> list[str]:
        if self.names is None:
            return []
        if not any(name.strip() for name in self.names):
            return ["header: expected the names of the columns, found none"]
        return [f"header: expected each name once, found {name!r} twice" for name in repeated(self.names)]


def repeated(names: Iterable[str]) -> list[str]:
    """Return the names that occur more than once, stripped, in order, without empty ones."""
    counts = Counter(name.strip() for name in names)
    return [name for name, count in counts.items() if name and count > 1]


_NOT_OF_FILES = ("idna", "punycode", "raw_unicode_escape", "unicode_escape")
"""Python's text encodings that change plain text."""


def _reads_text(encoding: str) -> bool:
    try:
        if codecs.lookup(encoding) in map(codecs.lookup, _NOT_OF_FILES):
            return False
        codecs.getincrementaldecoder(encoding)
        return "a,b\n".encode(encoding).decode(encoding) == "a,b\n"
    except (LookupError, UnicodeError, TypeError, ValueError, AssertionError):
        return False


USUAL = Format()
"""The default format: any delimiter, UTF-8, quoted as in RFC 4180, with a header."""
