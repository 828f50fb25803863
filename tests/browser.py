"""Debian's Chromium, if it is installed, without connections to other machines."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
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
)
UNTIL_IDLE = "--virtual-time-budget=3000"


def rendered(page: Path, folder: Path, width: int = 1100) -> str:
    """The page's DOM after its scripts have run. Skips the test where there is no browser."""
    profile = [f"--user-data-dir={folder}", f"--window-size={width},900"]
    done = subprocess.run(
        [_chromium(), *FLAGS, UNTIL_IDLE, *profile, "--dump-dom", page.as_uri()],
        text=True,
        capture_output=True,
        timeout=PATIENCE,
        check=True,
    )
    return done.stdout


def screenshot(page: Path, picture: Path, folder: Path, size: tuple[int, int]) -> None:
    """Write the top of the page as a PNG file of `size` pixels. Skips the test where there is no browser."""
    options = [f"--user-data-dir={folder}", "--window-size={},{}".format(*size), "--hide-scrollbars"]
    subprocess.run(
        [_chromium(), *FLAGS, UNTIL_IDLE, *options, f"--screenshot={picture}", page.as_uri()],
        capture_output=True,
        timeout=PATIENCE,
        check=True,
    )


@contextmanager
def opened(url: str, folder: Path, *flags: str) -> Iterator[None]:
    """A browser that shows `url` for the length of a `with`. Skips the test where there is no browser."""
    options = [f"--user-data-dir={folder}", "--remote-debugging-port=0", *flags]  # with it the browser stays
    with subprocess.Popen(
        [_chromium(), *FLAGS, *options, url],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as browser:
        try:
            yield
        finally:
            browser.kill()


def _chromium() -> str:
    found = next(filter(None, map(shutil.which, MACHINE_PARTS["Chromium"])), None)
    if found is None:
        pytest.skip("Chromium is not on this machine")
    return found
