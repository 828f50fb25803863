import logging

import pytest

from tasks.progress import CHATTY, RowProgress, log


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


def test_a_long_step_shows_its_rows_and_their_rate_every_few_seconds(caplog: pytest.LogCaptureFixture) -> None:
    now = [0.0]
    progress = RowProgress("ingest", lambda: now[0])
    with caplog.at_level(logging.INFO, logger="vishwaops"):
        for now[0], rows in ((1.9, 1_000), (2.0, 2_000), (6.9, 3_000), (7.0, 70_000)):
            progress.report(rows)
    assert caplog.messages == [
        "ingest    2,000 rows so far, 1,000 rows/s",
        "ingest    70,000 rows so far, 10,000 rows/s",
    ]
