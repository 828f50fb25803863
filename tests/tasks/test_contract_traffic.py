"""Requests with held-out rows during a deployment."""

import json
import logging

import pandas as pd
import pytest

from config.errors import JobFailed
from config.use_case import UseCase
from offline_cloud import Cloud
from tasks import storage
from tasks.contract_traffic import ROWS, ContractTraffic
from tasks.references import DataSplit
from tasks.sagemaker.invocations import invoke
from tests.endpoints import serving
from tests.scripts.models import small_model
from tests.tasks.releases import new_split, new_use_case


@pytest.fixture(scope="module")
def case(bucket: str) -> UseCase:
    return new_use_case()


@pytest.fixture(scope="module")
def split(case: UseCase) -> DataSplit:
    """A split with ten held-out rows."""
    split = new_split(case)
    rows = pd.DataFrame({"id": range(10), "age": [15] * 10, "colour": ["red", None] * 5, "passed": ["yes"] * 10})
    storage.put(f"{split.test_uri}/data.parquet", storage.parquet(rows))
    return split


def traffic(case: UseCase, split: DataSplit, bodies: list[bytes], every: float = 0.0) -> ContractTraffic:
    def ask(body: bytes) -> bytes:
        bodies.append(body)
        return b""

    return ContractTraffic(case, split, ask, every)


def test_a_request_has_the_features_of_a_few_held_out_rows(case: UseCase, split: DataSplit) -> None:
    bodies: list[bytes] = []
    traffic(case, split, bodies).send()
    [body] = bodies
    rows = json.loads(body)["instances"]
    assert len(rows) == ROWS
    assert rows[:2] == [{"age": 15, "colour": "red"}, {"age": 15, "colour": None}]


def test_a_model_answers_the_request(cloud: Cloud, bucket: str) -> None:
    columns = {
        "age": {"type": "integer"},
        "hours": {"type": "number", "nullable": True},
        "colour": {"type": "category", "nullable": True},
        "origin": {"type": "category"},
        "passed": {"type": "category", "categories": ["no", "yes"]},
    }
    case = new_use_case(columns=columns, key=[], features=["age", "hours", "colour", "origin"])
    split = new_split(case)
    held_out = pd.DataFrame({"age": [15, 16], "hours": [1.5, None], "colour": ["red", None], "origin": ["no", "yes"]})
    storage.put(f"{split.test_uri}/data.parquet", storage.parquet(held_out))
    with serving(cloud, small_model()) as name:
        requests = ContractTraffic(
            case, split, lambda body: invoke(name, body, "application/json", "application/json"), 10.0
        )
        requests.report()
    assert (requests.sent, requests.failed) == (1, 0)


def test_requests_are_sent_again_after_their_interval(case: UseCase, split: DataSplit) -> None:
    often: list[bytes] = []
    seldom: list[bytes] = []
    for bodies, every in ((often, 0.0), (seldom, 3600.0)):
        requests = traffic(case, split, bodies, every)
        for _ in range(3):
            requests.send()
        assert requests.sent == len(bodies)
    assert (len(often), len(seldom)) == (3, 1)


def test_a_deployment_that_was_too_short_for_a_request_gets_one_at_its_end(
    case: UseCase, split: DataSplit, caplog: pytest.LogCaptureFixture
) -> None:
    bodies: list[bytes] = []
    with caplog.at_level(logging.INFO, "vishwaops"):
        requests = traffic(case, split, bodies, 3600.0)
        requests.report()
        requests.report()
    assert len(bodies) == 1
    assert "1 contract request(s) to the new version, 0 failed" in caplog.text


def test_a_failed_request_is_counted_and_not_raised(
    case: UseCase, split: DataSplit, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(body: bytes) -> bytes:
        raise JobFailed("endpoint e: the model raised an error")

    requests = ContractTraffic(case, split, refuse, 0.0)
    requests.send()
    requests.report()
    assert (requests.sent, requests.failed) == (1, 1)
    assert "a contract request failed, which the endpoint's alarms count: endpoint e: the model" in caplog.text


def test_without_held_out_rows_no_request_is_sent(case: UseCase, caplog: pytest.LogCaptureFixture) -> None:
    bodies: list[bytes] = []
    requests = traffic(case, new_split(case), bodies)
    requests.send()
    requests.send()
    requests.report()
    assert bodies == []
    assert caplog.text.count("no contract requests: expected held-out rows, found none") == 1
