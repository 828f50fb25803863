"""What the new files of an hour add to it: scored rows, their profiles, and counts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np
import pyarrow as pa

from config.use_case import UseCase
from tasks import locations, storage
from tasks.capture.decoding import Decoder
from tasks.capture.events import Event
from tasks.capture.files import Chunk, chunks
from tasks.references.monitoring import TrafficCounts
from tasks.sagemaker.invocations import HELD_OUT

SHOWN_REASONS = 20
"""The first reasons of what can't be read that are kept for an hour."""


@dataclass
class Increment:
    """Reads files, and notes what it finds. An event that was read before is a duplicate."""

    use_case: UseCase
    files: Sequence[str]
    """Below the folder of captures."""
    seen: set[int]
    """The hashes of the ids of the hour's earlier events."""
    counts: TrafficCounts = field(default_factory=TrafficCounts)
    reasons: list[str] = field(default_factory=list)
    events: list[int] = field(default_factory=list)
    """The hashes of the ids of the new events."""

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the scored rows of all files. A file that has been deleted meanwhile has none."""
        decoder, root = Decoder(self.use_case), locations.capture(self.use_case.name)
        for name in self.files:
            self.counts += TrafficCounts(files=1)
            try:
                file = storage.opened(f"{root}/{name}")
            except FileNotFoundError:
                continue
            with file:
                for chunk in chunks(file):
                    yield from self._decoded(decoder, name, chunk)

    def _decoded(self, decoder: Decoder, name: str, chunk: Chunk) -> Iterator[pa.RecordBatch]:
        found = decoder.decode([event for event in chunk.events if self._is_new(event)])
        self.counts += found.counts + TrafficCounts(corrupt=len(chunk.problems))
        problems = sorted([*chunk.problems, *found.problems])[: SHOWN_REASONS - len(self.reasons)]
        self.reasons += [f"{name}, line {line}: {reason}" for line, reason in problems]
        yield from found.batches

    def _is_new(self, event: Event) -> bool:
        """Whether an event is counted: traffic, and not read before."""
        if event.inference_id and event.inference_id.startswith(HELD_OUT):
            return False
        hashed = hash_of(event.id)
        if hashed in self.seen:
            self.counts += TrafficCounts(duplicates=1)
            return False
        self.seen.add(hashed)
        self.events.append(hashed)
        return True


def hash_of(event_id: str) -> int:
    """Return 64 bits of an id's hash. Two of a million ids are alike with a probability of 3e-8."""
    return int.from_bytes(blake2b(event_id.encode(errors="surrogatepass"), digest_size=8).digest(), "little")


def hashes_to_bytes(hashes: Sequence[int]) -> bytes:
    """Return hashes as bytes: unsigned integers of 64 bits, little-endian."""
    return np.array(hashes, dtype="<u8").tobytes()


def hashes_of(content: bytes) -> list[int]:
    """Return the hashes of these bytes."""
    found: list[int] = np.frombuffer(content, dtype="<u8").tolist()
    return found
