"""What /metrics shows."""

import re

from serving.server.metrics import Metrics
from tests.serving.server.running_server import RunningServer


def test_answers_are_counted_by_status_rows_and_time() -> None:
    metrics = Metrics()
    metrics.answered(200, 3, 0.0004)
    metrics.answered(200, 2, 0.004)
    metrics.answered(400, 0, 100.0)
    lines = metrics.text({"queue_length": ("Requests that wait.", 7)}).splitlines()
    assert 'model_server_requests_total{status="200"} 2' in lines
    assert 'model_server_requests_total{status="400"} 1' in lines
    assert "model_server_rows_total 5" in lines
    assert 'model_server_request_seconds_bucket{le="0.0005"} 1' in lines
    assert 'model_server_request_seconds_bucket{le="0.005"} 2' in lines
    assert 'model_server_request_seconds_bucket{le="60.0"} 2' in lines
    assert 'model_server_request_seconds_bucket{le="+Inf"} 3' in lines
    assert "model_server_queue_length 7" in lines


def test_the_metrics_of_a_server_are_in_prometheus_text_format(server: RunningServer) -> None:
    before = server.metric('model_server_requests_total{status="200"}')
    server.invoke(b"x")
    assert server.metric('model_server_requests_total{status="200"}') == before + 1
    answer = server.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    sample = re.compile(r'[a-z_]+(\{[a-z]+="[^"]*"\})? \d+(\.\d+)?(e-\d+)?')
    lines = answer.body.decode().splitlines()
    assert [line for line in lines if not (line.startswith(("# HELP ", "# TYPE ")) or sample.fullmatch(line))] == []
    assert server.metric("model_server_memory_bytes") > 1 << 20
    assert server.metric("model_server_workers") == 2
