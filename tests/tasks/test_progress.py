import logging

import pytest

from tasks.progress import CHATTY, log


def test_a_stages_line_is_shown() -> None:
    assert log.isEnabledFor(logging.INFO)


@pytest.mark.parametrize("name", CHATTY)
def test_a_library_that_sets_its_own_level_shows_only_warnings(name: str) -> None:
    logger = logging.getLogger(name)
    shown = [
        level
        for level in (logging.INFO, logging.WARNING)
        if logger.filter(logging.LogRecord(name, level, __file__, 1, "text", None, None))
    ]
    assert shown == [logging.WARNING]
