from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tasks.migrations import migrate_once
from tests.patience import until

AT_ONCE = 4


def test_of_several_at_once_one_migrates_and_the_others_wait_for_it(tmp_path: Path) -> None:
    database = tmp_path / "a.db"
    arrived: list[int] = []
    calls: list[str] = []

    def migrate() -> None:
        calls.append("1.0")
        until(lambda: len(arrived) == AT_ONCE)
        database.touch()

    def arrive(number: int) -> bool:
        arrived.append(number)
        migrate_once(database, "1.0", migrate)
        return database.exists()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert all(pool.map(arrive, range(AT_ONCE)))
    assert calls == ["1.0"]


def test_only_another_version_or_a_removed_file_is_migrated_again(tmp_path: Path) -> None:
    database = tmp_path / "a.db"
    calls: list[str] = []

    def migrate() -> None:
        calls.append(version)
        database.touch()

    for version in ("1.0", "1.0", "1.1"):
        migrate_once(database, version, migrate)
    database.unlink()
    migrate_once(database, version, migrate)
    assert calls == ["1.0", "1.1", "1.1"]
