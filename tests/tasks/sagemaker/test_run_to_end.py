"""Rare responses of SageMaker, by a fake kind of job. `test_running_jobs.py` has the other tests."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from config.errors import JobFailed
from tasks.sagemaker.job_kinds import JobKind
from tasks.sagemaker.running_jobs import Request, run_to_end

RUNS, COMPLETED = ({"TrainingJobName": "a-job", "TrainingJobStatus": status} for status in ("InProgress", "Completed"))


@dataclass(frozen=True)
class Scripted(JobKind):
    """A fake kind of job with a list of descriptions, one for each call."""

    answers: list[dict[str, Any] | None] = field(default_factory=list)
    created: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)

    def find(self, name: str) -> dict[str, Any] | None:
        return self.answers.pop(0)

    def stop(self, name: str) -> None:
        self.stopped.append(name)


def scripted(*answers: dict[str, Any] | None) -> Scripted:
    return Scripted("training job", "TrainingJob", list(answers))


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


def test_a_job_that_is_gone_while_it_is_awaited_is_reported() -> None:
    kind = scripted(None, RUNS, None)
    with pytest.raises(JobFailed, match=r"training job small-one-a-\w+: expected SageMaker to describe it, found no"):
        run_to_end(request(kind))


def test_equal_requests_have_equal_names_and_another_request_has_another() -> None:
    one, same = (run_to_end(request(scripted(None, COMPLETED))) for _ in range(2))
    other = request(scripted(None, COMPLETED))
    changed = Request(**{**vars(other), "decides": {"image": "j"}})
    assert one.name == same.name != run_to_end(changed).name
