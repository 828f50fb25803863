"""The tables of `vishwaops serve`: what runs where, and when the deployments run next."""

import asyncio
import os
from datetime import UTC, datetime

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.responses import DeploymentResponse
from prefect.server.schemas.schedules import SCHEDULE_TYPES
from pydantic import TypeAdapter
from rich.table import Table

from config.profile import active_profile
from flows.commands.output import table
from flows.serve.machine import WORKER
from flows.serve.parts import Part
from flows.serve.prefect_file import PrefectFile
from flows.serve.server import SERVER
from flows.session.prefect_server import ADDRESS
from flows.session.runtime import SAGEMAKER_ENDPOINT_VARIABLE

SHOWN_DEPLOYMENTS = 200


def parts_table(address: str, pool: str, parts: list[Part]) -> Table:
    """Return the table of what runs where."""
    shown = table("part", "where", "pid", "log", right=("pid",), whole=("part", "where"))
    ours = {part.name: part for part in parts}
    if SERVER not in ours:
        shown.add_row(SERVER, address, "", f"started by another program ({ADDRESS})")
    for part in parts:
        where = address if part.name == SERVER else f"work pool {pool}" if part.name == WORKER else ""
        shown.add_row(part.name, where, str(part.process.pid), str(part.log))
    for service, url in _cloud_services():
        shown.add_row(service, url, "", "")
    return shown


def _cloud_services() -> list[tuple[str, str]]:
    names = {"LocalStack": "AWS_ENDPOINT_URL", "SageMaker local": SAGEMAKER_ENDPOINT_VARIABLE}
    return [(name, os.environ[variable]) for name, variable in names.items() if variable in os.environ]


def deployments_table(client: SyncPrefectClient, file: PrefectFile) -> Table:
    """Return the table of the file's deployments: flow, use case, schedule, next run."""
    flows = {flow.id: flow.name for flow in client.read_flows()}
    shown = table("deployment", "use case", "schedule", "next run", whole=("deployment",))
    for each in sorted(client.read_deployments(limit=SHOWN_DEPLOYMENTS), key=lambda each: each.name):
        if each.name in file.names:
            name = f"{flows.get(each.flow_id, '?')}/{each.name}"
            when = _schedules(each) or _without_schedule(each.name, file)
            shown.add_row(name, str(each.parameters.get("use_case", "")), when, _next_run(each))
    return shown


def _schedules(deployment: DeploymentResponse) -> str:
    texts = []
    for each in deployment.schedules:
        rule = getattr(each.schedule, "cron", None) or getattr(each.schedule, "interval", None) or "rrule"
        zone = getattr(each.schedule, "timezone", None) or "UTC"
        texts.append(f"{rule} {zone}" + ("" if each.active else " (off)"))
    return ", ".join(texts)


def _without_schedule(name: str, file: PrefectFile) -> str:
    """On AWS, an alarm's event may start any deployment; elsewhere, only one with triggers."""
    return "by an event or by hand" if name in file.triggered or not active_profile().offline else "by hand"


def _next_run(deployment: DeploymentResponse) -> str:
    active = [each.schedule for each in deployment.schedules if each.active and not deployment.paused]
    times = [_next_time(schedule.model_dump(mode="json")) for schedule in active]
    return min(times).astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if times else ""


def _next_time(schedule: dict[str, object]) -> datetime:
    (found,) = asyncio.run(TypeAdapter(SCHEDULE_TYPES).validate_python(schedule).get_dates(1))
    return datetime.fromisoformat(found.isoformat())
