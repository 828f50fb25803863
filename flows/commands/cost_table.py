"""Shows a cost estimate on the terminal: modules and their parts, costs by use, options, and what is not included."""

from rich.table import Table

from flows.commands.output import console, table
from tasks.platform.costs import ModuleCost, total
from tasks.platform.environment_cost import EnvironmentCost


def show_cost(cost: EnvironmentCost) -> None:
    """Print each module's resources, USD a month and parts, the sums, the options, and notes on the prices."""
    console.print(f"\n{cost.environment}: USD a month on AWS while nothing runs", style="bold")
    console.print(_table(cost))
    console.print("\npaid by use, not counted", style="bold")
    console.print(_by_use((*cost.modules, cost.flows)))
    console.print("\noptions, USD a month each, and what one gives up without them", style="bold")
    console.print(_options(cost))
    console.print()
    for note in _notes(cost):
        console.print(note, markup=False)


def _table(cost: EnvironmentCost) -> Table:
    made = table("module", "resources", "USD", "made of", right=("resources", "USD"))
    for module in cost.modules:
        _add_row(made, module.module, module)
    terraform = sum(module.resources for module in cost.modules)
    made.add_row("Terraform's", str(terraform), f"{total(cost.modules):,.2f}", "", style="bold")
    _add_row(made, "the flows'", cost.flows)
    made.add_row("together", "", f"{cost.usd:,.2f}", "", style="bold")
    return made


def _add_row(made: Table, name: str, module: ModuleCost) -> None:
    parts = "\n".join(f"{part.what} {part.usd:,.2f}" for part in module.parts)
    made.add_row(name, str(module.resources), f"{module.usd:,.2f}", parts)


def _by_use(modules: tuple[ModuleCost, ...]) -> Table:
    used = table()
    for module in modules:
        if module.by_use:
            used.add_row(module.module, "\n".join(module.by_use))
    return used


def _options(cost: EnvironmentCost) -> Table:
    offered = table()
    offered.add_column(justify="right")
    for option in cost.options:
        offered.add_row(f"{option.monthly(cost.table):,.2f}", option.what, option.without)
    return offered


def _notes(cost: EnvironmentCost) -> list[str]:
    prices = cost.table
    notes = [
        f"Prices: {prices.region}, on demand, entered {prices.entered}.",
        f"config/prices/{prices.region}.yaml has the source of each price, and marks those that are not confirmed.",
        "Not included: free tiers, taxes, traffic.",
    ]
    if cost.environment == "offline":
        notes.append("The offline cloud is free: these are the costs of the same resources on AWS.")
    return notes
