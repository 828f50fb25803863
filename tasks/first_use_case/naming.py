"""Names a use case after a file."""

import re
from pathlib import PurePosixPath

from config.errors import ConfigError
from config.name_words import plain
from config.variables import without_secrets

LONGEST, SHORTEST = 24, 3


def name_of(address: str) -> str:
    """Return a name for the file at an address: `data/student-mat.csv` is student_mat. Raises ConfigError for none."""
    stem = PurePosixPath(without_secrets(address).partition("?")[0].replace("\\", "/")).name.split(".")[0]
    name = re.sub(r"[^a-z0-9]+", "_", plain(stem)).strip("_0123456789")[:LONGEST].strip("_")
    if len(name) < SHORTEST:
        raise ConfigError(
            f"--name: expected a name of {SHORTEST} to {LONGEST} letters, digits and _ for the use case; the file "
            f"{stem!r} gives none. Write --name"
        )
    return name
