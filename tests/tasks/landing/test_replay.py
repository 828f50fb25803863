import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pandas as pd
import pytest

from config.errors import ConfigError, MissingInput
from config.use_case import UseCase
from tasks import corrections, locations, storage
from tasks.landing import part_files, reading, snapshots, versions
from tasks.landing.commit import land
from tasks.landing.replay import replay
from tasks.landing.table import find_table
from tasks.model_contract import FILE, LINE
from tasks.references import DatasetVersion
from tasks.rows.corrections import Correction, content_digest
from tasks.sources.source import FrameSource
from tests.tasks.landing.support import Log, case, ended_at, objects, rows, snapshot_count, source_of


def ages(version: DatasetVersion) -> list[int | None]:
    with reading.opened(version) as stored:
        found: list[int | None] = stored.read(["age"])["age"].to_pylist()
    return found


def correction(version: DatasetVersion, row: int, **cells: Any) -> Correction:
    """A correction of one row of a version, which is stored as a fix."""
    with reading.opened(version) as stored:
        found = stored.read().slice(row, 1).to_pylist()[0]
    one = Correction(file=found[FILE], line=found[LINE], row=row, original=content_digest(found), cells=cells)
    corrections.save_fix(version.use_case, "a person", version.digest, [one])
    return waiting(version.use_case)[-1]


def waiting(use_case: str) -> list[Correction]:
    return corrections.pending(use_case, corrections.release_of(find_table(use_case)))


def files(use_case: UseCase) -> list[str]:
    table = find_table(use_case.name)
    assert table is not None
    snapshot = table.current_snapshot()
    assert snapshot is not None
    return [file.file_path.rsplit("/", 1)[-1] for file in snapshots.files_of(table, snapshot)]


def test_only_the_part_with_a_corrected_row_is_written_again_and_the_order_stays(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(part_files, "GROUP_ROWS", 1024)
    use_case, count = case("replay_parts"), 3 * 4 * 1024
    source = source_of(rows(*range(count)))
    first = land(use_case, source)
    before = files(use_case)
    found = replay(use_case, [correction(first, 5000, age=7)])
    assert (found.rows, found.version.rows, snapshot_count(use_case)) == (1, count, 2)
    after = files(use_case)
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, False, True]
    assert ages(found.version) == [7 if each == 5000 else 10 + each for each in range(count)]
    assert ages(first)[5000] == 5010
    shown = versions.find(use_case.name, "latest")
    assert (shown.digest, shown.parent) == (found.version.digest, first.digest)
    again = replay(use_case, [correction(found.version, 4999, age=8), correction(found.version, 0, age=9)])
    assert [ages(again.version)[each] for each in (0, 4998, 4999, 5000, 5001)] == [9, 5008, 8, 7, 5011]
    assert land(use_case, source) == again.version
    assert snapshot_count(use_case) == 3


def test_a_released_correction_is_applied_to_the_source_again_if_its_row_is_still_there(bucket: str) -> None:
    use_case = case("replay_changed")
    first = land(use_case, source_of(rows(1, 2, 3)))
    replay(use_case, [correction(first, 0, age=7), correction(first, 1, age=8)])
    changed = rows(1, 2, 3, 4)
    changed.loc[1, "age"] = 99
    assert ages(land(use_case, source_of(changed))) == [7, 99, 13, 14]
    assert ages(land(use_case, source_of(rows(1, 2, 3)))) == [7, 8, 13]


def test_two_corrections_of_a_row_one_after_the_other_are_both_in_effect_also_back_to_the_first_value(
    bucket: str,
) -> None:
    use_case, source = case("replay_back"), source_of(rows(1, 2))
    first = land(use_case, source)
    second = replay(use_case, [correction(first, 0, age=7)]).version
    assert replay(use_case, [correction(second, 0, age=11)]).version == first
    assert land(use_case, source) == first
    third = replay(use_case, [correction(first, 0, age=12, passed="no")]).version
    assert land(use_case, source) == third


def test_the_position_of_an_incremental_source_stays_and_new_rows_are_added_after_the_corrected_ones(
    bucket: str,
) -> None:
    use_case, log = case("replay_log"), Log([1, 2])
    land(use_case, log)
    log.ids.append(3)
    second = land(use_case, log)
    third = replay(use_case, [correction(second, 0, age=7)]).version
    assert versions.find(use_case.name, "latest").position == {"rows": 3}
    assert land(use_case, log) == third
    log.ids.append(4)
    assert ages(land(use_case, log)) == [7, 12, 13, 14]


