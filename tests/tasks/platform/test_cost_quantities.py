from typing import Any

import pytest

from config.errors import ConfigError
from config.prices import Quantity
from tasks.platform.cost_quantities import QUANTITIES
from tasks.platform.terraform_resources import PlannedResource

SERVICE = "module.orchestration[0].aws_ecs_service.worker"
SERVER = PlannedResource("module.registry.aws_sagemaker_mlflow_tracking_server.this", "aws_any", {})


def plan(*resources: PlannedResource) -> dict[str, PlannedResource]:
    return {resource.address: resource for resource in resources}


def service(**values: Any) -> PlannedResource:
    return PlannedResource(SERVICE, "aws_ecs_service", {"desired_count": 2, **values})


def definition(architecture: str) -> PlannedResource:
    address = SERVICE.replace("aws_ecs_service", "aws_ecs_task_definition")
    values = {"cpu": "512", "memory": "1024", "runtime_platform": [{"cpu_architecture": architecture}]}
    return PlannedResource(address, "aws_ecs_task_definition", values)


def schedule(name: str, expression: str) -> PlannedResource:
    address = f'module.registry.aws_scheduler_schedule.mlflow["{name}"]'
    return PlannedResource(address, "aws_scheduler_schedule", {"schedule_expression": expression})


@pytest.mark.parametrize(
    ("architecture", "expected"), [("X86_64", [1.0, 2.0, 0.0, 0.0]), ("ARM64", [0.0, 0.0, 1.0, 2.0])]
)
def test_tasks_are_counted_by_the_architecture_of_their_definition(architecture: str, expected: list[float]) -> None:
    known = plan(service(), definition(architecture))
    names: tuple[Quantity, ...] = ("x86_vcpus", "x86_gb", "arm_vcpus", "arm_gb")
    assert [QUANTITIES[name](service(), known) for name in names] == expected


def test_a_service_without_a_planned_definition_is_named() -> None:
    with pytest.raises(ConfigError, match=r"worker: expected its task definition as .*aws_ecs_task_definition"):
        QUANTITIES["x86_vcpus"](service(), {})


@pytest.mark.parametrize(("public", "addresses"), [(True, 2), (False, 0)])
def test_each_task_with_a_public_address_pays_for_it(public: bool, addresses: int) -> None:
    found = service(network_configuration=[{"assign_public_ip": public}])
    assert QUANTITIES["public_addresses"](found, {}) == addresses


@pytest.mark.parametrize(
    ("start", "stop", "share"),
    [
        ("cron(0 2 * * ? *)", "cron(30 4 * * ? *)", 2.5 / 24),
        ("cron(0 22 * * ? *)", "cron(0 1 * * ? *)", 3 / 24),
        ("rate(1 day)", "cron(0 1 * * ? *)", 1),
    ],
)
def test_a_scheduled_server_is_paid_for_its_hours(start: str, stop: str, share: float) -> None:
    known = plan(SERVER, schedule("start", start), schedule("stop", stop))
    assert QUANTITIES["share_of_the_day"](SERVER, known) == pytest.approx(share)


def test_a_server_without_a_schedule_is_paid_for_the_whole_day() -> None:
    assert QUANTITIES["share_of_the_day"](SERVER, plan(SERVER)) == 1
