"""The monthly cost of an environment: Terraform's resources, and the flows' endpoints and metrics."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from config.hosting import Serverless
from config.metrics import metric_count
from config.prices import Option, PriceTable, load_options, load_prices, load_rules
from config.profile import Profile
from config.use_case import UseCase, load_use_case, use_case_names
from tasks.platform.costs import ModuleCost, estimate, total
from tasks.platform.terraform_plan import plan
from tasks.platform.terraform_resources import PlannedResource

FLOWS = "flows"
"""The module name of the flows' endpoints, metrics and feature groups."""
FEATURE_GROUP = "aws_sagemaker_feature_group"
BOOTSTRAP = "bootstrap"
"""The module name of the other root, which keeps Terraform's state."""


@dataclass(frozen=True)
class EnvironmentCost:
    """The monthly costs of Terraform's modules, most expensive first, and of the flows, and the options."""

    environment: str
    modules: tuple[ModuleCost, ...]
    flows: ModuleCost
    table: PriceTable
    options: tuple[Option, ...] = ()

    @property
    def usd(self) -> float:
        return total((*self.modules, self.flows))


def cost_of(environment: str, profile: Profile) -> EnvironmentCost:
    """Return the cost of `environment`, with what the flows keep for each use case.

    Raises ConfigError for an unknown environment, region, type or price, and TerraformFailed when the plan fails.
    """
    table, rules = load_prices(profile.region), load_rules()
    state = (replace(found, address=f"module.{BOOTSTRAP}.{found.address}") for found in plan(environment, BOOTSTRAP))
    modules = estimate((*plan(environment), *state), table, rules)
    (flows,) = estimate(flow_resources(map(load_use_case, use_case_names()), profile), table, rules)
    return EnvironmentCost(environment, tuple(modules), flows, table, load_options())


def flow_resources(use_cases: Iterable[UseCase], profile: Profile) -> Iterator[PlannedResource]:
    """Yield the endpoint, the metrics and the feature group of each use case.

    An endpoint on instances has the profile's size.
    """
    for case in use_cases:
        serverless = isinstance(case.hosting, Serverless)
        kind = "sagemaker_serverless_endpoint" if serverless else "sagemaker_endpoint"
        values = case.hosting.model_dump() if serverless else profile.endpoint.model_dump()
        yield PlannedResource(f"module.{FLOWS}.{kind}.{case.name}", kind, values)
        metrics = {"count": metric_count(case)}
        yield PlannedResource(f"module.{FLOWS}.cloudwatch_metrics.{case.name}", "cloudwatch_metrics", metrics)
        if case.feature_store:
            yield PlannedResource(f"module.{FLOWS}.{FEATURE_GROUP}.{case.name}", FEATURE_GROUP, {})
