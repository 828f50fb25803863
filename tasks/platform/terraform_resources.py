"""Planned Terraform resources, and the quantities that multiply their prices."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from config.errors import ConfigError
from config.prices import Quantity

ROOT = "platform"
"""The module name of resources outside of modules."""


@dataclass(frozen=True)
class PlannedResource:
    """A planned resource. Values that are known only after an apply are missing or None."""

    address: str
    type: str
    values: Mapping[str, Any]

    @property
    def module(self) -> str:
        """The first module of the address, which terraform/platform/main.tf calls."""
        first, name, *_ = self.address.split(".")
        return name.split("[")[0] if first == "module" else ROOT

    def value(self, attribute: str) -> Any:
        """Return a planned value. Raises ConfigError when it is known only after an apply."""
        if (found := self.values.get(attribute)) is None:
            raise ConfigError(f"{self.address}: {attribute}: expected a value in the plan, for its price; found none")
        return found


def _zones(endpoint: PlannedResource, plan: Mapping[str, PlannedResource]) -> float:
    return len(endpoint.value("subnet_ids"))


def _databases(database: PlannedResource, plan: Mapping[str, PlannedResource]) -> float:
    return 2 if database.value("multi_az") else 1


def _database_gb(database: PlannedResource, plan: Mapping[str, PlannedResource]) -> float:
    return float(database.value("allocated_storage") * _databases(database, plan))


def _instances(endpoint: PlannedResource, plan: Mapping[str, PlannedResource]) -> float:
    return float(endpoint.value("initial_instance_count"))


def _vcpus(service: PlannedResource, plan: Mapping[str, PlannedResource]) -> float:
    return _tasks(service, plan, "cpu")


def _memory_gb(service: PlannedResource, plan: Mapping[str, PlannedResource]) -> float:
    return _tasks(service, plan, "memory")


def _tasks(service: PlannedResource, plan: Mapping[str, PlannedResource], size: str) -> float:
    # The plan does not know the definition's ARN; service and definition have the same name.
    address = service.address.replace("aws_ecs_service", "aws_ecs_task_definition")
    if (definition := plan.get(address)) is None:
        raise ConfigError(f"{service.address}: expected its task definition as {address}; found none in the plan")
    return float(service.value("desired_count") * int(definition.value(size)) / 1024)


QUANTITIES: Mapping[Quantity, Callable[[PlannedResource, Mapping[str, PlannedResource]], float]] = {
    "zones": _zones,
    "vcpus": _vcpus,
    "memory_gb": _memory_gb,
    "databases": _databases,
    "database_gb": _database_gb,
    "instances": _instances,
}
