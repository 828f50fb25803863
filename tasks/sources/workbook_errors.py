"""The cells of an Excel sheet that have an error, such as #DIV/0!, which the reader gives as empty cells."""

import re
import zipfile
from html import unescape

from tasks.sources.workbook_size import column_number, pieces

_SHEET = re.compile(rb"<(?:\w+:)?sheet\s([^>]*)>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s([^>]*)>")
_ATTRIBUTE = re.compile(rb"([\w:]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_ERROR = re.compile(rb"<(?:\w+:)?c\s([^>]*\st=[\"']e[\"'][^>]*)>(.*?)</(?:\w+:)?c>", re.DOTALL)
_VALUE = re.compile(rb"<(?:\w+:)?v[^>]*>([^<]*)<")
_PLACE = re.compile(r"([A-Z]+)(\d+)")

Errors = dict[int, dict[int, str]]
"""The texts of errors, by the number of the row and the number of the column, from 1."""


def errors_of(archive: zipfile.ZipFile, sheet: str) -> Errors:
    """Return the errors of the sheet of this name. It has none if the workbook is not Excel's."""
    found: Errors = {}
    if (part := _part(archive, sheet)) is None:
        return found
    for rows in pieces(archive, part, b"</row>"):
        for cell in _ERROR.finditer(rows) if b'="e"' in rows or b"='e'" in rows else ():
            place = _PLACE.fullmatch(_attributes(cell[1]).get("r", ""))
            value = _VALUE.search(cell[2])
            if place:
                text = unescape(value[1].decode()) if value else "#ERROR!"
                found.setdefault(int(place[2]), {})[column_number(place[1].encode())] = text
    return found


def _part(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Return the name of the file of a sheet."""
    names = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return None
    sheets = map(_attributes, _SHEET.findall(archive.read("xl/workbook.xml")))
    relations = map(_attributes, _RELATION.findall(archive.read("xl/_rels/workbook.xml.rels")))
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    for found in sheets:
        if found.get("name") == sheet:
            identity = next((value for key, value in found.items() if key.endswith(":id")), None)
            part = targets.get(identity, "")
            path = part[1:] if part.startswith("/") else f"xl/{part}"
            return path if path in names else None
    return None


def _attributes(text: bytes) -> dict[str, str]:
    return {name.decode(): unescape((double or single).decode()) for name, double, single in _ATTRIBUTE.findall(text)}
