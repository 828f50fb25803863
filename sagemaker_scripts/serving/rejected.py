"""An invalid request: its status, one sentence, and the problems that the response lists."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from tabular.checked import NO_ROW, Problem

SHOWN = 20
"""The number of problems in a response."""
LONGEST_SHOWN = 100
"""The most characters of a request's own text in a message."""
LONGEST_ERROR = 200
"""The most characters of another library's error in a response."""


class Rejected(Exception):
    """An invalid request, with an HTTP status, one sentence, and the problems for the response."""

    def __init__(self, status: HTTPStatus, error: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(error)
        self.status, self.error, self.problems = status, error, tuple(problems[:SHOWN])

    def content(self) -> Mapping[str, Any]:
        """Return the content of the response."""
        return {"error": self.error, "problems": [described(problem) for problem in self.problems]}


def bad_request(error: str, problems: Sequence[Problem] = ()) -> Rejected:
    """Return a refusal with the status 400."""
    return Rejected(HTTPStatus.BAD_REQUEST, error, problems)


def described(problem: Problem) -> Mapping[str, Any]:
    """Return a problem for JSON. The row of a problem of all rows is null."""
    row = None if problem.row == NO_ROW else problem.row
    return {"row": row, "column": problem.column, "expected": problem.expected, "found": problem.found}


def unreadable(expected: str, error: Exception) -> Rejected:
    """Return the refusal of a body that a library could not read. Its message may repeat bytes of the body."""
    first = next(iter(str(error).splitlines()), "") or type(error).__name__
    found = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in first[:LONGEST_ERROR])
    return bad_request(f"Body: expected {expected}, could not read it: {found}")
