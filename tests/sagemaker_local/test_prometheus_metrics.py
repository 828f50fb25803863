"""`GET /metrics` in Prometheus' text format, and the Grafana dashboard that reads it."""

import http.client
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from prometheus_client.parser import text_string_to_metric_families

from offline_cloud import Cloud
from sagemaker_local.endpoint_metrics import Invocation
from sagemaker_local.invocation_totals import InvocationTotals
from sagemaker_local.prometheus_text import Family, Sample, exposition
from tests.sagemaker_local.endpoint_support import config_of, variant
from tests.sagemaker_local.support import Bench, until

DASHBOARD = Path(__file__).parents[2] / "localstack" / "grafana" / "vishwaops.json"


def scraped(url: str, **headers: str) -> tuple[int, str, str]:
    """The status, the content type and the text of `GET /metrics`."""
    connection = http.client.HTTPConnection(str(urlsplit(url).netloc), timeout=60)
    connection.request("GET", "/metrics", headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.headers["content-type"], answer.read().decode()


def values(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Each sample's value, by name and labels. Fails for text that Prometheus' own parser refuses, and for repeats."""
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    found = {(each.name, frozenset(each.labels.items())): each.value for each in samples}
    assert len(found) == len(samples)
    return found


def of(found: dict[Any, float], name: str, **labels: str) -> float:
    return found[name, frozenset(labels.items())]


@pytest.fixture(scope="module")
def scrape(cloud: Cloud, bench: Bench) -> str:
    """What a server answers after three requests to an endpoint, one of them refused, and a published metric."""
    url = cloud.environment["AWS_ENDPOINT_URL"]
    boto3.client("cloudwatch", endpoint_url=url, region_name="us-east-1").put_metric_data(
        Namespace="Scraped/tests",
        MetricData=[
            {
                "MetricName": "MaximumPSI", "Value": 0.25, "Timestamp": datetime.now(UTC),
                "Dimensions": [{"Name": "UseCase", "Value": 'a "b"'}],
            }
        ],
    )  # fmt: skip
    name = bench.endpoint(config_of(bench, variant(bench.model(slope=2.0))), "scraped")
    for body in ("1", "2", "x"):
        try:
            bench.invoke(name, body)
        except bench.runtime.exceptions.ModelError:
            continue
    counted = 'sagemaker_local_invocations_total{endpoint="scraped",variant="v"} 3'
    text = until(lambda: scraped(bench.url)[2], lambda text: counted in text and "Scraped/tests" in text)
    bench.sagemaker.delete_endpoint(EndpointName=name)
    return str(text)


def test_requests_errors_latency_instances_and_jobs_are_there(scrape: str) -> None:
    found, own = values(scrape), {"endpoint": "scraped", "variant": "v"}
    assert of(found, "sagemaker_local_invocations_total", **own) == 3
    assert of(found, "sagemaker_local_invocation_errors_total", **own, status="4xx") == 1
    assert of(found, "sagemaker_local_invocation_errors_total", **own, status="5xx") == 0
    assert of(found, "sagemaker_local_instances_in_service", **own) == 1
    assert of(found, "sagemaker_local_requests_in_progress", **own) == 0
    assert of(found, "sagemaker_local_model_latency_seconds_count", **own) == 3
    assert of(found, "sagemaker_local_model_latency_seconds_bucket", **own, le="+Inf") == 3
    assert 0 < of(found, "sagemaker_local_model_latency_seconds_sum", **own) < 60
    assert of(found, "sagemaker_local_endpoints", status="InService") >= 1
    assert of(found, "sagemaker_local_captures_waiting") == 0


def test_what_users_publish_to_cloudwatch_is_a_gauge_with_its_dimensions(scrape: str) -> None:
    labels = {"namespace": "Scraped/tests", "metric": "MaximumPSI", "use_case": 'a "b"'}
    assert of(values(scrape), "cloudwatch_metric", **labels) == 0.25
    assert of(values(scrape), "cloudwatch_reachable") == 1
    assert 'namespace="AWS/' not in scrape


def test_the_answer_has_prometheus_content_type_and_a_web_page_gets_none(bench: Bench) -> None:
    status, content_type, _ = scraped(bench.url)
    assert (status, content_type) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert scraped(bench.url, Origin="http://evil.example")[0] == 403
    assert scraped(bench.url, Host="rebind.example")[0] == 403


def test_every_metric_of_the_dashboard_is_scraped(scrape: str) -> None:
    dashboard = json.loads(DASHBOARD.read_text())
    variables = dashboard["templating"]["list"]
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    queries += [each["query"]["query"] for each in variables if each["type"] == "query"]
    assert len(queries) > 10
    families = list(text_string_to_metric_families(scrape))
    names = {sample.name for family in families for sample in family.samples} | {family.name for family in families}
    for query in queries:
        used = set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b(?=[{[)\s,]|$)", re.sub(r"\{[^}]*\}|by \([^)]*\)", "", query)))
        wanted = used - {"histogram_quantile", "label_values", "use_case"}
        assert wanted, query
        assert wanted <= names, query
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    used = set(re.findall(r"\$\{?([a-z_]+)\}?", DASHBOARD.read_text()))
    assert used - {"__rate_interval"} <= {each["name"] for each in variables}


def test_panels_lie_beside_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells


def test_labels_are_escaped_and_numbers_are_plain() -> None:
    sample = Sample(1e21, {"name": 'a\\b"c\nd'})
    text = exposition([Family("some_total", "counter", "back\\slash\nand line", (sample, Sample(0.5)))]).decode()
    [family] = text_string_to_metric_families(text)
    assert family.documentation == "back\\slash\nand line"
    assert [(each.labels, each.value) for each in family.samples] == [({"name": 'a\\b"c\nd'}, 1e21), ({}, 0.5)]


def test_totals_are_cumulative_and_those_of_deleted_endpoints_end() -> None:
    totals = InvocationTotals()
    totals.add([Invocation("e", "v", 1, status, 900.0, 10.0) for status in (200, 404, 500, 0)])
    totals.add([Invocation("gone", "v", 1, 200, 2_000_000.0, 10.0)])
    found = values(exposition(totals.families(["e"])).decode())
    own = {"endpoint": "e", "variant": "v"}
    assert of(found, "sagemaker_local_invocation_errors_total", **own, status="4xx") == 1
    assert of(found, "sagemaker_local_invocation_errors_total", **own, status="5xx") == 2
    assert of(found, "sagemaker_local_model_latency_seconds_bucket", **own, le="0.0005") == 0
    assert of(found, "sagemaker_local_model_latency_seconds_bucket", **own, le="0.001") == 4
    assert not [labels for _, labels in found if ("endpoint", "gone") in labels]
