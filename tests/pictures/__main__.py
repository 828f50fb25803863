"""`python -m tests.pictures`: runs the demo and makes the README's two pictures of it. Needs Chromium.

The demo has an offline cloud and a state folder of its own, so that it starts from nothing. It is ended afterwards.
"""

import os
import subprocess
import tempfile
from pathlib import Path

from tests.browser import screenshot
from tests.pictures.recording import Line, record
from tests.pictures.terminal import drawn

PROJECT = Path(__file__).parents[2]
PICTURES = PROJECT / ".github" / "pictures"
COMMAND = ("make", "demo")
SHOWN = "student_enrollment"
"""The use case whose page is shown."""
SIZE = (1180, 1500)
"""Of the picture of the page, in pixels."""


def main() -> None:
    """Write demo.svg and page.png."""
    with tempfile.TemporaryDirectory(prefix="vishwaops-pictures-") as folder:
        state = Path(folder) / "state"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        environment["VISHWAOPS_STATE"] = str(state)
        try:
            lines = record(COMMAND, environment)
        finally:
            subprocess.run([PROJECT / ".venv" / "bin" / "vishwaops", "down"], env=environment, check=True)
        prompt = Line(0.0, "\x1b[1m$ make demo\x1b[0m")
        (PICTURES / "demo.svg").write_text(drawn([prompt, *_as_at_home(lines, state)], "make demo"), encoding="utf-8")
        (page,) = (state / "reports" / SHOWN).glob("*.html")
        screenshot(page, PICTURES / "page.png", Path(folder) / "browser", SIZE)


def _as_at_home(lines: list[Line], state: Path) -> list[Line]:
    """The state folder and the project as they are called without VISHWAOPS_STATE, from the project's folder."""
    return [
        Line(line.seconds, line.text.replace(str(state), ".vishwaops").replace(f"{PROJECT}/", "")) for line in lines
    ]


if __name__ == "__main__":
    main()
