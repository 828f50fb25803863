"""A loader whose model does what a request's body says, also what no real model does on demand: end its process."""

import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from serving.invocation import Answer, Invocation
from serving.server.loader import main


class ScriptedModel:
    """Answers with the body, unless that is one of the commands below."""

    digest = "0" * 64

    def answer(self, request: Invocation) -> Answer:
        """Do what the body says.

        `end` and `plain end` kill the process, `fail` raises, `sleep <seconds>` waits, `count <text>` answers the
        body's length, and `types` its types.
        """
        body = bytes(request.body)
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
                body = f"{request.content_type}|{request.accept}".encode()
        return Answer(200, body, "text/plain", rows=1)

    def answer_together(self, requests: Sequence[Invocation]) -> list[Answer]:
        """Answer all, if each begins with `plain`. Raises ValueError otherwise."""
        if not all(request.body.startswith(b"plain") for request in requests):
            raise ValueError("a body that is not plain")
        return [self.answer(request) for request in requests]

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
