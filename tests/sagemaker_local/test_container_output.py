"""The output of containers: cut into lines of bounded length, without loss and in bounded memory."""

import os
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import pytest

from sagemaker_local.container_output import LONGEST, Cutter, batches
from sagemaker_local.logs import MOST_WAITING, LogStream, LogWriter
from tests.patience import until


@contextmanager
def pipe(*pieces: bytes) -> Iterator[IO[bytes]]:
    """A pipe that yields pieces one by one."""
    reader, writer = os.pipe()

    def write() -> None:
        with os.fdopen(writer, "wb", buffering=0) as file:
            for piece in pieces:
                file.write(piece)

    thread = threading.Thread(target=write)
    thread.start()
    with os.fdopen(reader, "rb") as file:
        yield file
    thread.join()


def lines(*pieces: bytes) -> list[str]:
    with pipe(*pieces) as stream:
        return [line for batch in batches(stream) for line in batch]


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        (b"", []),
        (b"a\nb\n", ["a", "b"]),
        (b"a\r\nb", ["a", "b"]),
        (b"10 %\r20 %\r30 %\ndone", ["10 %", "20 %", "30 %", "done"]),
        (b"a\n\nb\r\rc", ["a", "", "b", "", "c"]),
        (b"\xff\xfe\nok", ["\ufffd\ufffd", "ok"]),
        ("é ü 漢\n".encode(), ["é ü 漢"]),
    ],
)
def test_lines_end_at_line_feeds_and_carriage_returns(printed: bytes, expected: list[str]) -> None:
    assert lines(printed) == expected
    for at in range(len(printed)):
        cutter = Cutter()
        found = [*cutter.cut(printed[:at]), *cutter.cut(printed[at:]), *cutter.rest()]
        assert found == expected, "wherever the pipe cuts"


def test_a_line_of_the_longest_length_stays_whole_and_a_longer_one_becomes_several() -> None:
    assert [len(line) for line in lines(b"x" * LONGEST, b"\n")] == [LONGEST]
    assert [len(line) for line in lines(b"x" * LONGEST, b"y" * 7, b"\nz")] == [LONGEST, 7, 1]


def test_no_character_is_cut_and_no_event_is_longer_than_cloudwatch_allows() -> None:
    for unit in ("é", "漢", "😀", "a😀"):
        text = unit * (2 * LONGEST // len(unit.encode()))
        found = lines(text.encode())
        assert "".join(found) == text
        assert max(len(line.encode()) for line in found) <= LONGEST
    found = lines(b"\xff" * (LONGEST + 10))
    assert "".join(found) == "\ufffd" * (LONGEST + 10)
    assert max(len(line.encode()) for line in found) <= LONGEST


def test_output_without_an_end_fills_no_memory() -> None:
    tracemalloc.start()
    try:
        with pipe(*[b"x" * 1_000_000] * 40) as stream:
            total = sum(len(line) for batch in batches(stream) for line in batch)
        assert total == 40_000_000
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


class HeldWriter(LogWriter):
    """A writer that sends nothing until it is allowed to, and stores what it sends."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.let = threading.Event()
        super().__init__("us-east-1")

    def send(self, stream: LogStream, batch: list[dict[str, Any]]) -> None:
        self.let.wait()
        self.sent += [event["message"] for event in batch]


def write_all(stream: LogStream, lines: list[str]) -> None:
    for line in lines:
        stream.write(line)


def test_a_flood_waits_for_its_log_and_loses_nothing() -> None:
    writer = HeldWriter()
    stream = writer.stream("group", "flood")
    printed = [f"{number:07} " + "x" * 992 for number in range(4 * MOST_WAITING // 1000)]
    thread = threading.Thread(target=write_all, args=(stream, printed))
    thread.start()
    until(lambda: stream.waiting > MOST_WAITING - 2_000)
    assert thread.is_alive()
    assert stream.waiting <= MOST_WAITING
    writer.let.set()
    thread.join()
    stream.close()
    writer.close()
    assert writer.sent == printed


def test_a_closed_log_blocks_no_writer() -> None:
    writer = HeldWriter()
    stream = writer.stream("group", "closed")
    thread = threading.Thread(target=write_all, args=(stream, ["x" * 1_000] * (2 * MOST_WAITING // 1_000)))
    thread.start()
    until(lambda: stream.waiting > MOST_WAITING - 2_000)
    writer.let.set()
    stream.close()
    thread.join()
    writer.close()
