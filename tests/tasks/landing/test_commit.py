from tasks.landing import reading, versions
from tasks.landing.commit import land
from tests.tasks.landing.support import Log, case, rows, snapshot_count, source_of


def test_the_same_rows_twice_are_one_version(bucket: str) -> None:
    use_case = case("land_twice")
    first = land(use_case, source_of(rows(1, 2)))
    assert land(use_case, source_of(rows(1, 2), "again")) == first
    assert snapshot_count(use_case) == 1
    with reading.opened(first) as stored:
        assert stored.read(["id", "age"]).to_pydict() == {"id": [1, 2], "age": [11, 12]}
    other = land(use_case, source_of(rows(3)))
    with reading.opened(other) as stored:
        assert stored.read(["id"]).to_pydict() == {"id": [3]}
    with reading.opened(first) as stored:
        assert stored.read(["id"]).to_pydict() == {"id": [1, 2]}
    assert land(use_case, source_of(rows(1, 2))) == first
    assert versions.find(use_case.name, "latest").digest == first.digest


def test_log(bucket: str) -> None:
    use_case, log = case("land_log"), Log([1, 2])
    first = land(use_case, log)
    assert land(use_case, log) == first
    log.ids.append(3)
    second = land(use_case, log)
    assert second.rows == 3
    with reading.opened(second) as stored:
        assert stored.read(["id"]).to_pydict() == {"id": [1, 2, 3]}
