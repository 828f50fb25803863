"""Debian's Chromium, where it is present, with nothing in it that asks an outside host."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import MACHINE_PARTS
from tests.patience import PATIENCE

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--virtual-time-budget=3000",
)


def rendered(page: Path, folder: Path, width: int = 1100) -> str:
    """The page's DOM after its scripts have run. Skips the test where there is no browser."""
    found = next(filter(None, map(shutil.which, MACHINE_PARTS["Chromium"])), None)
    if found is None:
        pytest.skip("Chromium is not on this machine")
    profile = [f"--user-data-dir={folder}", f"--window-size={width},900"]
    done = subprocess.run(
        [found, *FLAGS, *profile, "--dump-dom", page.as_uri()],
        text=True,
        capture_output=True,
        timeout=PATIENCE,
        check=True,
    )
    return done.stdout
