"""Writes one table of texts, numbers, booleans and dates in every format that sources read."""

import bz2
import gzip
import io
import json
import lzma
import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq

Table = Mapping[str, Sequence[Any]]
"""The cells by column: texts, whole numbers, floats, booleans, dates, None."""


def csv_bytes(table: Table, delimiter: str = ",") -> bytes:
    """The table as delimited text. Every text is quoted."""
    lines = [delimiter.join(_quoted(name) for name in table)]
    lines += [delimiter.join(map(_csv_cell, row)) for row in zip(*table.values(), strict=True)]
    return "".join(f"{line}\n" for line in lines).encode()


def _csv_cell(value: Any) -> str:
    return _quoted(value) if isinstance(value, str) else "" if value is None else _text(value)


def _quoted(text: str) -> str:
    escaped = text.replace('"', '""')
    return f'"{escaped}"'


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def json_lines_bytes(table: Table) -> bytes:
    """The table as JSON Lines. Dates are texts. Every second row lacks the keys of missing cells."""
    lines = []
    for number, row in enumerate(zip(*table.values(), strict=True)):
        cells = {name: str(value) if isinstance(value, date) else value for name, value in zip(table, row, strict=True)}
        kept = {name: value for name, value in cells.items() if value is not None or number % 2 == 0}
        lines.append(json.dumps(kept, ensure_ascii=bool(number % 2)) + "\n")
    return "".join(lines).encode()


def _arrow(table: Table) -> pa.Table:
    return pa.table({name: pa.array(list(values)) for name, values in table.items()})


def parquet_bytes(table: Table) -> bytes:
    """The table as Parquet."""
    file = io.BytesIO()
    pq.write_table(_arrow(table), file)
    return file.getvalue()


def feather_bytes(table: Table) -> bytes:
    """The table as an Arrow file, compressed by LZ4 as pandas does it."""
    file = io.BytesIO()
    pyarrow.feather.write_feather(_arrow(table), file)
    return file.getvalue()


def arrow_stream_bytes(table: Table) -> bytes:
    """The table as an Arrow stream of batches of three rows."""
    file, rows = io.BytesIO(), _arrow(table)
    with pa.ipc.new_stream(file, rows.schema) as writer:
        writer.write_table(rows, max_chunksize=3)
    return file.getvalue()


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def xlsx_bytes(table: Table, sheets: Mapping[str, str] | None = None, hidden: Sequence[str] = ()) -> bytes:
    """The table as an Excel workbook of one sheet, `Rows`; or one with the XML of these sheets' data."""
    data = sheets or {"Rows": sheet_data([list(table), *zip(*table.values(), strict=True)])}
    kinds = {"worksheet": [f"worksheets/sheet{at}.xml" for at, _ in enumerate(data, 1)], "styles": ["styles.xml"]}
    targets = [(kind, target) for kind, found in kinds.items() for target in found]
    state = dict.fromkeys(hidden, ' state="hidden"')
    entries = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{at}" r:id="rId{at}"{state.get(name, "")}/>'
        for at, name in enumerate(data, 1)
    )
    relations = "".join(
        f'<Relationship Id="rId{at}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for at, (kind, target) in enumerate(targets, 1)
    )
    book = f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    formats = "".join(f'<xf numFmtId="{number}"/>' for number in (0, 14, 22))
    files = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}">{book}</Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{entries}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELATIONS}">{relations}</Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><cellXfs>{formats}</cellXfs></styleSheet>',
    }
    for at, content in enumerate(data.values(), 1):
        sheet = f'<worksheet xmlns="{_MAIN}"><sheetData>{content}</sheetData></worksheet>'
        files[f"xl/worksheets/sheet{at}.xml"] = sheet
    return zip_bytes({name: text.encode() for name, text in files.items()})


def sheet_data(rows: Sequence[Sequence[Any]], first: int = 1) -> str:
    """The XML of a sheet's rows, from row number `first` on."""
    return "".join(
        f'<row r="{number}">{"".join(_xlsx_cell(column, number, cell) for column, cell in enumerate(row))}</row>'
        for number, row in enumerate(rows, first)
    )


def _xlsx_cell(column: int, row: int, value: Any) -> str:
    place = f'r="{chr(ord("A") + column)}{row}"'
    match value:
        case None:
            return ""
        case str():
            return f'<c {place} t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
        case bool():
            return f'<c {place} t="b"><v>{int(value)}</v></c>'
        case datetime():
            return f'<c {place} s="2"><v>{(value - datetime(1899, 12, 30)).total_seconds() / 86400!r}</v></c>'
        case date():
            return f'<c {place} s="1"><v>{(value - date(1899, 12, 30)).days}</v></c>'
        case _:
            return f"<c {place}><v>{value!r}</v></c>"


