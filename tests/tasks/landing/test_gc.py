from datetime import UTC, datetime, timedelta

import pytest

from tasks import locations, storage
from tasks.heartbeats import beating
from tasks.landing import gc, reading, versions
from tasks.landing.commit import land
from tasks.step_results import missing_objects
from tests.tasks.landing.support import Log, case, objects, rows, source_of

LATER = datetime.now(UTC) + timedelta(days=2)


def test_old_versions_go_and_tagged_protected_and_newest_ones_stay(bucket: str) -> None:
    use_case = case("gc_old")
    landed = [land(use_case, source_of(rows(each))) for each in range(6)]
    versions.tag(use_case.name, "good", versions.find(use_case.name, landed[1].digest))
    garbage = gc.find_garbage(use_case.name, protected=[landed[2].digest], keep=2)
    assert [version.digest for version in garbage.versions] == [landed[3].digest, landed[0].digest]
    assert garbage.size > 0
    assert len(versions.versions(use_case.name)) == 6
    gc.delete(use_case.name, garbage)
    kept = [version.digest for version in versions.versions(use_case.name)]
    assert kept == [landed[each].digest for each in (5, 4, 2, 1)]
    assert missing_objects(landed[0]) == [landed[0].uri]
    for version in (landed[1], landed[2], landed[4], landed[5]):
        with reading.opened(version) as stored:
            assert stored.read().num_rows == 1
    assert land(use_case, source_of(rows(0))).digest == landed[0].digest


def test_files_that_a_kept_version_shares_stay(bucket: str) -> None:
    use_case, log = case("gc_shared"), Log([1])
    land(use_case, log)
    log.ids.append(2)
    version = land(use_case, log)
    garbage = gc.find_garbage(use_case.name, keep=1)
    gc.delete(use_case.name, garbage)
    with reading.opened(version) as stored:
        assert not {*stored.files} & {*garbage.files}
        assert stored.read(["id"])["id"].to_pylist() == [1, 2]
    assert [each.digest for each in versions.versions(use_case.name)] == [version.digest]


def test_a_version_that_is_tagged_meanwhile_stays(bucket: str) -> None:
    use_case = case("gc_tagged")
    first, _ = (land(use_case, source_of(rows(each))) for each in (1, 2))
    garbage = gc.find_garbage(use_case.name, keep=1)
    versions.tag(use_case.name, "good", versions.find(use_case.name, first.digest))
    gc.delete(use_case.name, garbage)
    with reading.opened(first) as stored:
        assert stored.read().num_rows == 1


@pytest.mark.parametrize(("folder", "goes"), [("1_no-run", True), ("1_20260101-000000-dead", True), ("1_alive", False)])
def test_files_of_ended_ingests_go_after_a_day_unless_their_run_is_alive(bucket: str, folder: str, goes: bool) -> None:
    use_case = case("gc_orphans")
    land(use_case, source_of(rows(1)))
    name = f"data/{folder}/part-00000.parquet"
    storage.put(f"{locations.table(use_case.name)}/{name}", b"")
    with beating(use_case.name, "alive"):
        assert gc.find_garbage(use_case.name).files == []
        gc.delete(use_case.name, gc.find_garbage(use_case.name, now=LATER))
    assert (name not in objects(use_case)) == goes
    assert land(use_case, source_of(rows(1)))
