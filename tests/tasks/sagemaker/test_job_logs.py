"""A failed job's message ends with the last lines of its log."""

import json
import time
from typing import Any

import pytest

from config.errors import JobFailed
from offline_cloud import Cloud
from tasks.sagemaker import job_logs
from tasks.sagemaker.job_kinds import PROCESSING, TRAINING, TRANSFORM, TUNING
from tasks.sagemaker.job_logs import last_lines
from tests.aws_answers import answering, flows_use, refusal
from tests.patience import until
from tests.sagemaker_local.conftest import make_bench
from tests.sagemaker_local.support import Bench, unique
from tests.sagemaker_local.test_transform_jobs import DOUBLE
from tests.sagemaker_local.test_transform_jobs import request as transform_request
from tests.sagemaker_local.test_tuning_jobs import request as tuning_request
from tests.small_jobs import Code, process, train

FAILS = """
for number in range(30):
    print("line", number)
print("x" * 500)
raise ValueError("no rows of class 2")
"""
GROUP = TRAINING.log_group


@pytest.fixture(scope="module")
def bench(cloud: Cloud) -> Bench:
    return make_bench(cloud.environment)


@pytest.mark.parametrize("run", [train, process])
def test_the_message_of_a_failed_job_ends_with_what_its_script_printed(code: Code, prefix: str, run: Any) -> None:
    with pytest.raises(JobFailed) as failed:
        run(code(FAILS), prefix)
    first, *shown = str(failed.value).splitlines()
    assert "expected Completed, found Failed" in first
    headings = [number for number, line in enumerate(shown) if line.startswith("The end of its log (/aws/sagemaker/")]
    assert f", {prefix}-" in shown[headings[0]]
    lines = shown[headings[0] + 1 :]
    assert len(lines) <= job_logs.LINES
    assert max(map(len, lines)) <= job_logs.LONGEST_LINE + 2
    assert any("ValueError: no rows of class 2" in line for line in lines)
    assert "  line 1" not in lines


def stored(bench: Bench, stream: str, *lines: tuple[int, str]) -> None:
    bench.logs.create_log_stream(logGroupName=GROUP, logStreamName=stream)
    if lines:
        events = [{"timestamp": time, "message": line} for time, line in lines]
        bench.logs.put_log_events(logGroupName=GROUP, logStreamName=stream, logEvents=events)


@pytest.fixture(scope="module", autouse=True)
def group(bench: Bench) -> None:
    try:
        bench.logs.create_log_group(logGroupName=GROUP)
    except bench.logs.exceptions.ResourceAlreadyExistsException:
        return


def test_of_several_instances_the_one_that_wrote_last_is_shown_and_no_other_job(bench: Bench) -> None:
    name = unique("job")
    now = int(1000 * time.time())
    stored(bench, f"{name}/algo-1-1", (now, "early"))
    stored(bench, f"{name}/algo-2-1", (now + 5, "late"))
    stored(bench, f"{name}/data-log", (now + 9, "not a container's"))
    stored(bench, f"{name}-2/algo-1-1", (now + 9, "another job's"))
    assert last_lines(TRAINING, name) == f"The end of its log ({GROUP}, {name}/algo-2-1):\n  late"


def test_a_job_without_a_log_says_where_it_would_be(bench: Bench) -> None:
    name = unique("job")
    expected = f"Its log has no lines yet. It is in CloudWatch Logs, group {GROUP}, streams {name}/"
    assert last_lines(TRAINING, name) == expected
    stored(bench, f"{name}/algo-1-1")
    assert last_lines(TRAINING, name) == expected


def test_without_permission_the_message_says_so_and_where_the_log_is(bench: Bench) -> None:
    denied = refusal("AccessDeniedException", "not authorized to perform: logs:DescribeLogStreams")
    with answering(denied) as fake, flows_use("CLOUDWATCH_LOGS", fake.url):
        said = last_lines(PROCESSING, "one")
    assert "Its log can't be read (AWS denies logs:DescribeLogStreams on /aws/sagemaker/ProcessingJobs." in said
    assert said.endswith("It is in CloudWatch Logs, group /aws/sagemaker/ProcessingJobs, streams one/")


def test_an_empty_page_before_the_last_events_is_passed(bench: Bench) -> None:
    streams = {"logStreams": [{"logStreamName": "one/algo-1-1", "lastEventTimestamp": 1}]}
    empty = {"events": [], "nextBackwardToken": "b/1", "nextForwardToken": "f/1"}
    full = {"events": [{"message": "the end"}], "nextBackwardToken": "b/2", "nextForwardToken": "f/2"}
    answers = [(200, json.dumps(answer).encode()) for answer in (streams, empty, full)]
    with answering(*answers) as fake, flows_use("CLOUDWATCH_LOGS", fake.url):
        assert last_lines(TRAINING, "one").endswith(":\n  the end")
        assert json.loads(fake.requests[2])["nextToken"] == "b/1"


def test_a_tuning_job_shows_the_log_of_a_training_job_that_failed(bench: Bench) -> None:
    request = tuning_request(bench, jobs=1, parallel=1, static={"shape": "broken"})
    name = request["HyperParameterTuningJobName"]
    bench.sagemaker.create_hyper_parameter_tuning_job(**request)
    until(lambda: TUNING.find(name) or {}, lambda job: TUNING.status(job) == "Failed")
    said = last_lines(TUNING, name)
    assert f"({GROUP}, {name}-0" in said
    assert "  broken" in said


def test_a_transform_job_shows_the_log_of_its_container(bench: Bench) -> None:
    request = transform_request(bench.model(script=DOUBLE), bench.put(f"{unique('rows')}/rows.csv", "crash"))
    name = request["TransformJobName"]
    bench.sagemaker.create_transform_job(**request)
    until(lambda: TRANSFORM.find(name) or {}, lambda job: TRANSFORM.status(job) == "Failed")
    assert "'crash'" in last_lines(TRANSFORM, name)
