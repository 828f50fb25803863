"""One changed, removed or reordered entry of a log of more than one tile is found, and named."""

import random

import pytest

from tasks.audit import merkle, tiles
from tasks.audit.checkpoint import Checkpoint
from tasks.audit.verification import verify
from tests.tasks.audit.logs import ORIGIN, Objects, entries, objects, parse_signed

SIZE = 600
PLACES = random.Random(13).sample(range(SIZE - 1), 6)  # noqa: S311


def problems(log: Objects, seen: Checkpoint | None = None) -> list[str]:
    return verify(log.read, parse_signed, *([seen] if seen else [])).problems


def with_entries(those: list[bytes]) -> Objects:
    """The log of SIZE entries whose bundles have other entries, and whose tiles and checkpoint are as they were."""
    log = Objects(objects(entries(SIZE)))
    for first, path in zip(range(0, SIZE, tiles.WIDTH), tiles.bundle_paths(SIZE), strict=True):
        log[path] = tiles.bundle(those[first : first + tiles.WIDTH])
    return log


def altered(entry: bytes) -> bytes:
    return entry.replace(b'"version":"3"', b'"version":"4"')


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, SIZE])
def test_a_log_as_it_was_signed_has_no_problem(size: int) -> None:
    found = verify(Objects(objects(entries(size))).read, parse_signed)
    assert (found.problems, found.checkpoint and found.checkpoint.size) == ([], size)


@pytest.mark.parametrize("at", PLACES)
def test_a_changed_entry_is_named(at: int) -> None:
    those = list(entries(SIZE))
    those[at] = altered(those[at])
    assert problems(with_entries(those)) == [f"entry {at} is changed"]


@pytest.mark.parametrize("at", PLACES)
def test_an_entry_that_is_changed_together_with_all_tiles_is_named(at: int) -> None:
    those = list(entries(SIZE))
    those[at] = altered(those[at])
    log = Objects(objects(tuple(those))) | {tiles.CHECKPOINT: objects(entries(SIZE))[tiles.CHECKPOINT]}
    assert [text.split(",")[0] for text in problems(Objects(log))] == [f"entry {at} is changed"]


@pytest.mark.parametrize("at", PLACES)
def test_a_removed_entry_is_named(at: int) -> None:
    those = list(entries(SIZE))
    del those[at]
    assert problems(with_entries(those))[0] == f"entry {at} is removed"


@pytest.mark.parametrize("at", PLACES)
def test_reordered_entries_are_named(at: int) -> None:
    those, other = list(entries(SIZE)), PLACES[(PLACES.index(at) + 1) % len(PLACES)]
    those[at], those[other] = those[other], those[at]
    low, high = sorted((at, other))
    assert problems(with_entries(those)) == [
        f"entry {low} is reordered: its place has entry {high}",
        f"entry {high} is reordered: its place has entry {low}",
    ]


def test_neighbours_that_change_places_are_reordered_not_removed() -> None:
    those = list(entries(SIZE))
    those[300], those[301] = those[301], those[300]
    assert [text.split(":")[0] for text in problems(with_entries(those))] == [
        "entry 300 is reordered",
        "entry 301 is reordered",
    ]


def test_the_last_entry_is_found_when_it_is_changed_or_removed() -> None:
    those = list(entries(SIZE))
    assert problems(with_entries(those[:-1])) == [f"entry {SIZE - 1} is removed"]
    those[-1] = altered(those[-1])
    assert problems(with_entries(those)) == [f"entry {SIZE - 1} is changed"]


@pytest.mark.parametrize("path", ["tile/0/000", "tile/0/002.p/88", "tile/1/000.p/2"])
def test_a_changed_or_removed_tile_is_named(path: str) -> None:
    log = Objects(objects(entries(SIZE)))
    log[path] = log[path][:-1] + bytes([log[path][-1] ^ 1])
    assert problems(log) == [f"{path} is changed: it has other hashes than the entries"]
    del log[path]
    assert problems(log) == [f"{path} is removed"]


def test_a_removed_bundle_and_a_removed_checkpoint_are_named() -> None:
    log = Objects(objects(entries(SIZE)))
    del log["tile/entries/001"]
    assert problems(log)[0] == "entry 256 is removed"
    del log[tiles.CHECKPOINT]
    assert problems(log, Checkpoint(ORIGIN, SIZE, b"")) == [
        "the checkpoint is removed; the log had 600 entries when it was last seen"
    ]


def test_a_checkpoint_that_another_key_signed_or_that_was_edited_is_found() -> None:
    log = Objects(objects(entries(3)))
    log[tiles.CHECKPOINT] = log[tiles.CHECKPOINT].replace(b"\n3\n", b"\n2\n")
    assert problems(log)[0].startswith("the checkpoint is changed: expected a signature of the environment's key")


def test_a_log_that_was_cut_or_written_and_signed_again_differs_from_an_earlier_checkpoint() -> None:
    those = entries(SIZE)
    seen = Checkpoint(ORIGIN, 500, merkle.root([merkle.leaf(entry) for entry in those[:500]]))
    assert problems(Objects(objects(those)), seen) == []
    assert problems(Objects(objects(those[:400])), seen) == [
        "entries 400 to 499 are removed: the log had 500 when it was last seen"
    ]
    again = (*those[:-1], altered(those[-1]))
    assert problems(Objects(objects(again)), seen) == []  # the last entry is younger than what was seen
    again = (altered(those[0]), *those[1:])
    assert "among entries 0 to 499, some were changed" in problems(Objects(objects(again)), seen)[-1]
