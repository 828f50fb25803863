"""Runs a program with arguments and variables. Scripts import it and rarely use it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any


def run(uri: str, user_entry_point: str, args: list[str], env_vars: dict[str, Any] | None = None, **_: Any) -> None:
    """Runs a program of an existing folder with this interpreter."""
    variables = {name: str(value) for name, value in (env_vars or {}).items()}
    command = [sys.executable, user_entry_point, *args]
    subprocess.run(command, cwd=Path(uri), env={**os.environ, **variables}, check=True)
