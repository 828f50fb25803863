"""Needs no Docker engine: the file is checked as data."""

from pathlib import Path
from typing import Any

import pytest
import yaml

LOCALSTACK = Path(__file__).parents[2] / "localstack"


@pytest.fixture
def services() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((LOCALSTACK / "docker-compose.yml").read_text())
    services: dict[str, Any] = document["services"]
    return services


def test_ports_are_published_on_loopback_only(services: dict[str, Any]) -> None:
    published = [port for service in services.values() for port in service.get("ports", [])]
    assert published == ["127.0.0.1:4566:4566", "127.0.0.1:4567:4567"]


def test_the_localstack_image_is_the_last_that_needs_no_token(services: dict[str, Any]) -> None:
    assert services["localstack"]["image"] == "localstack/localstack:4.14.0"


def test_telemetry_is_off(services: dict[str, Any]) -> None:
    assert services["localstack"]["environment"]["DISABLE_EVENTS"] == "1"
    assert services["sagemaker"]["environment"]["DO_NOT_TRACK"] == "true"


def test_the_image_copies_only_what_is_there_and_does_not_run_as_root(services: dict[str, Any]) -> None:
    dockerfile = (LOCALSTACK / "Dockerfile").read_text().splitlines()
    sources = [line.split()[1] for line in dockerfile if line.startswith("COPY ")]
    assert sources
    assert all((LOCALSTACK.parent / source).exists() for source in sources)
    assert any(line == "USER sagemaker" for line in dockerfile)
    assert services["sagemaker"]["build"] == {"context": "..", "dockerfile": "localstack/Dockerfile"}
