"""The server's log: one line of JSON per event, without anything of a request but its size."""

import json
import sys
import time
from typing import Any


def event(name: str, **fields: Any) -> None:
    """Write an event with its fields, to standard error."""
    line = {"time": round(time.time(), 3), "event": name, **fields}
    sys.stderr.write(json.dumps(line, default=str) + "\n")
    sys.stderr.flush()
