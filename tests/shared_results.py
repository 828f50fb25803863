"""What is made once for all workers of a run of the tests, and takes long: as JSON in the run's folder."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from offline_cloud import state


def made_once(folder: Path, make: Callable[[], Any]) -> Any:
    """What `make` has returned to the first caller with this folder. The others wait for it."""
    made = folder / "made.json"
    with state.locked(folder):
        if not made.exists():
            state.write_atomically(made, json.dumps(make()))
    return json.loads(made.read_text())
