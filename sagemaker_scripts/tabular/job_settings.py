"""Reads the settings that a job gets beside its data: the use case's keys `evaluation` and `training`."""

import json
from pathlib import Path
from typing import Any

FILE = "settings.json"


def read(folder: Path | None) -> dict[str, Any]:
    """Return the settings in `folder`; none for a job without the channel.

    Raises FileNotFoundError when the folder has no FILE.
    """
    if folder is None:
        return {}
    return dict(json.loads((folder / FILE).read_text(encoding="utf-8")))
