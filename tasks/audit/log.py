"""The log of one use case in S3. It grows by conditional writes only.

An entry is in the log once the bundle that ends with it is written: a bundle of this size is written once, so of two
processes one gets the place, and the other takes the next. Tiles and checkpoint follow from the entries. Where the
process ended before it wrote them, the next append does.
"""

from dataclasses import dataclass
from functools import cached_property

from config.errors import GateError, VishwaOpsError
from tasks import storage
from tasks.audit import entries, merkle, tiles
from tasks.audit.checkpoint import Checkpoint, parse, signed
from tasks.signing.keys import SigningKey

ATTEMPTS = 100
"""The attempts to append while other processes append."""


@dataclass(frozen=True)
class Tree:
    """The entries of a log that its checkpoint covers."""

    entries: tuple[bytes, ...]
    version: str | None = None
    """The version of the checkpoint in S3; None before the first one."""
    checkpoint: bytes = b""
    """The checkpoint as it is stored; empty until the checkpoint of the last entry is written."""

    @cached_property
    def leaves(self) -> list[bytes]:
        """The hashes of the entries."""
        return [merkle.leaf(entry) for entry in self.entries]

    @cached_property
    def root(self) -> bytes:
        """The tree's root."""
        return merkle.root(self.leaves)

    def number_of(self, event: str) -> int | None:
        """The number of the entry of an event, by its id."""
        found = (number for number, entry in enumerate(self.entries) if entries.decode(entry).get("id") == event)
        return next(found, None)


@dataclass(frozen=True)
class Log:
    """The log below a folder in S3, whose checkpoints are signed with `key`."""

    folder: str
    key: SigningKey

    @property
    def origin(self) -> str:
        """The name of the log: its address without the scheme."""
        return self.folder.removeprefix("s3://")

    def append(self, event: entries.Event) -> int:
        """Append an event, and return its number, from 0. An event with the same id is in the log once.

        Raises GateError when the log was changed, and VishwaOpsError when other processes take every place.
        """
        for _ in range(ATTEMPTS):
            tree = self.read()
            if (found := tree.number_of(event.id)) is not None:
                return found
            number = len(tree.entries)
            entry = entries.encode(event, number, tree.root)
            if self._write_entry(tree, entry):
                self._complete(Tree((*tree.entries, entry), tree.version))
                return number
            self._repair(tree)
        raise VishwaOpsError(f"{self.folder}: other processes appended {ATTEMPTS} times meanwhile. Run again")

    def read(self) -> Tree:
        """Return the entries up to the checkpoint. Raises GateError when they are not those that were signed."""
        try:
            note, version = storage.get_version(f"{self.folder}/{tiles.CHECKPOINT}")
        except FileNotFoundError:
            return Tree(())
        try:
            checkpoint = self.parse(note)
            tree = Tree(tuple(self._entries(checkpoint.size)), version, note)
        except (ValueError, FileNotFoundError) as error:
            raise self._changed(str(error)) from error
        if tree.root != checkpoint.root:
            raise self._changed("its entries have another root than its checkpoint")
        return tree

    def parse(self, note: bytes) -> Checkpoint:
        """Read a checkpoint of this log. Raises ValueError when it is another log's, or not signed by its key."""
        found = parse(note.decode(), self.key.public)
        if found.origin != self.origin:
            raise ValueError(f"expected a checkpoint of {self.origin}, found one of {found.origin}")
        return found

    def _entries(self, size: int) -> list[bytes]:
        paths = tiles.bundle_paths(size)
        found = [entry for path in paths for entry in tiles.entries_of(storage.get(f"{self.folder}/{path}"))]
        if len(found) != size:
            raise ValueError(f"expected {size} entries, found {len(found)}")
        return found

    def _changed(self, found: str) -> GateError:
        use_case = self.folder.split("/")[3]
        return GateError(
            f"{self.folder}: expected the audit log as it was signed, found: {found}. It was changed outside of "
            f"VishwaOps. To see where: vishwaops audit verify --use-case {use_case}"
        )

    def _write_entry(self, tree: Tree, entry: bytes) -> bool:
        """Write the bundle that ends with the next entry. Returns whether this process wrote it."""
        size = len(tree.entries) + 1
        first = (size - 1) // tiles.WIDTH * tiles.WIDTH
        uri = f"{self.folder}/{tiles.bundle_path(size - 1, size)}"
        try:
            storage.put_if(uri, tiles.bundle([*tree.entries[first:], entry]), None)
        except storage.Changed:
            return False
        return True

    def _repair(self, tree: Tree) -> None:
        """Write what follows from the next entry, which another process has written."""
        size = len(tree.entries) + 1
        first = (size - 1) // tiles.WIDTH * tiles.WIDTH
        try:
            found = tiles.entries_of(storage.get(f"{self.folder}/{tiles.bundle_path(size - 1, size)}"))
        except FileNotFoundError:  # S3 refused both of two writes at the same time
            return
        if tuple(found[:-1]) != tree.entries[first:]:
            raise self._changed(f"the bundle of entry {size - 1} has other entries before it")
        self._complete(Tree((*tree.entries, found[-1]), tree.version))

    def _complete(self, tree: Tree) -> None:
        """Write the tiles of the last entry, then the checkpoint. Other processes may write the same."""
        for path, content in tiles.newest_tiles(tree.leaves).items():
            self._write_once(path, content)
        checkpoint = Checkpoint(self.origin, len(tree.entries), tree.root)
        try:
            uri = f"{self.folder}/{tiles.CHECKPOINT}"
            storage.put_if(uri, signed(checkpoint, self.key).encode(), tree.version)
        except storage.Changed:
            return  # another process has completed this entry

    def _write_once(self, path: str, content: bytes) -> None:
        try:
            storage.put_if(f"{self.folder}/{path}", content, None)
        except storage.Changed:
            if storage.get(f"{self.folder}/{path}") != content:
                raise self._changed(f"{path} has other hashes than its entries") from None
