"""`vishwaops plan-cost`: the monthly cost of an environment by module, before it is created."""

import argparse

from config.profile import load_profile
from flows.commands.subcommand import Subcommands, add, add_profile


def add_to(commands: Subcommands) -> None:
    """Add `plan-cost`."""
    parser = add(commands, plan_cost)
    parser.add_argument("--environment", metavar="NAME", help="offline, dev or prod; default: the profile's")
    add_profile(parser)


def plan_cost(options: argparse.Namespace) -> None:
    """Show the monthly cost of an environment on AWS while nothing runs, before it is created."""
    from flows.commands.cost_table import show_cost
    from tasks.platform.environment_cost import cost_of
    from tasks.platform.terraform_plan import require

    profile = load_profile(options.profile)
    environment = options.environment or profile.environment
    require(environment)
    print(f"{'':6}    Planning {environment} with Terraform (no AWS account needed)", flush=True)
    show_cost(cost_of(environment, profile))
