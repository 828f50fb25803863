"""Inclusion proofs as text (c2sp.org/tlog-proof): they verify with the log's public key and SHA-256 alone."""

import base64

from config.errors import MissingInput
from tasks.audit import merkle
from tasks.audit.log import Log

VERSION = "c2sp.org/tlog-proof@v1"


def prove(log: Log, number: int) -> str:
    """Return the proof that entry `number` is in the log. Its extra data is the entry, whose hash is the leaf.

    Raises MissingInput for an unknown number, and GateError when the log was changed.
    """
    tree = log.read()
    if not tree.entries:
        raise MissingInput(f"{log.folder}: expected entry {number} in the audit log, found no entries yet")
    if number not in range(len(tree.entries)):
        raise MissingInput(f"{log.folder}: expected an entry from 0 to {len(tree.entries) - 1}, found {number}")
    hashes = [_base64(each) for each in merkle.inclusion(tree.leaves, number)]
    lines = [VERSION, f"extra {_base64(tree.entries[number])}", f"index {number}", *hashes]
    return "\n".join([*lines, "", tree.checkpoint.decode()])


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
