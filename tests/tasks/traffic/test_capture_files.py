"""The hours that capture files belong to."""

from datetime import UTC, datetime, timedelta

import pytest

from tasks import locations, storage
from tasks.platform import platform
from tasks.traffic.capture_files import by_hour, hour_in
from tests.use_cases import small_use_case

HOUR = datetime(2026, 11, 27, 9, tzinfo=UTC)
CASE = small_use_case(name="captured_files")
HOSTED, NEXT = "captured-files-v3-abc123", "captured-files-v4-def456"


@pytest.mark.parametrize("name", ["2026/11/27/09/a.jsonl", "hosted/e/v/2026/11/27/09/a-b.jsonl"])
def test_the_folders_of_a_file_are_its_hour(name: str) -> None:
    assert hour_in(name) == HOUR


@pytest.mark.parametrize(
    "name",
    ["2026/13/27/09/a.jsonl", "2026/11/27/24/a.jsonl", "2026/11/27/a.jsonl", "2026/11/27/09/more/a.jsonl", "a.jsonl"],
)
def test_a_file_in_other_folders_has_no_hour(name: str) -> None:
    assert hour_in(name) is None


@pytest.fixture(scope="module")
def _files(bucket: str) -> None:
    production = platform().variant
    for name in (
        f"{HOSTED}/e/{production}/2026/11/27/09/a.jsonl",
        f"{HOSTED}/e/{production}/2026/11/27/09/b.jsonl",
        f"{HOSTED}/e/{production}/2026/11/27/09/c.txt",
        f"{HOSTED}/e/{production}/2026/11/27/07/a.jsonl",
        f"{HOSTED}_{NEXT}/e/{production}/2026/11/27/09/a.jsonl",
        f"{HOSTED}_{NEXT}/e/shadow/2026/11/27/08/a.jsonl",
        f"others/e/{production}/2026/11/27/09/a.jsonl",
    ):
        storage.put(f"{locations.capture(CASE.name)}/{name}", b"12345")


@pytest.mark.usefixtures("_files")
def test_files_of_one_version_and_hour_are_together_oldest_first() -> None:
    found = by_hour(CASE, HOUR - timedelta(hours=1))
    assert [(each.key.hosted, each.key.variant, each.key.start.hour, each.version) for each in found] == [
        (NEXT, "shadow", 8, 4),
        (HOSTED, platform().variant, 9, 3),
    ]
    assert [name.rpartition("/")[2] for name in found[1].names] == ["a.jsonl", "b.jsonl", "a.jsonl"]
    assert (found[1].size, found[0].size) == (15, 5)


@pytest.mark.usefixtures("_files")
def test_hours_before_the_first_one_are_left_out() -> None:
    assert [each.key.start for each in by_hour(CASE, HOUR)] == [HOUR]
    assert len(by_hour(CASE, HOUR - timedelta(days=1))) == 3
