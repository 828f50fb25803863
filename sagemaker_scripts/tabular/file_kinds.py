"""Detects files of other kinds than delimited text by their first bytes."""

import codecs
import re

from tabular.formats import FormatError

UNPACK = "Unpack it first"
SAVE_AS = "Save the sheet as CSV in UTF-8, or the table as Parquet"

_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"\x1f\x8b", "a file compressed by gzip", UNPACK + ": gunzip FILE"),
    (b"BZh", "a file compressed by bzip2", UNPACK + ": bunzip2 FILE"),
    (b"\xfd7zXZ\0", "a file compressed by xz", UNPACK + ": unxz FILE"),
    (b"\x28\xb5\x2f\xfd", "a file compressed by Zstandard", UNPACK + ": unzstd FILE"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook (xls)", SAVE_AS),
    (b"PAR1", "a Parquet file", "Read it as Parquet"),
    (b"ARROW1", "an Arrow file", SAVE_AS),
    (b"ORC", "an ORC file", SAVE_AS),
    (b"%PDF", "a PDF document", SAVE_AS),
    (b"SQLite format 3\0", "an SQLite database", SAVE_AS),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", SAVE_AS),
)
_MARKUP = re.compile(rb"(?i)<(!doctype|html|head|body|table|\?xml)\b")
_JSON = re.compile(rb'(\{\s*("|\}|$))|(\[\s*(\{|\[|"|\]|$))')
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNMARKED = {
    "utf-16-le": "utf-16",
    "utf-16-be": "utf-16",
    "utf-32-le": "utf-32",
    "utf-32-be": "utf-32",
    "utf-8-sig": "utf-8",
}


def is_json(head: bytes) -> bool:
    """Whether the file that begins with `head` is JSON or JSON Lines."""
    return _JSON.match(_start(head)) is not None


def refuse_other_kinds(head: bytes, encoding: str) -> None:
    """Raise FormatError when the file that begins with `head` is not delimited text in `encoding`."""
    kind, advice = _binary(head) or _text(head) or ("", "")
    if kind:
        raise FormatError(f"expected delimited text (CSV), found {kind}. {advice}")
    _refuse_other_encodings(head, codecs.lookup(encoding).name)


def _binary(head: bytes) -> tuple[str, str] | None:
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _archive(head)
    return next(
        ((kind, advice) for magic, kind, advice in _MAGIC if head.startswith(magic) and _fits(magic, head)), None
    )


def _fits(magic: bytes, head: bytes) -> bool:
    """Whether a file has this magic number. A short one may also be text, so a control character must follow."""
    return not magic.isalnum() or any(byte < 9 for byte in head[:512])


def _archive(head: bytes) -> tuple[str, str]:
    if b"[Content_Types].xml" in head or b"xl/" in head:
        return "an Excel workbook (xlsx)", SAVE_AS
    if b"opendocument" in head:
        return "an OpenDocument sheet", SAVE_AS
    return "a zip archive", UNPACK + ": unzip FILE"


def _text(head: bytes) -> tuple[str, str] | None:
    start = _start(head)
    if _MARKUP.match(start):
        return "a web page (HTML or XML)", "Download the file itself, not the page that shows it"
    if _JSON.match(start):
        return "JSON", "Save it as CSV, or as Parquet"
    return None


def _start(head: bytes) -> bytes:
    return head.removeprefix(codecs.BOM_UTF8).lstrip()[:64]


def _refuse_other_encodings(head: bytes, encoding: str) -> None:
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if marked and marked not in (encoding, _UNMARKED.get(encoding)):
        raise FormatError(
            f"expected text in {encoding}, found the byte order mark of {marked.upper()}. Write `encoding: {marked}`"
        )
    if not marked and encoding == "utf-8" and (guess := _unmarked_utf_16(head)):
        raise FormatError(f"expected text in utf-8, found every second byte zero. Write `encoding: {guess}`")


def _unmarked_utf_16(head: bytes) -> str | None:
    sample = head[:512]
    if len(sample) < 4:
        return None
    high, low = sample[1::2].count(0) / (len(sample) // 2), sample[0::2].count(0) / (len(sample) // 2)
    if high > 0.7 and low < 0.1:
        return "utf-16-le"
    return "utf-16-be" if low > 0.7 and high < 0.1 else None


def suggested_encoding(content: bytes) -> str:
    """Return the most likely single-byte encoding of `content`, which is not UTF-8."""
    return "cp1252" if any(0x80 <= byte < 0xA0 for byte in content) else "latin-1"
