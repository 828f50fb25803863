"""A person's rows in the dataset versions, and what people have corrected in them."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from config.use_case import UseCase
from tasks import corrections, locations, storage
from tasks.corrections import Fix
from tasks.forgetting.person import Person
from tasks.landing import reading, removal, versions
from tasks.landing.table import find_table
from tasks.rows.corrections import Correction, content_digest, place_of

Row = Mapping[str, Any]


def other_values(use_case: str, person: Person, wanted: Sequence[Any]) -> set[Any]:
    """Return those of the values that other rows of the current version have too, in any column."""
    current, found = versions.latest(use_case), set[Any]()
    if current is None:
        return found
    with reading.opened(versions.reference(use_case, current)) as stored:
        typed = {field.name: _typed(wanted, field.type) for field in stored.schema}
        for batch in stored.iter_batches():
            others = batch.filter(pa.array(~person.mask(batch)))
            for column, values in zip(others.columns, typed.values(), strict=True):
                found.update(pc.unique(column.filter(pc.is_in(column, values))).to_pylist())
    return found


def _typed(values: Iterable[Any], kind: pa.DataType) -> pa.Array:
    """The values that fit the type. A number or a date may be in a text."""
    fitting = []
    for value in values:
        with suppress(pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
            fitting.append(pa.scalar(value).cast(kind).as_py())
    return pa.array(fitting, kind)


@dataclass(frozen=True)
class TableRows:
    """The person's rows in the table."""

    files: Sequence[removal.FoundFile]
    versions: Sequence[str]
    """The digests of the versions that have them."""
    rows: Sequence[Row]

    @property
    def count(self) -> int:
        """The number of rows in all files."""
        return sum(file.rows for file in self.files)


def find(use_case: str, person: Person) -> TableRows:
    """Return the person's rows of all versions, also those of files that no version has."""
    files = removal.find_rows(use_case, person.mask)
    rows = [row for batch in removal.read_rows(use_case, files, person.mask) for row in batch.to_pylist()]
    return TableRows(files, removal.versions_with(use_case, files), rows)


def remove(use_case: UseCase, person: Person, found: TableRows) -> dict[str, int]:
    """Remove the person from all versions and corrections; return the number of rows by the digest of the version."""
    wanted = _Corrected(found.rows)
    _remove_fixes(use_case.name, wanted)
    release = _release_without(use_case.name, wanted)
    removed = removal.remove_rows(use_case, found.files, person.mask, release) if found.files or release else {}
    _delete_other_releases(use_case.name)
    return removed


class _Corrected:
    """Whether a correction is of one of these rows."""

    def __init__(self, rows: Sequence[Row]) -> None:
        stored = [row for row in rows if "source_line" in row]
        self._lines = {place_of(row["source_file"], row["source_line"], 0) for row in stored if row["source_line"]}
        self._contents = {content_digest(row) for row in stored}

    def has(self, correction: Correction) -> bool:
        """By its line in the source, or by the digest of the row's content."""
        lined = correction.line is not None and correction.place in self._lines
        return lined or correction.original in self._contents


def _release_without(use_case: str, wanted: _Corrected) -> str | None:
    """Store the release in effect without the person's corrections, and return its name; None if it has none."""
    name = corrections.release_of(find_table(use_case))
    known = corrections.released(use_case, name)
    left = [each for each in known if not wanted.has(each)]
    return corrections.save_release(use_case, left) if len(left) < len(known) else None


def _remove_fixes(use_case: str, wanted: _Corrected) -> None:
    folder = locations.fixes(use_case)
    for name in list(storage.names(folder)):
        fix = storage.parsed(uri := f"{folder}/{name}", storage.get(uri), Fix)
        left = tuple(each for each in fix.corrections if not wanted.has(each))
        if len(left) < len(fix.corrections):
            storage.put(uri, fix.model_copy(update={"corrections": left}).model_dump_json(indent=1).encode())


def _delete_other_releases(use_case: str) -> None:
    """Delete the releases that are no longer in effect: each lists all corrections of its time."""
    current = corrections.release_of(find_table(use_case))
    folder = f"{locations.root(use_case)}/corrections/released"
    storage.delete([f"{folder}/{name}" for name in storage.names(folder) if name != f"{current}.json"])