def xls_bytes(table: Table) -> bytes:
    """The table as an old Excel workbook: records of BIFF8 in a compound file of sectors of 512 bytes."""

    def record(kind: int, content: bytes) -> bytes:
        return struct.pack("<HH", kind, len(content)) + content

    def begin(kind: int) -> bytes:
        return record(0x809, struct.pack("<HHHHII", 0x600, kind, 0, 0, 0, 6))

    def text(value: str) -> bytes:
        encoded = value.encode("utf-16-le")
        return struct.pack("<HB", len(encoded) // 2, 1) + encoded

    def cell(row: int, column: int, value: Any) -> bytes:
        place = struct.pack("<HH", row, column)
        match value:
            case None:
                return b""
            case str():
                return record(0x204, place + b"\0\0" + text(value))
            case bool():
                return record(0x205, place + struct.pack("<HBB", 0, value, 0))
            case date():
                return record(0x203, place + struct.pack("<Hd", 1, (value - date(1899, 12, 30)).days))
            case _:
                return record(0x203, place + struct.pack("<Hd", 0, value))

    rows = [list(table), *zip(*table.values(), strict=True)]
    cells = b"".join(cell(at, column, value) for at, row in enumerate(rows) for column, value in enumerate(row))
    styles = b"".join(record(0xE0, struct.pack("<HH", 0, number) + bytes(16)) for number in (0, 14))
    size = struct.pack("<IIHHH", 0, len(rows), 0, len(table), 0)
    sheet = begin(0x10) + record(0x200, size) + cells + record(0x0A, b"")
    name = b"\4\0Rows"
    offset = len(begin(5)) + len(styles) + 4 + 6 + len(name) + 4
    book = begin(5) + styles + record(0x85, struct.pack("<IBB", offset, 0, 0) + name) + record(0x0A, b"") + sheet
    return _compound_file(book + bytes(-len(book) % 512 + 4096))


def _compound_file(stream: bytes) -> bytes:
    """A compound file with the stream `Workbook`: its header, the sector of the chains, the directory, the stream."""
    count = len(stream) // 512
    end, free = 0xFFFFFFFE, 0xFFFFFFFF
    assert count <= 126
    chains = [0xFFFFFFFD, end, *range(3, count + 2), end, *[free] * (126 - count)]
    header = struct.pack("<8s16s5H6x9I", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6,
                         0, 1, 1, 0, 4096, end, 0, end, 0)  # fmt: skip

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        text = name.encode("utf-16-le")
        return struct.pack("<64sHBBIII36xIQ", text, len(text) + 2, kind, 1, free, free, child, start, size)

    directory = entry("Root Entry", 5, 1, end, 0) + entry("Workbook", 2, free, 2, len(stream))
    sectors = struct.pack("<128I", *chains)
    return header + struct.pack("<109I", 0, *[free] * 108) + sectors + directory.ljust(512, b"\0") + stream


_ODS = "urn:oasis:names:tc:opendocument:xmlns"


def ods_bytes(table: Table) -> bytes:
    """The table as an OpenDocument sheet."""
    rows = "".join(
        f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>"
        for row in [list(table), *zip(*table.values(), strict=True)]
    )
    names = "".join(f' xmlns:{name}="{_ODS}:{name}:1.0"' for name in ("office", "table", "text"))
    content = (
        f'<office:document-content{names}><office:body><office:spreadsheet><table:table table:name="Rows">{rows}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    manifest = f'<manifest:manifest xmlns:manifest="{_ODS}:manifest:1.0"/>'.encode()
    return zip_bytes({"mimetype": kind, "content.xml": content.encode(), "META-INF/manifest.xml": manifest})


def _ods_cell(value: Any) -> str:
    match value:
        case None:
            return "<table:table-cell/>"
        case str():
            kind, shown = 'office:value-type="string"', escape(value)
        case bool():
            kind, shown = f'office:value-type="boolean" office:boolean-value="{_text(value)}"', ""
        case date():
            kind, shown = f'office:value-type="date" office:date-value="{value.isoformat()}"', ""
        case _:
            kind, shown = f'office:value-type="float" office:value="{value!r}"', ""
    return f"<table:table-cell {kind}><text:p>{shown}</text:p></table:table-cell>"


def zip_bytes(files: Mapping[str, bytes]) -> bytes:
    """A zip archive of these files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return content.getvalue()


FORMATS: Mapping[str, Callable[[Table], bytes]] = {
    "csv": csv_bytes,
    "tsv": lambda table: csv_bytes(table, "\t"),
    "jsonl": json_lines_bytes,
    "parquet": parquet_bytes,
    "feather": feather_bytes,
    "arrows": arrow_stream_bytes,
    "xlsx": xlsx_bytes,
    "xls": xls_bytes,
    "ods": ods_bytes,
}
COMPRESSIONS: Mapping[str, Callable[[bytes], bytes]] = {
    "": lambda content: content,
    "gzip": gzip.compress,
    "zip": lambda content: zip_bytes({"folder/rows": content}),
    "zstd": lambda content: bytes(pa.compress(content, codec="zstd", asbytes=True)),
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "gzip in two parts": lambda content: gzip.compress(content[:50]) + gzip.compress(content[50:]),
}
