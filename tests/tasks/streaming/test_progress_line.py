import pytest

from tasks.streaming.micro_batches import stream_of
from tasks.streaming.progress_line import EVERY_SECONDS, ProgressLine
from tests.sagemaker_local.fake_clock import FakeClock
from tests.tasks.streaming.sqlite_landing import version
from tests.use_cases import small_use_case

CASE = small_use_case(source={"kind": "kinesis", "stream": "clicks"})


def test_every_few_seconds_a_line_has_records_lag_and_version(caplog: pytest.LogCaptureFixture) -> None:
    clock, start = FakeClock(), "stream    kinesis:clicks:"
    line = ProgressLine(stream_of(CASE), clock.now)
    line.read(1_200)
    assert caplog.messages == []
    clock.advance(EVERY_SECONDS)
    line.read(34)
    line.landed(version(CASE, 1))
    line.landed(version(CASE, 1))
    line.landed(version(CASE, 2))
    clock.advance(EVERY_SECONDS)
    line.read(6)
    assert caplog.messages == [
        f"{start} 1,234 records read, 1,234 of them not landed yet; 0.0 s behind; 0 commits, no version yet",
        f"{start} 1,240 records read, 6 of them not landed yet; 0.0 s behind; 2 commits, version 2",
    ]
