"""Every kind of job is found, listed, tagged and stopped in the same way."""

import pytest
from botocore import xform_name

from offline_cloud import Cloud
from tasks.sagemaker.job_kinds import KINDS, PROCESSING, TRAINING, TRANSFORM, TUNING, JobKind, add_tags, tags_of
from tests.patience import until
from tests.sagemaker_local.conftest import make_bench
from tests.sagemaker_local.support import INFERENCE, Bench
from tests.sagemaker_local.test_processing_jobs import request as processing_request
from tests.sagemaker_local.test_transform_jobs import request as transform_request
from tests.sagemaker_local.test_tuning_jobs import request as tuning_request
from tests.small_jobs import ENDLESS

SLOW_MODEL = INFERENCE.replace('if body == "die":', 'import time\n    time.sleep(600)\n    if body == "die":')


@pytest.fixture(scope="module")
def bench(cloud: Cloud) -> Bench:
    return make_bench(cloud.environment)


def start(bench: Bench, kind: JobKind) -> str:
    """Start an endless job. Returns its name."""
    if kind is TRANSFORM:
        rows = bench.put("job-kinds/rows.csv", "1\n2\n")
        request = transform_request(bench.model(script=SLOW_MODEL), rows)
    else:
        requests = {
            TRAINING: lambda: bench.request(ENDLESS),
            PROCESSING: lambda: processing_request(bench, ENDLESS),
            TUNING: lambda: tuning_request(bench, static={"epochs": "100000", "pause": "0.1"}),
        }
        request = requests[kind]()
    getattr(bench.sagemaker, f"create_{xform_name(kind.member)}")(**request)
    return str(request[f"{kind.member}Name"])


def test_each_kind_is_found_listed_tagged_and_stopped(bench: Bench, bucket: str) -> None:
    started = {kind: start(bench, kind) for kind in KINDS}
    for kind, name in started.items():
        found = kind.find(name)
        assert found, kind
        assert (kind.name(found), kind.status(found)) == (name, "InProgress")
        assert name in [kind.name(job) for job in kind.in_progress()]
        assert [kind.name(job) for job in kind.in_progress(name)] == [name]
        add_tags(kind.arn(found), {"run": "one"})
        assert tags_of(kind.arn(found))["run"] == "one"
        kind.stop(name)
    for kind, name in started.items():
        until(lambda: kind.find(name), lambda job: kind.status(job) == "Stopped")  # type: ignore[arg-type]  # noqa: B023
        kind.stop(name)  # one that has ended is left
        assert name not in [kind.name(job) for job in kind.in_progress()]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.title)
def test_a_job_that_was_never_created_is_not_found_and_needs_no_stop(bucket: str, kind: JobKind) -> None:
    assert kind.find("never-created") is None
    kind.stop("never-created")
