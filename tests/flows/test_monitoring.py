"""The flow `monitor`, and the command that runs it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from prefect.client.orchestration import get_client

from config.errors import ConfigError
from config.use_case import UseCase
from flows.monitoring import monitor
from tasks import clients, storage
from tasks.monitoring import history, reports
from tasks.platform import platform
from tasks.references import TrafficCounts
from tasks.traffic.hours import hour_of
from tests.flows.conftest import Command
from tests.tasks.monitoring.live_hours import MONITORING, frame, held_out_predictions, released_case, stored_hour
from tests.tasks.test_cloudwatch_metrics import recorded

NOW = hour_of(datetime.now(UTC))


@pytest.fixture(scope="module")
def case(bucket: str) -> UseCase:
    """A use case whose traffic of the present hour has drifted."""
    case, champion = released_case(monitoring={**MONITORING, "feature_metrics": True})
    held_out_predictions(case, champion, frame(200, seed=2))
    counts = TrafficCounts(files=1, requests=150, rows=150, refused_rows=3)
    stored_hour(case, NOW, frame(150, seed=3, age=12), counts=counts)
    return case


@pytest.fixture(scope="module")
def path(case: UseCase, tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("monitored") / "case.yaml"
    file.write_text(yaml.safe_dump(json.loads(case.model_dump_json(exclude_unset=True))))
    return str(file)


def test_the_command_shows_the_verdict_and_the_page_and_a_second_run_has_the_same_verdict(
    command: Command, case: UseCase, path: str
) -> None:
    status, output = command("monitor", "--use-case", path)
    assert status == 0, output
    [first] = reports.latest(case, most=9)
    assert (first.verdict, first.features[0].feature, first.counts.refused_rows) == ("drift", "age", 3)
    assert first.page
    assert all(each in output for each in ("drift, version 1", "age", "3 refused", first.uri, first.page))
    assert "age</b>" in Path(first.page).read_text()
    assert recorded(case.name, "MaximumPSI") == [first.features[0].psi]
    assert recorded(case.name, "PSI", Feature="age") == [first.features[0].psi]
    assert recorded(case.name, "Retrainings") == [0]

    storage.delete([history.address(case)])  # as if the first run had been killed before it was written
    status, output = command("monitor", "--use-case", path, "--json")
    second = reports.latest(case)[0]
    assert status == 0, output
    assert (second.verdict, second.features, second.segments) == (first.verdict, first.features, first.segments)
    assert second.uri != first.uri
    assert len(history.read(case).days) == 1


def test_a_report_is_an_artifact_with_a_link_to_the_page(command: Command, case: UseCase, path: str) -> None:
    command("monitor", "--use-case", path)
    with get_client(sync_client=True) as client:
        answer = client.request(
            "POST", "/artifacts/latest/filter", json={"artifacts": {"key": {"any_": [f"{case.slug}-monitoring"]}}}
        )
    [found] = answer.json()
    assert reports.latest(case)[0].headline in found["description"]


def times_published(use_case: str, metric: str) -> float:
    """How often a metric was published within the last hours."""
    now = datetime.now(UTC)
    found = clients.cloudwatch().get_metric_statistics(
        Namespace=platform().metric_namespace,
        MetricName=metric,
        Dimensions=[{"Name": "UseCase", "Value": use_case}],
        StartTime=now - timedelta(hours=3),
        EndTime=now + timedelta(hours=1),
        Period=3600,
        Statistics=["SampleCount"],
    )
    return sum(point["SampleCount"] for point in found["Datapoints"])


def test_another_span_is_compared_and_announced_to_nobody(command: Command, case: UseCase, path: str) -> None:
    before = times_published(case.name, "Retrainings")
    since = NOW - timedelta(days=3)
    status, output = command("monitor", "--use-case", path, "--since", since.isoformat(), "--until", NOW.isoformat())
    assert status == 0, output
    assert reports.latest(case)[0].verdict == "no traffic"
    assert times_published(case.name, "Retrainings") == before > 0


def test_a_span_that_begins_in_the_future_is_refused(case: UseCase, path: str) -> None:
    with pytest.raises(ConfigError, match="expected a span that begins before it ends, and before now"):
        monitor.fn(path, since=NOW + timedelta(days=1))
