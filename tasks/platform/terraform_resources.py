"""Planned Terraform resources: their type, module and values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config.errors import ConfigError

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
