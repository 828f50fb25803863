"""Temporary files that hold what is too large for memory, and go when they are closed."""

import tempfile
from typing import IO

IN_MEMORY_BYTES = 1 << 23
"""Up to here a temporary file is kept in memory."""


def temporary_file() -> IO[bytes]:
    """An empty file, open to be written and read at any position."""
    return tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)
