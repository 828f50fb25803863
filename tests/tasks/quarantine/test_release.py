import pytest

from tasks import audit
from tasks.audit.entries import decode
from tasks.landing import reading
from tasks.landing.commit import land
from tasks.quarantine.fix import fix_selected, pending
from tasks.quarantine.release import release
from tasks.quarantine.rows import parse_where
from tasks.rows.quarantine import REASONS
from tasks.rows.row_database import ROW
from tests.tasks.landing.support import case, rows, source_of
from tests.tasks.quarantine.quarantines import stored


def test_without_a_selection_all_corrections_are_released_and_with_one_only_its_rows(bucket: str) -> None:
    use_case = case("release_some")
    version = land(use_case, source_of(rows(1, 2, 3)))
    with reading.opened(version) as found:
        bad = [{**row, ROW: at, REASONS: ["age: bad"]} for at, row in enumerate(found.read().to_pylist())]
    quarantine = stored(use_case, bad)
    fix_selected(use_case, quarantine, None, {"age": "5"})
    first = release(use_case, quarantine, parse_where(use_case, "id == 2"))
    assert (first.rows, len(pending(use_case))) == (1, 2)
    second = release(use_case)
    assert (second.rows, pending(use_case)) == (2, [])
    with reading.opened(second.version) as found:
        assert found.read(["age"])["age"].to_pylist() == [5, 5, 5]
    entries = [decode(entry) for entry in audit.log_of(use_case.name).read().entries]
    assert [(each["action"], each["facts"]["rows"]) for each in entries] == [
        ("fix-rows", "3"), ("release-rows", "1"), ("release-rows", "2"),
    ]  # fmt: skip
    assert entries[-1]["facts"]["dataset_digest"] == second.version.digest


@pytest.mark.parametrize("where", ["id == 9", None])
def test_a_release_without_corrections_is_the_current_version(bucket: str, where: str | None) -> None:
    use_case = case("release_none")
    version = land(use_case, source_of(rows(1)))
    assert release(use_case, stored(use_case, []), parse_where(use_case, where)).version == version
