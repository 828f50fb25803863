"""The sources that can be scored: a file, a folder, a prefix in S3, a landed table, or the configured source."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from config.errors import SourceError
from config.sources import S3PrefixSource
from config.sources.written import FORMAT_KEYS
from config.use_case import UseCase, load_use_case
from tabular.formats import USUAL, Format
from tasks import sources
from tasks.landing import reading, versions
from tasks.model_contract import FILE, LINE, MALFORMED, TEXT, UNREAD
from tasks.references import DatasetVersion
from tasks.rows.typed_rows import ADDED
from tasks.sources import s3_prefix
from tasks.sources.same_columns import SameColumns
from tasks.sources.source import (
    FILE_COLUMN,
    LINE_COLUMN,
    REASON_COLUMN,
    RESERVED,
    TEXT_COLUMN,
    Source,
    with_reserved,
)
from tasks.sources.with_windows import with_windows

TABLE = re.compile(r"table:(?P<use_case>[^@]+)(@(?P<version>.+))?")
"""How a landed table is named: `table:<use case>`, or `table:<use case>@<version>`."""


def open_scored(use_case: UseCase, location: str | None) -> Source:
    """Open what is scored, with the windows that it lacks. Nothing is read.

    `location` is a path, `https://` or `s3://` address of a file; a folder, or `s3://` address that ends with a slash,
    of files with the same columns; or `table:` and the name of a use case whose rows are landed. None: the configured
    source. Raises SourceError, ConfigError and MissingInput.
    """
    return with_windows(use_case, _opened(use_case, location))


def _opened(use_case: UseCase, location: str | None) -> Source:
    if location is None:
        return sources.source_of(use_case, None)
    if table := TABLE.fullmatch(location):
        return _table(use_case, table["use_case"], table["version"])
    headers = list(use_case.headers.values())
    format = use_case.source.format(headers)
    if location.lower().startswith("s3://") and location.endswith("/"):
        configured = S3PrefixSource(kind="s3_prefix", location=location, **_format_keys(use_case))
        return s3_prefix.open_source(configured, use_case.name, [])
    if Path(location).expanduser().is_dir():
        return Folder(Path(location).expanduser(), use_case, format)
    return sources.open_source(use_case.source, location, use_case.name, headers)


def _format_keys(use_case: UseCase) -> dict[str, Any]:
    return use_case.source.model_dump(include={*FORMAT_KEYS, "header"})


@dataclass(frozen=True)
class Folder:
    """The files of a folder on this machine, in the order of their names."""

    path: Path
    use_case: UseCase
    format: Format

    def describe(self) -> str:
        """The path."""
        return f"{self.path}/"

    def fingerprint(self) -> str:
        """A digest of the names, sizes and times of the files."""
        found = [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in self._files()]
        return f"{self.path}:{hashlib.sha256(repr(found).encode()).hexdigest()}"

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows of every file. Raises SourceError when a file can't be read or has other columns."""
        files, same = self._files(), SameColumns([])
        if not files:
            raise SourceError(f"{self.path}: expected files, found none")
        for file in files:
            opened = sources.open_source(self.use_case.source, str(file), self.use_case.name)
            for batch in opened.batches():
                yield same.aligned(batch, str(file))

    def _files(self) -> list[Path]:
        return sorted(
            file
            for file in self.path.rglob("*")
            if file.is_file() and not any(part.startswith((".", "_")) for part in file.relative_to(self.path).parts)
        )


def _table(use_case: UseCase, name: str, version: str | None) -> "Landed":
    found = versions.find(load_use_case(name).name, version or versions.LATEST)
    return Landed(versions.reference(name, found), use_case)


@dataclass(frozen=True)
class Landed:
    """The rows of a dataset version."""

    dataset: DatasetVersion
    use_case: UseCase
    """The use case that scores them."""
    format: Format = USUAL

    def describe(self) -> str:
        """The table and the version."""
        return f"table {self.dataset.table}, version {self.dataset.digest}"

    def fingerprint(self) -> str:
        """The digest of the rows."""
        return f"{self.dataset.table}:{self.dataset.digest}"

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the typed rows; those with cells that were not read as malformed. Raises MissingInput if deleted."""
        headers = self.use_case.headers
        with reading.opened(self.dataset) as rows:
            own = [name for name in rows.schema.names if name not in ADDED]
            for batch in rows.iter_batches():
                cells = batch.select(own).rename_columns([headers.get(name, name) for name in own])
                malformed = pa.array(map(self._malformed, batch[MALFORMED].to_pylist(), batch[UNREAD].to_pylist()))
                kinds = {field.name: field.type for field in RESERVED}
                yield with_reserved(
                    cells,
                    batch[LINE].cast(kinds[LINE_COLUMN]),
                    malformed.cast(kinds[REASON_COLUMN]),
                    batch[TEXT].cast(kinds[TEXT_COLUMN]),
                    batch[FILE].cast(kinds[FILE_COLUMN]),
                )

    def _malformed(self, malformed: str | None, unread: str) -> str | None:
        """Return why a row can't be scored: it is malformed, or a cell that a request needs was not read."""
        if malformed or not unread:
            return malformed
        columns, texts = self.use_case.split_columns, json.loads(unread)
        found = [columns[name] for name in self.use_case.request_columns if name in texts]
        return "; ".join(f"{c.name}: expected {c.expected}, found {c.shown(texts[c.name])}" for c in found) or None
