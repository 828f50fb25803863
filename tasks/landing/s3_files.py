"""PyIceberg's access to S3, by the project's own client: with its endpoint, credentials, retries and errors."""

import io
from typing import Any

from pyiceberg.io import FileIO, InputFile, InputStream, OutputFile, OutputStream

from tasks import clients, storage

READ_IN_RANGES = ".parquet"
"""The ending of large files: only the parts of them that are needed are read. Others are read whole."""


class S3Files(FileIO):
    """Reads, writes and deletes objects by their `s3://` addresses."""

    def new_input(self, location: str) -> InputFile:
        """The object at an address, for reading."""
        return _Input(location)

    def new_output(self, location: str) -> OutputFile:
        """The object at an address, for writing."""
        return _Output(location)

    def delete(self, location: str | InputFile | OutputFile) -> None:
        """Delete an object."""
        storage.delete([location if isinstance(location, str) else location.location])


class _Input(InputFile):
    def __len__(self) -> int:
        return storage.size(self.location)

    def exists(self) -> bool:
        return storage.exists(self.location)

    def open(self, seekable: bool = True) -> InputStream:
        if self.location.endswith(READ_IN_RANGES):
            return io.BufferedReader(_Ranges(self.location), 1 << 16)
        return io.BytesIO(storage.get(self.location))


class _Output(OutputFile):
    def __len__(self) -> int:
        return storage.size(self.location)

    def exists(self) -> bool:
        return storage.exists(self.location)

    def to_input_file(self) -> InputFile:
        return _Input(self.location)

    def create(self, overwrite: bool = False) -> OutputStream:
        return _Written(self.location, overwrite)


class _Written(io.BytesIO):
    """The content of a new object, which is written when this is closed without an error."""

    def __init__(self, location: str, overwrite: bool) -> None:
        super().__init__()
        self._location, self._overwrite, self._failed = location, overwrite, False

    def __exit__(self, kind: Any, *error: Any) -> None:
        self._failed = kind is not None
        super().__exit__(kind, *error)

    def close(self) -> None:
        if not self.closed and not self._failed:
            self._put(self.getvalue())
        super().close()

    def _put(self, content: bytes) -> None:
        if self._overwrite:
            return storage.put(self._location, content)
        try:
            return storage.put_if(self._location, content, None)
        except storage.Changed as error:
            raise FileExistsError(f"{self._location}: expected no object yet; found one") from error


class _Ranges(io.RawIOBase):
    """An object that is read by ranges of bytes."""

    def __init__(self, location: str) -> None:
        self._bucket, self._key = storage.address(location)
        self._size, self._at = storage.size(location), 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def readinto(self, buffer: Any) -> int:
        last = min(self._at + len(buffer), self._size) - 1
        if last < self._at:
            return 0
        wanted = f"bytes={self._at}-{last}"
        found = clients.s3().get_object(Bucket=self._bucket, Key=self._key, Range=wanted)["Body"].read()
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)
