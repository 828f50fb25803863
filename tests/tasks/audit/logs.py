"""Audit logs in memory, for tests: the objects by path, and an inclusion check that shares no code with the log."""

import base64
import hashlib
from datetime import UTC, datetime
from functools import cache

from cryptography.hazmat.primitives.asymmetric import ed25519

from tasks.audit import merkle, tiles
from tasks.audit.checkpoint import Checkpoint, parse, signed
from tasks.audit.entries import Event, encode
from tasks.signing.keys import FileKey

KEY = FileKey(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
ORIGIN = "bucket/small_one/audit"


def an_event(name: str, **facts: str) -> Event:
    """An event whose id is its name."""
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    return Event(name, "deploy", "a person", at, "run-1", "c0de", "", {"version": "3", **facts})


@cache
def entries(size: int) -> tuple[bytes, ...]:
    """The entries of a log."""
    found, leaves = list[bytes](), list[bytes]()
    for number in range(size):
        found.append(encode(an_event(f"event {number}"), number, merkle.root(leaves)))
        leaves.append(merkle.leaf(found[-1]))
    return tuple(found)


def objects(those: tuple[bytes, ...], key: FileKey = KEY) -> dict[str, bytes]:
    """The objects of a log with these entries, by path."""
    leaves = [merkle.leaf(entry) for entry in those]
    size = len(those)
    bundles = {
        path: tiles.bundle(those[first : first + tiles.WIDTH])
        for first, path in zip(range(0, size, tiles.WIDTH), tiles.bundle_paths(size), strict=True)
    }
    checkpoint = signed(Checkpoint(ORIGIN, size, merkle.root(leaves)), key).encode()
    return {**bundles, **tiles.tiles(leaves), tiles.CHECKPOINT: checkpoint}


class Objects(dict[str, bytes]):
    """The objects of a log, as verification reads them."""

    def read(self, path: str) -> bytes:
        """One object. Raises FileNotFoundError."""
        if path not in self:
            raise FileNotFoundError(path)
        return self[path]


def parse_signed(note: bytes) -> Checkpoint:
    """A checkpoint that KEY has signed."""
    return parse(note.decode(), KEY.public)


def root_of_proof(text: str) -> tuple[bytes, bytes]:
    """The root that a proof leads to, and the root of its checkpoint: RFC 9162, section 2.1.3.2, step by step."""
    head, _, checkpoint = text.partition("\n\n")
    _, extra, index, *path = head.split("\n")
    fn, sn = int(index.split()[1]), int(checkpoint.split("\n")[1]) - 1
    r = hashlib.sha256(b"\0" + base64.b64decode(extra.split()[1])).digest()
    for p in map(base64.b64decode, path):
        assert sn
        if fn & 1 or fn == sn:
            r = hashlib.sha256(b"\1" + p + r).digest()
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = hashlib.sha256(b"\1" + r + p).digest()
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0
    return r, base64.b64decode(checkpoint.split("\n")[2])
