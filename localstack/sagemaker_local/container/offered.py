"""What a requirements.txt asks for, and the files beside it that pip may take.

Reads the format as pip does: see "Requirements File Format" in pip's documentation.
"""

from __future__ import annotations

import codecs
import hashlib
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_COMMENT = re.compile(r"(^|\s+)#.*$")
_LINK = re.compile(r'<a href="([^"&]*)"')
_ANY_LINK = re.compile(r"href|<base", re.IGNORECASE)
_BESIDE = re.compile(r"[^/\\:?]+")
_PAGES = (".html", ".htm")
_OF_FILES = {"-r": "--requirement", "-e": "--editable", "-c": "--constraint", "-f": "--find-links"}
_MORE = ("--requirement", "--editable")
"""The options that name more requirements."""
_BY_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(\[[\w., -]*\])?[^/\\@:$]*")
_ARCHIVE = re.compile(r"\.(whl|zip|tar|tgz|tbz|tlz|txz)")


@dataclass(frozen=True)
class Offered:
    """A requirements.txt, and a digest of every file that pip may take because of it."""

    lines: list[str]
    """Without comments."""
    no_index: bool
    """Whether the file, or one that it names by `-r`, has the option."""
    more: bool
    """Whether an option names requirements that are not among the lines."""
    files: dict[str, str] | None
    """The SHA-256 of each; None where a line names something else, so that what is installed is not known before. The
    keys are paths, relative ones to the folder of the requirements.txt."""

    @classmethod
    def read(cls, file: Path) -> Offered:
        """The requirements of a file; none where there is no file."""
        lines = lines_of(file) if file.is_file() else []
        options = [option for line in lines for option in _options(line)]
        return cls(
            lines,
            _has_no_index(options, file.parent, {file}),
            any(name in _MORE for name, _ in options),
            _digests(lines, file.parent),
        )

    @property
    def requirements(self) -> list[str]:
        """The lines that are no options."""
        return [line for line in self.lines if not line.startswith("-")]

    @property
    def key(self) -> list[str] | None:
        """Everything in the files that decides what is installed; None where that is not known."""
        if self.files is None:
            return None
        return [*self.lines, *(f"{path} {digest}" for path, digest in self.files.items())]


def is_name(line: str) -> bool:
    """Whether a line names a package, not a file or an address."""
    return bool(_BY_NAME.fullmatch(line)) and not _ARCHIVE.search(line)


def lines_of(file: Path) -> list[str]:
    """The lines of a requirements file without comments; a line that ends in `\\` is joined to the next."""
    text = _decoded(file.read_bytes()).replace("\r\n", "\n").replace("\\\n", " ")
    lines = (_COMMENT.sub("", line).strip() for line in text.splitlines())
    return [line for line in lines if line]


def _decoded(content: bytes) -> str:
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, errors="replace")
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _options(line: str) -> list[tuple[str, str]]:
    """The long names and the values of a line's options; without a value it is empty."""
    if not line.startswith("-"):
        return []
    try:
        words = shlex.split(line)
    except ValueError:
        return [("", line)]
    found: list[tuple[str, str]] = []
    for word in words:
        if word.startswith("--"):
            name, _, value = word.partition("=")
            found.append((name, value))
        elif word.startswith("-"):
            found.append((_OF_FILES.get(word[:2], word), word[2:]))
        else:
            name, value = found.pop()
            found.append((name, f"{value} {word}".strip()))
    return found


def _has_no_index(options: list[tuple[str, str]], folder: Path, seen: set[Path]) -> bool:
    for name, value in options:
        if name == "--no-index":
            return True
        file = folder / value
        if name == "--requirement" and file.is_file() and file not in seen:
            further = [option for line in lines_of(file) for option in _options(line)]
            if _has_no_index(further, file.parent, seen | {file}):
                return True
    return False


def _digests(lines: list[str], folder: Path) -> dict[str, str] | None:
    try:
        paths = list(_named(lines, folder))
        digests = {path: _digest(folder / path) for path in paths if path is not None}
    except OSError:
        return None
    return None if None in paths else digests


def _named(lines: list[str], folder: Path) -> Iterator[str | None]:
    """The paths that pip may take; None for something that can't be listed."""
    for line in lines:
        if line.startswith("-"):
            for option, value in _options(line):
                yield from _linked(folder, option, value)
        elif (folder / line).is_file() and ".." not in Path(line).parts:
            yield line
        elif not is_name(line):
            yield None


def _linked(folder: Path, option: str, value: str) -> Iterator[str | None]:
    """The files of one option: those of a folder of wheels, or those beside a page of links."""
    path = folder / value
    if option == "--no-index":
        return
    if option != "--find-links" or "$" in value or ".." in Path(value).parts or not path.exists():
        yield None
        return
    for each in sorted(path.iterdir() if path.is_dir() else path.parent.iterdir()):
        if each.is_file():
            yield str(each.relative_to(folder)) if each.is_relative_to(folder) else str(each)
        if each.suffix in _PAGES and not _links_beside(each):
            yield None


def _links_beside(page: Path) -> bool:
    """Whether a page links only to files beside it, in the form `<a href="name#…">`, and has no other links."""
    text = _decoded(page.read_bytes())
    names = [unquote(link.partition("#")[0]) for link in _LINK.findall(text)]
    others = len(_ANY_LINK.findall(text)) - len(names)
    return not others and all(_BESIDE.fullmatch(name) and (page.parent / name).is_file() for name in names)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
