"""An object in S3."""

import re
from dataclasses import dataclass
from typing import IO

from botocore.exceptions import BotoCoreError, ClientError

from config.errors import AccessDenied, SourceError, VishwaOpsError
from tasks import clients, storage

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
        try:
            return storage.opened(self.address)
        except FileNotFoundError as error:
            raise SourceError(f"{self.address}: can't be read: there is no such object") from error
        except ClientError as error:
            raise SourceError(f"{self.address}: can't be read: {refusal(error)}") from error
        except AccessDenied as error:
            raise SourceError(f"{self.address}: can't be read: {error}. {GRANT}") from error
        except BotoCoreError as error:
            raise SourceError(f"{self.address}: can't be read: {str(error).splitlines()[0]}") from error

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


def refusal(error: ClientError) -> str:
    """Return S3's error as a message."""
    found = error.response["Error"]
    return f"S3 answered {found.get('Code', '')}: {found.get('Message', '')}"
