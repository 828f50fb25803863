"""The quantities that multiply the prices of planned resources."""

import re
from collections.abc import Callable, Mapping

from config.errors import ConfigError
from config.prices import Quantity
from tasks.platform.terraform_resources import PlannedResource

Measure = Callable[[PlannedResource, Mapping[str, PlannedResource]], float]
"""Measures a resource of a plan, whose resources are given by address."""
X86 = "X86_64"
CLUSTER_METRICS, SERVICE_METRICS, TASK_METRICS = 13, 15, 10
"""Container Insights' metrics with the dimensions of a cluster, of a service and of a task definition's family, counted
in "Amazon ECS Container Insights metrics" of the CloudWatch User Guide."""
DAILY = re.compile(r"cron\((?P<minute>\d+) (?P<hour>\d+) (?:\* \* \?|\? \* \*) \*\)")
MINUTES_OF_A_DAY = 24 * 60


def _zones(endpoint: PlannedResource, plan: Mapping[str, PlannedResource]) -> float:
    return len(endpoint.value("subnet_ids"))


def _databases(database: PlannedResource, plan: Mapping[str, PlannedResource]) -> float:
    return 2 if database.value("multi_az") else 1


def _database_gb(database: PlannedResource, plan: Mapping[str, PlannedResource]) -> float:
    return float(database.value("allocated_storage") * _databases(database, plan))


def _instances(endpoint: PlannedResource, plan: Mapping[str, PlannedResource]) -> float:
    return float(endpoint.value("initial_instance_count"))


def _tasks(size: str, architecture: str) -> Measure:
    """Return the measure of the vCPUs or GB (`size` cpu or memory) of a service's tasks of one architecture."""

    def measure(service: PlannedResource, plan: Mapping[str, PlannedResource]) -> float:
        # The plan does not know the definition's ARN; service and definition have the same name.
        address = service.address.replace("aws_ecs_service", "aws_ecs_task_definition")
        if (definition := plan.get(address)) is None:
            raise ConfigError(f"{service.address}: expected its task definition as {address}; found none in the plan")
        platforms = definition.values.get("runtime_platform") or [{"cpu_architecture": X86}]
        if platforms[0]["cpu_architecture"] != architecture:
            return 0
        return float(service.value("desired_count") * int(definition.value(size)) / 1024)

    return measure


def _public_addresses(service: PlannedResource, plan: Mapping[str, PlannedResource]) -> float:
    networks = service.values.get("network_configuration") or [{}]
    return float(service.value("desired_count")) if networks[0].get("assign_public_ip") else 0


def _insight_metrics(cluster: PlannedResource, plan: Mapping[str, PlannedResource]) -> float:
    """The metrics of Container Insights: of the cluster, its services, and the task definitions that run in them."""
    settings = cluster.values.get("setting") or []
    if not any(setting["name"] == "containerInsights" and setting["value"] != "disabled" for setting in settings):
        return 0
    services = [found for found in plan.values() if found.type == "aws_ecs_service" and found.value("desired_count")]
    return CLUSTER_METRICS + len(services) * (SERVICE_METRICS + TASK_METRICS)


def _share_of_the_day(server: PlannedResource, plan: Mapping[str, PlannedResource]) -> float:
    """The share of the day in which daily schedules `cron(minute hour * * ? *)` let the server run; 1 without them."""
    found = {
        resource.address.split('"')[1]: DAILY.fullmatch(resource.value("schedule_expression"))
        for resource in plan.values()
        if resource.type == "aws_scheduler_schedule" and resource.module == server.module
    }
    start, stop = found.get("start"), found.get("stop")
    if not start or not stop:
        return 1
    return (_minutes(stop) - _minutes(start)) % MINUTES_OF_A_DAY / MINUTES_OF_A_DAY or 1


def _minutes(daily: re.Match[str]) -> int:
    return int(daily["hour"]) * 60 + int(daily["minute"])


def _provisioned(endpoint: PlannedResource, plan: Mapping[str, PlannedResource]) -> float:
    return float(endpoint.values.get("provisioned_concurrency") or 0)


def _metrics(use_case: PlannedResource, plan: Mapping[str, PlannedResource]) -> float:
    return float(use_case.value("count"))


QUANTITIES: Mapping[Quantity, Measure] = {
    "zones": _zones,
    "x86_vcpus": _tasks("cpu", X86),
    "x86_gb": _tasks("memory", X86),
    "arm_vcpus": _tasks("cpu", "ARM64"),
    "arm_gb": _tasks("memory", "ARM64"),
    "public_addresses": _public_addresses,
    "insight_metrics": _insight_metrics,
    "databases": _databases,
    "database_gb": _database_gb,
    "share_of_the_day": _share_of_the_day,
    "instances": _instances,
    "provisioned": _provisioned,
    "metrics": _metrics,
}
