"""Tolerates lost answers of AWS while something is awaited that runs without the network of this machine."""

from collections.abc import Iterator
from contextlib import contextmanager

from tasks.connection import may_recover
from tasks.progress import log


class LostAnswers:
    """The lost answers of one wait for `what`. `why` says why there is none for now; it is empty after an answer."""

    def __init__(self, what: str) -> None:
        self._what = what
        self.why = ""

    @contextmanager
    def tolerated(self) -> Iterator[None]:
        """Let the body ask AWS. An error that passes is reported once and ends the body; others are raised."""
        try:
            yield
        except Exception as error:
            if not may_recover(error):
                raise
            why = str(error).partition(". ")[0]
            if not self.why:
                log.warning("          %s is not lost, asking again: %s", self._what, why)
            self.why = why
        else:
            if self.why:
                log.info("          %s: AWS answers again", self._what)
            self.why = ""
