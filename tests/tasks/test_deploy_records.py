"""What is stored of a release: the entry of the audit log, then the outcome."""

import pytest

from config.use_case import UseCase
from tasks import audit, champion
from tasks.audit.entries import decode
from tasks.deploy import record_release
from tasks.release import outcome
from tests.tasks.ground_truth.kills import each_kill
from tests.tasks.releases import new_release, new_use_case


def released_case() -> UseCase:
    """A use case with a champion, of whose release nothing is stored."""
    case = new_use_case()
    new_release(case, 0.8)
    return case


def record(case: UseCase) -> None:
    found = champion.read(case)
    assert found
    record_release(case, found, {"EndpointName": "endpoint", "LastModifiedTime": "2026-11-27 09:00"}, "deploy")


@pytest.mark.usefixtures("bucket")
def test_a_release_whose_process_is_killed_at_any_write_has_one_entry_when_it_is_repeated() -> None:
    kills = 0
    for case in each_kill(released_case, record):
        if outcome.is_unfinished(case.name, 1):
            record(case)
        entries = [decode(entry)["action"] for entry in audit.log_of(case.name).read().entries]
        assert entries.count("deploy") == 1
        kills += 1
    assert kills
