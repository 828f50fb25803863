"""Sends data to AWS services that jobs and endpoints must not depend on, such as logs, metrics and events."""

import sys
from collections.abc import Callable


class BestEffort:
    """A failed send loses its data and nothing else. Only the first failure is printed, to standard error."""

    def __init__(self) -> None:
        self._reported = False

    def send(self, send: Callable[[], object], loss: str) -> None:
        """Calls `send`. `loss` describes a failure, such as `EventBridge can't be reached, events are lost`."""
        try:
            send()
        except Exception as error:  # noqa: BLE001
            if not self._reported:
                print(f"{loss}: {error}", file=sys.stderr)  # noqa: T201
            self._reported = True
