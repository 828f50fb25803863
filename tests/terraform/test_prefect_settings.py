"""Prefect as installed reads what Terraform sets in its containers, and does what Terraform expects of it."""

import asyncio
import inspect
import re
from pathlib import Path

import httpx
import prefect.settings
import pytest
from fastapi import FastAPI
from prefect import flow_engine
from prefect.settings import PREFECT_HOME, PREFECT_SERVER_API_AUTH_STRING, temporary_settings
from prefect.workers import base as worker
from prefect_aws.observers.ecs import EcsObserver

from tasks.platform.terraform import SOURCE

CODE = {path.name: path.read_text() for path in (SOURCE / "modules" / "orchestration").glob("*.tf")}
OBSERVER = "PREFECT_INTEGRATIONS_"
"""Settings of prefect-aws, which Prefect itself does not list."""


def variables(file: str) -> set[str]:
    """The variables of Prefect that a container gets."""
    return set(re.findall(r'name = "(PREFECT_\w+)"', CODE[file])) | set(re.findall(r'variable = "(\w+)"', CODE[file]))


@pytest.mark.parametrize("file", ["main.tf", "server.tf", "worker.tf"])
def test_every_variable_of_a_container_is_a_setting_of_prefect(file: str) -> None:
    assert variables(file)
    names = {name for name in variables(file) if not name.startswith(OBSERVER)}
    assert [name for name in sorted(names) if not hasattr(prefect.settings, name)] == []


def test_the_workers_observer_reads_the_queue_that_terraform_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    (name,) = [name for name in variables("worker.tf") if name.startswith(OBSERVER)]
    monkeypatch.setenv(name, "vishwaops-dev-ecs-tasks")
    observer = EcsObserver()
    assert observer.settings.enabled
    assert observer.sqs_subscriber.queue_name == "vishwaops-dev-ecs-tasks"


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("Finished in state", flow_engine),
        ("Crash detected", flow_engine),
        ("Failed to submit flow run", worker),
    ],
)
def test_the_alarm_on_failed_flow_runs_looks_for_lines_that_prefect_writes(text: str, source: object) -> None:
    assert text in re.search(r"pattern += (.+)", CODE["alarms.tf"])[1]  # type: ignore[index]
    assert text in inspect.getsource(source)  # type: ignore[arg-type]


def test_without_the_authentication_string_the_server_answers_nothing_but_its_health(tmp_path: Path) -> None:
    from prefect.server.api.server import create_app  # a second, which only this test needs

    with temporary_settings({PREFECT_HOME: tmp_path, PREFECT_SERVER_API_AUTH_STRING: "vishwaops:word"}):
        assert asyncio.run(statuses(create_app(ephemeral=False, ignore_cache=True))) == (200, 401, 200)
    assert "http://127.0.0.1:4200/api/ready" in CODE["server.tf"]


async def statuses(app: FastAPI) -> tuple[int, int, int]:
    """Of ECS's health check, of a caller without the string, and of one with it."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://server/api") as client:
        health, stranger = await client.get("/ready"), await client.get("/admin/version")
        known = await client.get("/admin/version", auth=("vishwaops", "word"))
    return health.status_code, stranger.status_code, known.status_code
