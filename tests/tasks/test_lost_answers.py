"""Lost answers are tolerated while something is awaited; every other error ends the wait."""

import logging

import pytest

from config.errors import AccessDenied, Unavailable, Unreachable
from tasks.lost_answers import LostAnswers


def test_lost_answers_are_reported_once_until_aws_answers_again(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    lost = LostAnswers("endpoint one")
    for error in (Unreachable("Connection was closed. Run again"), Unavailable("Rate exceeded"), None):
        with lost.tolerated():
            if error:
                raise error
        assert lost.why == ("" if error is None else str(error).partition(".")[0])
    with lost.tolerated():
        pass
    assert [record.getMessage().strip() for record in caplog.records] == [
        "endpoint one is not lost, asking again: Connection was closed",
        "endpoint one: AWS answers again",
    ]


def test_an_error_that_does_not_pass_by_itself_is_raised() -> None:
    with pytest.raises(AccessDenied), LostAnswers("endpoint one").tolerated():
        raise AccessDenied("no")
