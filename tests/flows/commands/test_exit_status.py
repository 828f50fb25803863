import signal

from flows.commands.exit_status import INTERRUPTED


def test_an_interrupted_command_has_the_status_that_shells_give() -> None:
    assert INTERRUPTED == 128 + signal.SIGINT
