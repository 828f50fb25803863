"""Finds what was changed in an audit log: entries, tiles, checkpoint, and a state that an earlier checkpoint shows."""

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tasks.audit import entries, merkle, tiles
from tasks.audit.checkpoint import Checkpoint

Read = Callable[[str], bytes]
"""Reads an object of the log by its path. Raises FileNotFoundError."""
SHOWN = 10
"""The entries that are named when many differ."""


@dataclass
class Verified:
    """What a verification has found."""

    checkpoint: Checkpoint | None = None
    """None without a checkpoint that is signed."""
    note: bytes = b""
    """The checkpoint as it is stored."""
    waiting: bool = False
    """Whether one further entry waits for its checkpoint, which the next append writes."""
    problems: list[str] = field(default_factory=list)
    """A sentence for each; empty when the log is as it was signed."""


def verify(read: Read, parse: Callable[[bytes], Checkpoint], *seen: Checkpoint) -> Verified:
    """Verify a log: the signature, every entry, every tile, and that the trees of `seen` are parts of it.

    `parse` reads a note and raises ValueError unless it is signed. `seen` are checkpoints that were kept elsewhere.
    """
    found = Verified()
    try:
        found.note = read(tiles.CHECKPOINT)
        found.checkpoint = parse(found.note)
    except FileNotFoundError:
        if seen:
            most = max(each.size for each in seen)
            found.problems.append(f"the checkpoint is removed; the log had {most} entries when it was last seen")
        return found
    except ValueError as error:
        found.problems.append(f"the checkpoint is changed: {error}")
        return found
    size = found.checkpoint.size
    places = _entries(read, size)
    found.waiting = _exists(read, tiles.bundle_path(size, size + 1))
    leaves = [merkle.leaf(entry) for entry in places if entry is not None]
    if len(leaves) == size and merkle.root(leaves) == found.checkpoint.root:
        found.problems += _tile_problems(read, leaves)
    else:
        found.problems += _entry_problems(read, places, size)
    if not found.problems and merkle.root(leaves) != found.checkpoint.root:
        found.problems += _root_problems([entry for entry in places if entry is not None], leaves)
    if len(leaves) == size:
        found.problems += dict.fromkeys(text for each in seen for text in _history_problems(leaves, each))
    return found


def _exists(read: Read, path: str) -> bool:
    try:
        read(path)
    except FileNotFoundError:
        return False
    return True


def _entries(read: Read, size: int) -> list[bytes | None]:
    """The entry of each place; None where its bundle is removed, can't be read, or has too few."""
    found: list[bytes | None] = []
    for first, path in zip(range(0, size, tiles.WIDTH), tiles.bundle_paths(size), strict=True):
        width = min(tiles.WIDTH, size - first)
        try:
            part = tiles.entries_of(read(path))[:width]
        except (FileNotFoundError, ValueError):
            part = []
        found += [*part, *[None] * (width - len(part))]
    return found


def _entry_problems(read: Read, places: Sequence[bytes | None], size: int) -> list[str]:
    """Compare each entry with its place and with its hash in the tiles."""
    recorded = _recorded(read, size)
    numbers = [_number(entry) for entry in places]
    present = set(numbers)
    removed = [at for at in range(size) if at not in present and _is_shifted(numbers, at)]
    moved = [at for at, number in enumerate(numbers) if number not in (None, at) and not removed]
    changed = [
        at
        for at, entry in enumerate(places)
        if numbers[at] in (None, at) and at not in removed and _differs(entry, recorded[at])
    ]
    return [
        *_named(removed, "removed"),
        *_named(moved, "reordered", [f"its place has entry {numbers[at]}" for at in moved]),
        *_named(changed, "changed"),
    ]


def _is_shifted(numbers: Sequence[int | None], at: int) -> bool:
    """Whether an entry is missing at this place, because the next one is there, or nothing is."""
    return numbers[at] is None or numbers[at] == at + 1 or at + 1 == len(numbers)


def _number(entry: bytes | None) -> int | None:
    try:
        return int(entries.decode(entry)["number"]) if entry is not None else None
    except ValueError:
        return None


def _differs(entry: bytes | None, recorded: bytes | None) -> bool:
    return entry is None or (recorded is not None and merkle.leaf(entry) != recorded)


def _recorded(read: Read, size: int) -> list[bytes | None]:
    """The hash of each entry in the tiles of level 0; None where a tile is removed or has another width."""
    found: list[bytes | None] = []
    for index, first in enumerate(range(0, size, tiles.WIDTH)):
        width = min(tiles.WIDTH, size - first)
        try:
            content = read(tiles.tile_path(0, index, width))
        except FileNotFoundError:
            content = b""
        whole = len(content) == width * merkle.SIZE
        found += [content[at * merkle.SIZE :][: merkle.SIZE] if whole else None for at in range(width)]
    return found


def _tile_problems(read: Read, leaves: Sequence[bytes]) -> Iterator[str]:
    """Compute every tile again."""
    for path, content in tiles.tiles(leaves).items():
        try:
            if read(path) != content:
                yield f"{path} is changed: it has other hashes than the entries"
        except FileNotFoundError:
            yield f"{path} is removed"


def _root_problems(places: Sequence[bytes], leaves: Sequence[bytes]) -> list[str]:
    """Find the entry that was changed together with its tiles: the next one has the root of the log before it."""
    for number, (_, after) in enumerate(pairwise(places)):
        before = base64.b64decode(entries.decode(after).get("before", ""))
        if before != merkle.root(leaves[: number + 1]):
            return [f"entry {number} is changed, and its tiles too: the entry after it has another root of the log"]
    return [f"entry {len(places) - 1} is changed, and its tiles too: the checkpoint has another root of the log"]


def _history_problems(leaves: Sequence[bytes], seen: Checkpoint) -> list[str]:
    """Compare the log with an earlier checkpoint."""
    if seen.size > len(leaves):
        return [f"entries {len(leaves)} to {seen.size - 1} are removed: the log had {seen.size} when it was last seen"]
    if merkle.root(leaves[: seen.size]) != seen.root:
        return [f"among entries 0 to {seen.size - 1}, some were changed and signed again since the log was last seen"]
    return []


def _named(numbers: Sequence[int], how: str, details: Sequence[str] = ()) -> list[str]:
    shown = [f"entry {at} is {how}" for at in numbers[:SHOWN]]
    lines = [f"{text}: {detail}" for text, detail in zip(shown, details, strict=False)] if details else shown
    more = len(numbers) - len(shown)
    return [*lines, *([f"and {more} more entries are {how}"] if more else [])]
