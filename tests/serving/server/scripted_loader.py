"""A loader whose model does what a request's body says, also what no real model does on demand: end its process."""

import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from serving.server.loader import main
from serving.server.work import Reply, Work


class ScriptedModel:
    """Answers with the body, unless that is one of the words below."""

    digest = "0" * 64

    def answer(self, work: Work) -> Reply:
        """Do what the body says.

        `end` and `plain end` kill the process, `fail` raises, `sleep <seconds>` waits, `count <text>` answers the
        body's length, and `types` its types.
        """
        body = bytes(work.body)
        match body.split(b" ", 1):
            case [b"end"] | [b"plain", b"end"]:
                os.kill(os.getpid(), signal.SIGKILL)
            case [b"fail"]:
                raise ValueError("secret")
            case [b"sleep", seconds]:
                time.sleep(float(seconds))
            case [b"count", _]:
                body = str(len(body)).encode()
            case [b"types"]:
                body = f"{work.content_type}|{work.accept}".encode()
        return Reply(200, body, "text/plain", rows=1)

    def answer_together(self, works: Sequence[Work]) -> list[Reply] | None:
        """Answer all, if each begins with `plain`."""
        if not all(work.body.startswith(b"plain") for work in works):
            return None
        return [self.answer(work) for work in works]

    def warm_up(self) -> None:
        """Need nothing."""

    def openapi(self) -> Mapping[str, Any]:
        """Describe nothing."""
        return {"openapi": "3.1.0"}


def load(folder: Path) -> ScriptedModel:
    """Return the model. Raises FileNotFoundError if the folder is missing."""
    folder.stat()
    return ScriptedModel()


if __name__ == "__main__":
    main(load, sys.argv[1:])