def test_a_version_whose_files_another_engine_has_compacted_is_corrected_whole(bucket: str) -> None:
    use_case = case("replay_compacted")
    first = land(use_case, source_of(rows(1, 2)))
    one, table = correction(first, 1, age=7), find_table(use_case.name)
    assert table is not None
    table.overwrite(table.scan().to_arrow())
    assert ages(replay(use_case, [one]).version) == [11, 7]


def test_a_row_that_has_changed_since_is_not_corrected(bucket: str) -> None:
    use_case = case("replay_stale")
    one = correction(land(use_case, source_of(rows(1, 2))), 1, age=7)
    land(use_case, source_of(rows(1, 3)))
    found = replay(use_case, [one])
    assert (found.rows, list(found.unmatched), ages(found.version)) == (0, [one], [11, 13])
    assert waiting(use_case.name) == [one]


def test_a_repeated_release_makes_no_second_version(bucket: str) -> None:
    use_case = case("replay_twice")
    one = correction(land(use_case, source_of(rows(1, 2))), 1, age=7)
    first = replay(use_case, [one]).version
    there = objects(use_case)
    assert (replay(use_case, [one]).version, replay(use_case, []).version) == (first, first)
    assert (objects(use_case), waiting(use_case.name)) == (there, [])


def test_two_releases_and_an_ingest_at_once_lose_no_correction(bucket: str) -> None:
    use_case, source = case("replay_at_once"), source_of(rows(*range(6)))
    first = land(use_case, source)
    chosen = [correction(first, row, age=90 + row) for row in range(2)]
    start = threading.Barrier(3)

    def run(at: int) -> None:
        start.wait()
        if at < 2:
            replay(use_case, [chosen[at]])
        else:
            land(use_case, source_of(rows(*range(7))))

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(run, range(3)))
    assert waiting(use_case.name) == []
    assert ages(land(use_case, source)) == [90, 91, 12, 13, 14, 15]


def test_an_ingest_that_has_read_its_rows_before_a_release_reads_them_again(bucket: str) -> None:
    use_case = case("replay_meanwhile")
    one = correction(land(use_case, source_of(rows(1, 2))), 0, age=7)

    def load() -> pd.DataFrame:
        if waiting(use_case.name):
            replay(use_case, [one])
        return rows(1, 2, 3)

    assert ages(land(use_case, FrameSource("rows", "rows", load))) == [7, 12, 13]


def test_a_release_that_is_killed_at_any_step_changes_nothing_and_the_next_one_completes(bucket: str) -> None:
    statuses: list[int] = []
    while 0 not in statuses:
        use_case = case(f"replay_killed_{len(statuses)}")
        first = land(use_case, source_of(rows(1, 2)))
        one = correction(first, 1, age=7)
        statuses.append(ended_at(len(statuses) + 1, lambda: replay(use_case, [one])))  # noqa: B023
        landed = versions.find(use_case.name, "latest")
        if waiting(use_case.name):
            assert (landed.digest, land(use_case, source_of(rows(1, 2)))) == (first.digest, first)
        assert ages(replay(use_case, [one]).version) == [11, 7]
        assert len(versions.versions(use_case.name)) == 2
    assert statuses == [-signal.SIGKILL] * (len(statuses) - 1) + [0]
    assert len(statuses) > 5


def test_a_version_without_the_use_cases_columns_is_not_corrected(bucket: str) -> None:
    use_case = case("replay_columns")
    with pytest.raises(MissingInput, match="found none"):
        replay(use_case, [])
    land(use_case, source_of(rows(1)))
    wider = case("replay_columns", columns={**use_case.columns, "more": {"type": "integer"}})
    with pytest.raises(ConfigError, match="found others in the use case"):
        replay(wider, [])


def test_a_release_whose_object_is_gone_stops_the_ingest(bucket: str) -> None:
    use_case = case("replay_gone")
    replay(use_case, [correction(land(use_case, source_of(rows(1, 2))), 1, age=7)])
    release = corrections.release_of(find_table(use_case.name))
    storage.delete([locations.released(use_case.name, str(release))])
    with pytest.raises(MissingInput, match="the next ingest would undo"):
        land(use_case, source_of(rows(1, 2)))
