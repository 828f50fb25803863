"""Checkpoints (c2sp.org/tlog-checkpoint): the size and root of a log, as a signed note (c2sp.org/signed-note)."""

import base64
import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from tasks.signing.keys import PublicKey, SigningKey, is_signed

_ED25519, _ECDSA = b"\x01", b"\x02"
"""The types of signatures in a note."""
_ID = 4
"""The bytes of a key's id."""


@dataclass(frozen=True)
class Checkpoint:
    """A log's state at one time."""

    origin: str
    """The log's name, and that of its key."""
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n"


def signed(checkpoint: Checkpoint, key: SigningKey) -> str:
    """Return the checkpoint as a note with the key's signature."""
    signature = key.sign(checkpoint.text.encode())
    line = _base64(_id(checkpoint.origin, key.public) + signature)
    return f"{checkpoint.text}\n— {checkpoint.origin} {line}\n"


def parse(note: str, key: PublicKey | None = None) -> Checkpoint:
    """Read a note. Raises ValueError when it is no checkpoint or, with a key, not signed by it."""
    text, split, signatures = note.rpartition("\n\n")
    try:
        origin, size, root = text.split("\n")[:3]
        found = Checkpoint(origin, int(size), base64.b64decode(root, validate=True))
    except ValueError as error:
        raise ValueError("expected a checkpoint with an origin, a size and a root hash, found another text") from error
    if not split or (key and not any(_is_signed_by(line, found, text + "\n", key) for line in signatures.split("\n"))):
        raise ValueError(f"expected a signature of the environment's key for {origin}, found none that verifies")
    return found


def _is_signed_by(line: str, checkpoint: Checkpoint, text: str, key: PublicKey) -> bool:
    mark, _, rest = line.partition(" ")
    name, _, encoded = rest.rpartition(" ")
    content = base64.b64decode(encoded)
    own = _id(checkpoint.origin, key)
    named = mark == "—" and name == checkpoint.origin and content[:_ID] == own
    return named and is_signed(key, content[_ID:], text.encode())


def verifier_key(origin: str, key: PublicKey) -> str:
    """The key that other tools verify the log's checkpoints with, as one line (`vkey`)."""
    kind = _ED25519 if isinstance(key, ed25519.Ed25519PublicKey) else _ECDSA
    return f"{origin}+{_id(origin, key).hex()}+{_base64(kind + _encoded(key))}"


def _id(origin: str, key: PublicKey) -> bytes:
    """The id of a key in a note: of an ECDSA key, it does not depend on the name."""
    named = origin.encode() + b"\n" + _ED25519 if isinstance(key, ed25519.Ed25519PublicKey) else b""
    return hashlib.sha256(named + _encoded(key)).digest()[:_ID]


def _encoded(key: PublicKey) -> bytes:
    if isinstance(key, ed25519.Ed25519PublicKey):
        return key.public_bytes_raw()
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
