"""Metrics from a job's output: users' expressions run in a separate process, for a limited time."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sagemaker_local.errors import ValidationException
from sagemaker_local.metrics import MetricReader, check_definitions
from tests.patience import until
from tests.sagemaker_local.fake_clock import FakeClock
from tests.sagemaker_local.support import Bench

GROUP = "/aws/sagemaker/TrainingJobs"
HOPELESS = {"Name": "hopeless", "Regex": "(a+)+$"}
WORD = {"Name": "loss", "Regex": "loss=([0-9a-z.+-]+)"}


class Reading:
    """A reader with its log lines and the values that it passes on."""

    def __init__(self, *definitions: dict[str, str]) -> None:
        self.said: list[str] = []
        self.heard: list[tuple[str, float]] = []
        self.reader = MetricReader(
            list(definitions), FakeClock(), self.said.append, lambda name, value: self.heard.append((name, value))
        )

    def final(self, *lines: str) -> dict[str, float]:
        self.reader.read(list(lines))
        return {each["MetricName"]: each["Value"] for each in self.reader.final}


@pytest.fixture
def readings() -> Iterator[list[Reading]]:
    made: list[Reading] = []
    yield made
    for each in made:
        each.reader.close()


def reading(readings: list[Reading], *definitions: dict[str, str]) -> Reading:
    readings.append(Reading(*definitions))
    return readings[-1]


def test_the_last_number_counts_and_what_is_none_does_not(readings: list[Reading]) -> None:
    each = reading(readings, WORD, {"Name": "never", "Regex": "auc: (.*)"})
    assert each.final("loss=0.5 loss=0.25", "loss=none", "nothing") == {"loss": 0.25}
    assert each.heard == [("loss", 0.5), ("loss", 0.25)]


@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "1e400", "-1e400"])
def test_a_number_that_is_not_finite_takes_the_value_away_until_the_next(readings: list[Reading], number: str) -> None:
    each = reading(readings, WORD)
    assert each.final("loss=0.5", f"loss={number}") == {}
    assert each.final("loss=0.75") == {"loss": 0.75}
    assert each.heard == [("loss", 0.5), ("loss", 0.75)]


def test_an_expression_that_takes_too_long_is_given_up_and_the_others_continue(readings: list[Reading]) -> None:
    each = reading(readings, HOPELESS, WORD)
    assert each.final("loss=1", "a" * 60 + "b", "loss=2") == {"loss": 2.0}
    assert len(each.said) == 1
    assert each.said[0].startswith("metric hopeless is given up: its regular expression '(a+)+$' takes too long")
    assert each.final("a" * 60 + "b", "loss=3") == {"loss": 3.0}
    assert len(each.said) == 1


@pytest.mark.parametrize("regex", [".*loss=([0-9.]+).*", ".*loss=([0-9.]+)", ".*?loss=([0-9.]+)"])
def test_an_expression_that_begins_with_anything_reads_the_longest_line(readings: list[Reading], regex: str) -> None:
    each = reading(readings, {"Name": "loss", "Regex": regex})
    assert each.final("x" * 262_000, "loss=1 loss=2" + "x" * 262_000, "x" * 262_000) == {"loss": 2.0}
    assert each.said == []


def test_metrics_end_with_their_process_and_say_so(readings: list[Reading]) -> None:
    each = reading(readings, WORD)
    assert each.final("loss=1") == {"loss": 1.0}
    worker = each.reader._worker
    assert worker is not None
    worker.kill()
    worker.wait()
    assert each.final("loss=2") == {"loss": 1.0}
    assert "metric loss is given up" in each.said[0]


def test_without_definitions_no_process_is_started(readings: list[Reading]) -> None:
    each = reading(readings)
    assert each.final("loss=1") == {}
    assert each.reader._worker is None


def test_the_process_ends_with_the_server() -> None:
    worker = Path(sys.modules[MetricReader.__module__].__file__ or "").with_name("metric_worker.py")
    process = subprocess.Popen([sys.executable, "-IS", str(worker)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.communicate(b'["a"]\n')
    assert process.returncode == 0


@pytest.mark.parametrize("regex", ["(", "a{2,1}", "(?<x>a)", "a{99999999999999999999}"])
def test_an_expression_that_is_none_is_refused(regex: str) -> None:
    with pytest.raises(ValidationException, match=r"The Regex of metric \[loss\] is not a regular expression"):
        check_definitions([{"Name": "loss", "Regex": regex}])


PROGRESS = """
import sys
for step in range(20_000):
    bar = "#" * (step // 400)
    sys.stderr.write(f"\\r{step:>7}/20000 [{bar:<50}] validation-loss=0.{step}")
"""


def test_the_server_answers_while_a_job_prints_a_progress_bar(bench: Bench) -> None:
    definitions = [{"Name": "loss", "Regex": ".*validation-loss=([0-9.]+).*"}, HOPELESS]
    script = PROGRESS + f"sys.stderr.write('\\n{'a' * 60}b\\n')\n"
    request = bench.request(script, algorithm={"MetricDefinitions": definitions})
    name = request["TrainingJobName"]
    bench.sagemaker.create_training_job(**request)
    answers = 0

    def ended() -> bool:
        nonlocal answers
        bench.sagemaker.list_models(MaxResults=1)
        answers += 1
        return bool(bench.describe(name)["TrainingJobStatus"] != "InProgress")

    until(ended)
    job = bench.describe(name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert [(each["MetricName"], each["Value"]) for each in job["FinalMetricDataList"]] == [("loss", 0.19999)]
    assert answers > 10, "calls were blocked while the job printed"
    assert any("metric hopeless is given up" in line for line in tail(bench, name))


def tail(bench: Bench, job: str) -> list[str]:
    """The last lines of a job's log."""
    stream = bench.logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=f"{job}/")["logStreams"][0]
    events = bench.logs.get_log_events(logGroupName=GROUP, logStreamName=stream["logStreamName"], limit=100)["events"]
    return [event["message"] for event in events]


def test_a_job_whose_expression_is_none_is_refused(bench: Bench) -> None:
    request = bench.request("", algorithm={"MetricDefinitions": [{"Name": "loss", "Regex": "("}]})
    with pytest.raises(bench.sagemaker.exceptions.ClientError, match=r"The Regex of metric \[loss\]"):
        bench.sagemaker.create_training_job(**request)
