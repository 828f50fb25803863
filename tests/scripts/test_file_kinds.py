import pytest

from tabular.file_kinds import refuse_other_kinds, suggested_encoding
from tabular.formats import FormatError


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"PK\x03\x04..xl/workbook.xml", r"an Excel workbook \(xlsx\)\. Save the sheet as CSV"),
        (b"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "an OpenDocument sheet"),
        (b"PK\x05\x06", r"a zip archive\. Unpack it first: unzip FILE"),
        (b"\xfd7zXZ\0\0", "by xz"), (b"\x28\xb5\x2f\xfd\x04", "by Zstandard"), (b"ARROW1\0\0", "an Arrow file"),
        (b"ORC\x08\x03", "an ORC file"), (b"SQLite format 3\0", "an SQLite database"),
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file"), (b"<?xml version='1.0'?>", r"a web page \(HTML or XML\)"),
        (b"\n <TABLE border=1>", "a web page"), (b"[\n", "JSON"), (b"{}", "JSON"),
    ],
)  # fmt: skip
def test_another_kind_of_file_is_refused_with_what_to_do(head: bytes, kind: str) -> None:
    with pytest.raises(FormatError, match=rf"expected delimited text \(CSV\), found .*{kind}"):
        refuse_other_kinds(head, "utf-8")


@pytest.mark.parametrize("head", [b"", b"a,b\n1,2\n", b"ORC,b\n1,2\n", b"<id>,b\n", b"[id],b\n", b"\xef\xbb\xbfa,b\n"])
def test_delimited_text_passes(head: bytes) -> None:
    refuse_other_kinds(head, "utf-8")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_a_byte_order_mark_names_the_encoding_to_write(encoding: str) -> None:
    head = "a,b\n1,2\n".encode(encoding)
    refuse_other_kinds(head, encoding)
    with pytest.raises(FormatError, match=rf"found the byte order mark of {encoding.upper()}.*`encoding: {encoding}`"):
        refuse_other_kinds(head, "utf-8")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_known_by_its_zeros(encoding: str) -> None:
    with pytest.raises(FormatError, match=f"found every second byte zero. Write `encoding: {encoding}`"):
        refuse_other_kinds("name,age\nanna,12\n".encode(encoding), "utf-8")


def test_the_usual_encoding_of_windows_is_told_from_latin_1() -> None:
    assert suggested_encoding("5 €".encode("cp1252")) == "cp1252"
    assert suggested_encoding("é".encode("latin-1")) == "latin-1"
