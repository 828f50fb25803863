"""The list of jobs in progress marks orphans."""

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import pytest

from config.errors import JobFailed
from config.use_case import load_use_case
from tasks.heartbeats import beating
from tasks.sagemaker.job_list import ListedJob, jobs_in_progress, stop_jobs_of_flow_run
from tests.patience import PATIENCE, until
from tests.small_jobs import ENDLESS, USE_CASE, Code, process, status_of, train

CASE = load_use_case(USE_CASE)


def listed(prefix: str) -> list[ListedJob]:
    return [job for job in jobs_in_progress(CASE) if prefix in job.name]


def test_jobs_are_listed_with_their_run_and_are_orphans_once_it_has_ended(
    code: Code, prefix: str, sagemaker: Any
) -> None:
    source_dir = code(ENDLESS)
    with ThreadPoolExecutor() as pool:
        with beating(USE_CASE, f"{prefix}-run", "flow-run"):
            waiting = [pool.submit(copy_context().run, run, source_dir, prefix) for run in (train, process)]
            jobs = until(lambda: listed(prefix), lambda jobs: len(jobs) == 2)
            assert [job.kind.title for job in jobs] == ["training job", "processing job"]
            assert {(job.life, job.is_orphan, job.tags["run"]) for job in jobs} == {("alive", False, f"{prefix}-run")}
            assert not stop_jobs_of_flow_run(CASE, "another-flow-run")
        assert {(job.life, job.is_orphan) for job in listed(prefix)} == {("ended", True)}
        assert not [job for job in jobs_in_progress(load_use_case("cake_popularity")) if prefix in job.name]
        assert sorted(stop_jobs_of_flow_run(CASE, "flow-run")) == sorted(job.name for job in jobs)
        for job in waiting:
            with pytest.raises(JobFailed, match="found Stopped"):
                job.result(PATIENCE)
    assert status_of(sagemaker, jobs[0].name) == "Stopped"
    assert not listed(prefix)
