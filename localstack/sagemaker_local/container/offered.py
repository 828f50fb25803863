"""What a requirements.txt asks for, and the files beside it that pip may take."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

_LINKS = re.compile(r"(?:--find-links|-f)[ =](?P<path>\S+)")


@dataclass(frozen=True)
class Offered:
    """A requirements.txt, and a digest of every file that pip may take because of it."""

    lines: list[str]
    """Without comments."""
    no_index: bool
    files: dict[Path, str] | None
    """The SHA-256 of each; None where a line names something else, so that what is installed is not known before."""

    @classmethod
    def read(cls, file: Path) -> Offered:
        """The requirements of a file; none where there is no file."""
        lines = lines_of(file) if file.is_file() else []
        return cls(lines, "--no-index" in lines, _files(lines, file.parent))

    @property
    def requirements(self) -> list[str]:
        """The lines that are no options."""
        return [line for line in self.lines if not line.startswith("-")]

    @property
    def key(self) -> list[str] | None:
        """Everything that decides what is installed; None where that is not known."""
        if self.files is None:
            return None
        return [*self.lines, *(f"{path.name} {digest}" for path, digest in self.files.items())]


def lines_of(file: Path) -> list[str]:
    """The lines of a requirements file without comments; a line that ends in `\\` is joined to the next."""
    text = file.read_text().replace("\\\n", " ")
    lines = (line.split(" #")[0].strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _files(lines: list[str], folder: Path) -> dict[Path, str] | None:
    found: list[Path] = []
    for line in lines:
        links = _LINKS.fullmatch(line)
        path = folder / (links["path"] if links else line)
        if links and path.exists():  # a folder of wheels, or a page of links to the files beside it
            found += sorted(each for each in (path if path.is_dir() else path.parent).iterdir() if each.is_file())
        elif links or (line.startswith("-") and line != "--no-index"):
            return None
        elif path.is_file():
            found.append(path)
        elif "/" in line:
            return None
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}
