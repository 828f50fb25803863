from typing import Any

import pytest
from pyiceberg.exceptions import CommitFailedException
from pyiceberg.table import Table
from pyiceberg.table.update.snapshot import ExpireSnapshots, ManageSnapshots

from config.use_case import UseCase
from tasks import clients
from tasks.landing import reading, versions
from tasks.landing.commit import land
from tasks.landing.table import find_table
from tests.tasks.landing.support import Log, case, rows, source_of


def table_of(use_case: UseCase) -> Table:
    table = find_table(use_case.name)
    assert table is not None
    return table


def test_a_commit_whose_answer_was_lost_and_that_botocore_repeats_is_recognised(bucket: str) -> None:
    use_case, log = case("catalog_lost_answer"), Log([1])
    land(use_case, log)
    log.ids.append(2)
    repeats = iter([0])
    glue, event = clients.client("glue"), "needs-retry.glue.UpdateTable"

    def repeat(**_: Any) -> int | None:
        return next(repeats, None)

    glue.meta.events.register_first(event, repeat)
    try:
        version = land(use_case, log)
    finally:
        glue.meta.events.unregister(event, repeat)
    assert list(repeats) == []
    assert len(versions.versions(use_case.name)) == 2
    with reading.opened(version) as stored:
        assert stored.read(["id"])["id"].to_pylist() == [1, 2]


def test_a_commit_needs_only_the_permissions_that_a_flow_has(bucket: str) -> None:
    use_case = case("catalog_permissions")
    version = versions.find(use_case.name, land(use_case, source_of(rows(1))).digest)
    table, made, glue = table_of(use_case), list[str](), clients.client("glue")

    def note(model: Any, **_: Any) -> None:
        made.append(model.name)

    glue.meta.events.register("before-call.glue", note)
    try:
        table.manage_snapshots().create_tag(version.snapshot, "good").commit()
    finally:
        glue.meta.events.unregister("before-call.glue", note)
    assert {*made} == {"GetTable", "UpdateTable"}


def test_a_commit_that_was_planned_on_an_earlier_state_of_the_table_is_refused(bucket: str) -> None:
    use_case = case("catalog_planned")
    first, _ = (versions.find(use_case.name, land(use_case, source_of(rows(each))).digest) for each in (1, 2))
    planned = table_of(use_case).transaction()
    ManageSnapshots(planned).remove_tag(f"v-{first.digest}").commit()
    ExpireSnapshots(planned).by_id(first.snapshot).commit()
    versions.tag(use_case.name, "good", first)
    with pytest.raises(CommitFailedException):
        planned.commit_transaction()
    assert versions.find(use_case.name, "good").digest == first.digest
