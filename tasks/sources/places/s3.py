"""An object in S3."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from botocore.exceptions import BotoCoreError, ClientError

from config.errors import AccessDenied, SourceError, VishwaOpsError
from tasks import clients, storage
from tasks.sources.transfers import Transfer
from tasks.temporary_files import temporary_file

BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
"""Amazon S3 User Guide, "General purpose bucket naming rules"."""

GRANT = "The flows of an environment on AWS read other buckets than its own by Terraform's variable source_buckets"


@dataclass(frozen=True)
class S3Object:
    """`s3://BUCKET/KEY`."""

    address: str

    def open(self) -> IO[bytes]:
        """Copy the object to a temporary file and open that. Raises SourceError."""
        self._require_object()
        file = temporary_file()
        with explained(self.address):
            try:
                copied(self.address, file)
            except FileNotFoundError as error:
                raise SourceError(f"{self.address}: can't be read: there is no such object") from error
        file.seek(0)
        return file

    def fingerprint(self) -> str | None:
        """Return the object's ETag, version and size; None when S3 refuses. Reading the object reports the error."""
        bucket, key = storage.address(self.address)
        try:
            found = clients.s3().head_object(Bucket=bucket, Key=key)
        except (ClientError, BotoCoreError, VishwaOpsError):
            return None
        return ":".join([self.address, found["ETag"], found.get("VersionId", ""), str(found["ContentLength"])])

    def _require_object(self) -> None:
        bucket, key = storage.address(self.address)
        if not BUCKET.fullmatch(bucket):
            raise SourceError(
                f"{self.address}: expected s3://BUCKET/KEY, found {bucket!r}, which can't be the name of a bucket"
            )
        if not key or key.endswith("/"):
            raise SourceError(f"{self.address}: expected one object, found a folder. Name the object in it")


def copied(uri: str, file: IO[bytes]) -> str:
    """Copy an object to an empty file, and return its ETag. Raises FileNotFoundError and the errors of S3."""
    shown = Transfer(uri)

    def show(amount: int, size: int) -> None:
        shown.total = size
        shown.at(amount)

    return storage.copy(uri, file, show)


@contextmanager
def explained(uri: str) -> Iterator[None]:
    """Raise SourceError, in one sentence, for an error of S3."""
    try:
        yield
    except storage.Changed as error:
        raise SourceError(f"{uri}: can't be read: it has changed or was deleted meanwhile. Run again") from error
    except ClientError as error:
        raise SourceError(f"{uri}: can't be read: {refusal(error)}") from error
    except AccessDenied as error:
        raise SourceError(f"{uri}: can't be read: {error}. {GRANT}") from error
    except BotoCoreError as error:
        raise SourceError(f"{uri}: can't be read: {str(error).splitlines()[0]}") from error


def refusal(error: ClientError) -> str:
    """Return S3's error as a message."""
    found = error.response["Error"]
    return f"S3 answered {found.get('Code', '')}: {found.get('Message', '')}"
