"""A table that Glue has forgotten, as offline when its server ends."""

import logging

import pytest

from tasks.landing import versions
from tasks.landing.catalog import catalog, make_database_again
from tasks.landing.commit import land
from tasks.landing.table import find_table, name_of
from tasks.platform import platform
from tests.tasks.landing.support import Log, case, rows, source_of


def test_a_table_that_is_missing_in_glue_is_registered_again_from_its_newest_metadata(
    bucket: str, caplog: pytest.LogCaptureFixture
) -> None:
    use_case, log = case("table_forgotten"), Log([1, 2])
    land(use_case, log)
    log.ids.append(3)
    second = land(use_case, log)
    versions.tag(use_case.name, "good", versions.find(use_case.name, "latest"))
    before = versions.versions(use_case.name)
    catalog().glue.delete_table(DatabaseName=platform().database, Name=use_case.name)
    with caplog.at_level(logging.WARNING, "vishwaops"):
        assert versions.versions(use_case.name) == before
    assert [record.message for record in caplog.records if "registered again" in record.message]
    assert land(use_case, log) == second


def test_metadata_whose_commit_was_given_up_is_not_registered(bucket: str) -> None:
    use_case = case("table_given_up")
    first = land(use_case, source_of(rows(1)))
    land(use_case, source_of(rows(2)))
    table = find_table(use_case.name)
    assert table is not None
    table.io.delete(versions.reference(use_case.name, versions.find(use_case.name, "latest")).uri)
    catalog().glue.delete_table(DatabaseName=name_of(use_case.name)[0], Name=use_case.name)
    assert versions.find(use_case.name, "latest").digest == first.digest


def test_a_database_that_glue_has_forgotten_is_made_again(bucket: str) -> None:
    for _ in range(2):
        make_database_again("table_forgotten")
    assert catalog().glue.get_database(Name="table_forgotten")["Database"]["Name"] == "table_forgotten"
