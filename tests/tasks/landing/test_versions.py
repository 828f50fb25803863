import pytest

from config.errors import MissingInput, VishwaOpsError
from tasks.landing import versions
from tasks.landing.commit import land
from tests.tasks.landing.support import case, rows, source_of


def test_a_version_is_found_by_digest_its_beginning_tag_and_as_latest(bucket: str) -> None:
    use_case = case("find_versions")
    assert versions.versions(use_case.name) == []
    first, second = (land(use_case, source_of(rows(each), f"rows {each}")) for each in (1, 2))
    versions.tag(use_case.name, "baseline", versions.find(use_case.name, first.digest[:6]))
    assert versions.find(use_case.name, "baseline").digest == first.digest
    assert versions.find(use_case.name, "latest").digest == second.digest
    assert [(each.source, each.current, each.tags) for each in versions.versions(use_case.name)] == [
        ("rows 2", True, ()),
        ("rows 1", False, ("baseline",)),
    ]
    with pytest.raises(MissingInput, match="found 'nothing', which names none"):
        versions.find(use_case.name, "nothing")


def test_a_tag_moves_only_when_told_to(bucket: str) -> None:
    use_case = case("move_tag")
    first, second = (versions.find(use_case.name, land(use_case, source_of(rows(each))).digest) for each in (1, 2))
    versions.tag(use_case.name, "good", first)
    versions.tag(use_case.name, "good", first)
    with pytest.raises(VishwaOpsError, match=f"'good' of version {first.digest}.*add --move"):
        versions.tag(use_case.name, "good", second)
    versions.tag(use_case.name, "good", second, move=True)
    assert versions.find(use_case.name, "good").digest == second.digest


@pytest.mark.parametrize("name", ["latest", "main", "v-1"])
def test_a_tag_that_has_a_meaning_of_its_own_is_refused(bucket: str, name: str) -> None:
    use_case = case("own_tags")
    land(use_case, source_of(rows(1)))
    with pytest.raises(VishwaOpsError, match="expected a name other than"):
        versions.tag(use_case.name, name, versions.find(use_case.name, "latest"))
