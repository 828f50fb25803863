"""Temporary files for data that may be too large for memory. Closing deletes them."""

import tempfile
from typing import IO

IN_MEMORY_BYTES = 1 << 23
"""The size up to which a temporary file is kept in memory."""


def temporary_file() -> IO[bytes]:
    """Return an empty file, open for writing and reading, seekable."""
    return tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)
