"""The rows of a base, with columns of other sources that have the same keys.

Each part is written to a temporary file with the texts of its keys; DuckDB joins the files on disk.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, cast

from config.sources import JoinedSource
from config.sources.joined import Part
from config.use_case import UseCase
from tabular.columns import Column
from tabular.formats import Format
from tasks import digests

if TYPE_CHECKING:
    import pyarrow as pa

    from tasks.sources.source import Source


def open_for(use_case: UseCase) -> "Source":
    """Return the joined rows of a use case. Its column types decide which keys are equal."""
    return Joined(cast(JoinedSource, use_case.source), use_case.name, use_case.columns_by_header)


def open_source(source: JoinedSource, use_case: str, headers: Sequence[str]) -> "Source":
    """Return the joined rows, whose keys are compared as texts."""
    return Joined(source, use_case)


def open_part(part: Part, use_case: str, known: Mapping[str, Column]) -> "Source":
    """Open a source that is read whole. A join among its parts compares keys by `known`, the columns by header."""
    if isinstance(part, JoinedSource):
        return Joined(part, use_case, known)
    from tasks.sources import open_source  # it imports this module by its name

    return open_source(part, None, use_case)


@dataclass(frozen=True)
class Joined:
    """The rows of a join, in the order of the base, with its files and lines."""

    source: JoinedSource
    use_case: str
    known: Mapping[str, Column] = field(default_factory=dict)
    """The use case's columns by their header."""

    @property
    def format(self) -> Format:
        """The format of the base."""
        return self._opened(self.source.base).format

    def describe(self) -> str:
        """The parts, without secrets."""
        base, *others = (part.describe() for part in self._parts())
        return f"{base} joined with {', '.join(others)}"

    def fingerprint(self) -> str | None:
        """Return the fingerprints of all parts; None when a part has none."""
        found = [part.fingerprint() for part in self._parts()]
        return None if None in found else digests.of_json(found)

    def batches(self) -> "Iterator[pa.RecordBatch]":
        """Yield the joined rows. Raises the errors of the parts, and SourceError when their keys do not fit."""
        from tasks.sources.joins.joining import Joining

        with TemporaryDirectory(prefix="vishwaops-joined-") as folder:
            yield from Joining(self.source, self._opened, self.known, Path(folder)).batches()

    def _parts(self) -> "list[Source]":
        return [self._opened(part) for part in (self.source.base, *(join.source for join in self.source.joins))]

    def _opened(self, part: Part) -> "Source":
        return open_part(part, self.use_case, self.known)
