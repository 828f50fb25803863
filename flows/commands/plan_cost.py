"""What a month of an environment costs, module by module, before anything is made."""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

from config.prices import PriceTable, load_prices, load_rules
from config.profile import Profile, load_profile
from config.use_case import use_case_names
from flows.commands.subcommand import Subcommands, add, add_profile
from flows.terraform_plan import plan, require
from tasks.costs import ModuleCost, estimate, total
from tasks.planned import Planned

FLOWS = "flows"


def add_to(commands: Subcommands) -> None:
    """Add `plan-cost`."""
    parser = add(commands, plan_cost)
    parser.add_argument("--environment", metavar="NAME", help="offline, dev or prod, instead of the profile's own")
    add_profile(parser)


@dataclass(frozen=True)
class EnvironmentCost:
    """What Terraform's modules cost a month, dearest first, and what the flows keep running beside them."""

    environment: str
    modules: tuple[ModuleCost, ...]
    flows: ModuleCost
    table: PriceTable

    @property
    def usd(self) -> float:
        return total((*self.modules, self.flows))


def plan_cost(options: argparse.Namespace) -> None:
    """Show what a month of an environment costs on AWS while nothing runs, before anything is made."""
    profile = load_profile(options.profile)
    environment = options.environment or profile.environment
    require(environment)
    print(f"{'':6}    Terraform plans {environment}, without an account: some seconds", flush=True)
    from flows.commands.cost_table import show_cost

    show_cost(cost_of(environment, profile))


def cost_of(environment: str, profile: Profile) -> EnvironmentCost:
    """What `environment` costs, with an endpoint of the profile's size for each use case.

    Raises ConfigError for an environment, region, type or price that is not known; TerraformFailed without a plan.
    """
    table, rules = load_prices(profile.region), load_rules()
    modules = estimate(plan(environment), table, rules)
    (flows,) = estimate(_endpoints(profile), table, rules)
    return EnvironmentCost(environment, tuple(modules), flows, table)


def _endpoints(profile: Profile) -> Iterator[Planned]:
    for use_case in use_case_names():
        yield Planned(
            f"module.{FLOWS}.sagemaker_endpoint.{use_case}", "sagemaker_endpoint", profile.endpoint.model_dump()
        )
