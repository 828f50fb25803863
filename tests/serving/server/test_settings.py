"""The server's settings."""

from pathlib import Path

import pytest

from serving.server.settings import Settings


def test_the_defaults_are_those_of_an_endpoint() -> None:
    found = Settings.from_environment({})
    assert (found.model, found.host, found.port) == (Path("/opt/ml/model"), "127.0.0.1", 8080)
    assert (found.timeout, found.largest_body) == (60, 6 << 20)
    assert found.workers >= 1
    assert found.socket_fd is None


def test_a_batch_transform_may_send_larger_bodies() -> None:
    assert Settings.from_environment({"SAGEMAKER_BATCH": "true"}).largest_body == 100 << 20
    named = {"SAGEMAKER_BATCH": "true", "SAGEMAKER_MAX_PAYLOAD_IN_MB": "20"}
    assert Settings.from_environment(named).largest_body == 20 << 20
    assert Settings.from_environment({"SAGEMAKER_MAX_PAYLOAD_IN_MB": "300"}).queue_bytes == 600 << 20
    assert Settings.from_environment({"SAGEMAKER_MAX_PAYLOAD_IN_MB": "0"}).largest_body == 100 << 20


def test_the_environment_sets_each() -> None:
    found = Settings.from_environment(
        {
            "SAGEMAKER_BASE_DIR": "/ml",
            "SAGEMAKER_MODEL_SERVER_HOST": "0.0.0.0",  # noqa: S104 - only read
            "SAGEMAKER_BIND_TO_PORT": "8081",
            "SAGEMAKER_LOCAL_SOCKET_FD": "5",
            "SAGEMAKER_MODEL_SERVER_WORKERS": "3",
            "SAGEMAKER_MODEL_SERVER_TIMEOUT": "7",
            "SAGEMAKER_MODEL_SERVER_QUEUE": "9",
        }
    )
    assert (found.model, found.host, found.port, found.socket_fd) == (Path("/ml/model"), "0.0.0.0", 8081, 5)  # noqa: S104
    assert (found.workers, found.timeout, found.queue) == (3, 7, 9)


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "x", "٣"])
def test_a_value_that_is_not_valid_is_refused_by_name(value: str) -> None:
    with pytest.raises(ValueError, match=r"SAGEMAKER_MODEL_SERVER_QUEUE: expected a whole number of at least 1, found"):
        Settings.from_environment({"SAGEMAKER_MODEL_SERVER_QUEUE": value})


def test_a_port_has_a_largest_value() -> None:
    with pytest.raises(ValueError, match="from 0 to 65535, found '70000'"):
        Settings.from_environment({"SAGEMAKER_BIND_TO_PORT": "70000"})
