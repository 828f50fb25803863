"""The micro-batcher: lands a stream's new records again and again."""

from collections.abc import Callable, Generator, Iterator

from config.errors import ConfigError, NoRows
from config.sources.stream import StreamSource
from config.use_case import UseCase
from tasks import cancellation
from tasks.connection import is_transient
from tasks.landing.commit import land
from tasks.progress import log
from tasks.references import DatasetVersion
from tasks.sources import source_of
from tasks.sources.source import Source
from tasks.sources.streams import Limits, Stream
from tasks.streaming.progress_line import ProgressLine

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds before a micro-batch is read again after a lost connection."""
Land = Callable[[UseCase, Source], DatasetVersion]
"""Lands the records of a source after the dataset's position, with the position after them, in one commit."""


def micro_batches(use_case: UseCase, land: Land = land) -> Generator[DatasetVersion]:
    """Land micro-batches of the use case's stream, without an end, and yield the dataset version after each.

    A micro-batch without records is the same version. A lost connection is waited for, except before the first
    micro-batch. Raises ConfigError when the source is not a stream, and the errors of the source and of `land`.
    """
    stream = stream_of(use_case)
    line = ProgressLine(stream)
    source, pauses, begun = _in_micro_batches(use_case, stream).watched(line.read), _pauses(), False
    try:
        while True:
            try:
                version = land(use_case, source)
            except NoRows:  # waits for the first record
                begun = True
            except Exception as error:
                if not (begun and is_transient(error)):
                    raise
                pause = next(pauses)
                log.warning("stream    %s. Continues in %.0f s", error, pause)
                cancellation.wait(pause)
            else:
                pauses, begun = _pauses(), True
                line.landed(version)
                yield version
    finally:
        stream.reader.close()


def _pauses() -> Iterator[float]:
    """The waits after one lost connection after another, each twice as long as the one before."""
    pause = FIRST_PAUSE
    while True:
        yield pause
        pause = min(2 * pause, LONGEST_PAUSE)


def _in_micro_batches(use_case: UseCase, stream: Stream) -> Stream:
    configured = use_case.source
    return stream.within(Limits(configured.max_records, configured.max_seconds))  # type: ignore[union-attr]


def stream_of(use_case: UseCase) -> Stream:
    """Return the use case's stream. Raises ConfigError when its source is not one."""
    if not isinstance(use_case.source, StreamSource):
        raise ConfigError(
            f"{use_case.name}: source.kind: expected a stream (kinesis or kafka), found {use_case.source.kind}. "
            f"Read it by: vishwaops run ingest --use-case {use_case.name}"
        )
    return source_of(use_case, None)  # type: ignore[return-value]
