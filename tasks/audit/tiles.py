"""The files of a log in the layout of c2sp.org/tlog-tiles: their paths and contents."""

from collections.abc import Sequence

from tasks.audit import merkle

WIDTH = 256
"""The hashes of a full tile, and the entries of a full bundle."""
LARGEST_ENTRY = 0xFFFF
"""Bytes: an entry's length has two."""
CHECKPOINT = "checkpoint"
_LENGTH = 2


def tile_path(level: int | str, index: int, width: int) -> str:
    """The path of a tile, or with the level `entries` of a bundle. Its index is in parts of three digits."""
    digits = f"{index:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    parts = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    path = "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])
    return f"tile/{level}/{path}" + (f".p/{width}" if width < WIDTH else "")


def bundle_path(number: int, size: int) -> str:
    """The path of the bundle that has entry `number`, in a log of `size` entries."""
    index = number // WIDTH
    return tile_path("entries", index, min(size - index * WIDTH, WIDTH))


def bundle_paths(size: int) -> list[str]:
    """The paths of all bundles of a log of `size` entries."""
    return [bundle_path(first, size) for first in range(0, size, WIDTH)]


def bundle(entries: Sequence[bytes]) -> bytes:
    """The content of a bundle: each entry with its length before it."""
    return b"".join(len(entry).to_bytes(_LENGTH, "big") + entry for entry in entries)


def entries_of(content: bytes) -> list[bytes]:
    """The entries of a bundle. Raises ValueError when it ends within one."""
    found, at = list[bytes](), 0
    while at < len(content):
        begin = at + _LENGTH
        at = begin + int.from_bytes(content[at:begin], "big")
        if at > len(content):
            raise ValueError(f"expected whole entries, found a bundle that ends within entry {len(found)}")
        found.append(content[begin:at])
    return found


def tiles(leaves: Sequence[bytes]) -> dict[str, bytes]:
    """The content of every tile of the tree with these hashes of entries, by path."""
    found, level, hashes = dict[str, bytes](), 0, list(leaves)
    while hashes:
        for index, first in enumerate(range(0, len(hashes), WIDTH)):
            part = hashes[first : first + WIDTH]
            found[tile_path(level, index, len(part))] = b"".join(part)
        hashes = [merkle.root(hashes[at : at + WIDTH]) for at in range(0, len(hashes) - WIDTH + 1, WIDTH)]
        level += 1
    return found


def newest_tiles(leaves: Sequence[bytes]) -> dict[str, bytes]:
    """The tiles that the last entry has changed, by path."""
    before = tiles(leaves[:-1]).keys()
    return {path: content for path, content in tiles(leaves).items() if path not in before}
