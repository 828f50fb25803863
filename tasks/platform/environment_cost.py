"""The monthly cost of an environment: Terraform's resources, and the flows' endpoints."""

from collections.abc import Iterator
from dataclasses import dataclass

from config.prices import PriceTable, load_prices, load_rules
from config.profile import Profile
from config.use_case import use_case_names
from tasks.platform.costs import ModuleCost, estimate, total
from tasks.platform.terraform_plan import plan
from tasks.platform.terraform_resources import PlannedResource

FLOWS = "flows"
"""The module name of the flows' endpoints."""


@dataclass(frozen=True)
class EnvironmentCost:
    """The monthly costs of Terraform's modules, most expensive first, and of the flows' endpoints."""

    environment: str
    modules: tuple[ModuleCost, ...]
    flows: ModuleCost
    table: PriceTable

    @property
    def usd(self) -> float:
        return total((*self.modules, self.flows))


def cost_of(environment: str, profile: Profile) -> EnvironmentCost:
    """Return the cost of `environment`, with an endpoint of the profile's size for each use case.

    Raises ConfigError for an unknown environment, region, type or price, and TerraformFailed when the plan fails.
    """
    table, rules = load_prices(profile.region), load_rules()
    modules = estimate(plan(environment), table, rules)
    (flows,) = estimate(_endpoints(profile), table, rules)
    return EnvironmentCost(environment, tuple(modules), flows, table)


def _endpoints(profile: Profile) -> Iterator[PlannedResource]:
    for use_case in use_case_names():
        yield PlannedResource(
            f"module.{FLOWS}.sagemaker_endpoint.{use_case}", "sagemaker_endpoint", profile.endpoint.model_dump()
        )
