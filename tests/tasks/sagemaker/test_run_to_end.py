"""Rare responses of SageMaker, by a fake kind of job. `test_running_jobs.py` has the other tests."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from config import settings
from config.errors import AccessDenied, JobFailed, QuotaExceeded, Unavailable
from config.profile import load_profile
from tasks.sagemaker.running_jobs import Request, run_to_end
from tests.tasks.sagemaker.scripted_jobs import COMPLETED, RUNS, Scripted, scripted


def request(kind: Scripted, create: Callable[[str], Any] | None = None) -> Request:
    return Request(
        kind=kind,
        prefix="small-one-a",
        decides={"image": "i"},
        tags={"use-case": "small_one", "stage": "train"},
        create=create or kind.created.append,
        is_intact=lambda job: True,
    )


def refused(code: str) -> Callable[[str], Any]:
    """A Create that SageMaker refuses."""

    def create(name: str) -> None:
        raise ClientError({"Error": {"Code": code, "Message": "no"}}, "CreateTrainingJob")

    return create


def test_a_job_is_created_once_and_awaited() -> None:
    kind = scripted(None, RUNS, RUNS, COMPLETED)
    ended = run_to_end(request(kind))
    assert (ended.job, ended.reused) == (COMPLETED, False)
    assert kind.created == [ended.name]
    assert kind.stopped == []


def test_a_job_that_another_process_creates_at_the_same_moment_is_used() -> None:
    kind = scripted(None, COMPLETED)
    ended = run_to_end(request(kind, refused("ResourceInUse")))
    assert ended.reused
    assert kind.stopped == []


def test_a_create_that_is_refused_is_raised_as_it_is() -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        run_to_end(request(scripted(None), refused("AccessDenied")))


@pytest.fixture
def short_jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A profile whose jobs may run for one second, so that a wait ends after two."""
    text = (settings.PROFILES / "offline.yaml").read_text()
    (tmp_path / "offline.yaml").write_text(re.sub(r"max_runtime_in_seconds: \d+", "max_runtime_in_seconds: 1", text))
    monkeypatch.setattr(settings, "PROFILES", tmp_path)
    load_profile.cache_clear()
    yield
    load_profile.cache_clear()


@pytest.mark.parametrize(
    ("answers", "found"),
    [([RUNS], "found InProgress"), ([RUNS, Unavailable("Rate exceeded. Run again")], "found no answer: Rate exceeded")],
)
def test_a_job_is_stopped_at_its_deadline_also_when_the_polls_get_no_answer(
    short_jobs: None, answers: list[Any], found: str
) -> None:
    kind = scripted(None, *answers)
    with pytest.raises(JobFailed, match=f"expected an end by .* UTC, {found}. It is stopped now"):
        run_to_end(request(kind))
    assert kind.stopped == kind.created


def test_an_error_that_does_not_pass_stops_the_job() -> None:
    kind = scripted(None, RUNS, AccessDenied("no"))
    with pytest.raises(AccessDenied):
        run_to_end(request(kind))
    assert kind.stopped == kind.created


def test_a_new_job_waits_for_its_quota() -> None:
    kind = scripted(None, COMPLETED)
    busy = [QuotaExceeded("1 of 1 in use", may_pass=True)] * 2

    def create(name: str) -> None:
        if busy:
            raise busy.pop()
        kind.created.append(name)

    assert run_to_end(request(kind, create)).job == COMPLETED
    assert len(kind.created) == 1


def test_equal_requests_have_equal_names_and_another_request_has_another() -> None:
    one, same = (run_to_end(request(scripted(None, COMPLETED))) for _ in range(2))
    other = request(scripted(None, COMPLETED))
    changed = Request(**{**vars(other), "decides": {"image": "j"}})
    assert one.name == same.name != run_to_end(changed).name
