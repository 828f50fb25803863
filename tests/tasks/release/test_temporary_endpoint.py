"""The endpoint on which a version is tested, which two runs want at the same time."""

from tasks.release.temporary_endpoint import _created, temporary_name
from tests.tasks.releases import new_use_case


def test_a_configuration_that_another_run_has_deleted_does_not_end_a_run(bucket: str) -> None:
    case = new_use_case()
    assert _created(case, temporary_name(case), lambda: "deleted-meanwhile") is False
