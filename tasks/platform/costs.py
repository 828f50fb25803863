"""The monthly cost of planned resources while nothing runs: pure functions of plan, prices and rules."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from config.prices import Charge, PriceTable, Rules
from tasks.platform.cost_quantities import QUANTITIES
from tasks.platform.terraform_resources import PlannedResource


@dataclass(frozen=True)
class CostPart:
    """The cost of resources of one kind: a description, and USD a month, rounded to cents."""

    what: str
    usd: float


@dataclass(frozen=True)
class ModuleCost:
    """A module's number of resources, its monthly costs, most expensive first, and its costs by use."""

    module: str
    resources: int
    parts: tuple[CostPart, ...]
    by_use: tuple[str, ...]

    @property
    def usd(self) -> float:
        return total(self.parts)


def total(costs: Iterable[CostPart | ModuleCost]) -> float:
    """Return the sum in USD a month, rounded to cents."""
    return round(sum(cost.usd for cost in costs), 2)


def estimate(plan: Iterable[PlannedResource], table: PriceTable, rules: Rules) -> list[ModuleCost]:
    """Return the cost of each module of the plan, most expensive first.

    Raises ConfigError for a type without a rule, a price that is not in the table, or a value that is not in the plan.
    """
    by_address = {resource.address: resource for resource in plan}
    modules: dict[str, list[PlannedResource]] = {}
    for resource in by_address.values():
        modules.setdefault(resource.module, []).append(resource)
    costs = [
        ModuleCost(module, len(members), _parts(members, by_address, table, rules), _by_use(members, table, rules))
        for module, members in modules.items()
    ]
    return sorted(costs, key=lambda cost: -cost.usd)


def _parts(
    members: list[PlannedResource], plan: Mapping[str, PlannedResource], table: PriceTable, rules: Rules
) -> tuple[CostPart, ...]:
    groups: dict[tuple[str, str], list[float]] = {}
    for resource in members:
        for charge in _charges(resource, rules):
            if not (quantity := _quantity(charge, resource, plan)):
                continue
            names = _Names(resource.value, count="{count}", quantity="{quantity}", each="{each}")
            group = charge.price.format_map(names), charge.what.format_map(names)
            groups.setdefault(group, []).append(quantity)
    parts = [
        CostPart(_description(what, quantities), round(sum(quantities) * table.monthly(price), 2))
        for (price, what), quantities in groups.items()
    ]
    return tuple(sorted(parts, key=lambda part: -part.usd))


def _charges(resource: PlannedResource, rules: Rules) -> list[Charge]:
    rule = rules.of(resource.type)
    return [
        charge
        for charge in (rule.idle if rule else ())
        if all(resource.values.get(name) == expected for name, expected in charge.when.items())
    ]


def _by_use(members: list[PlannedResource], table: PriceTable, rules: Rules) -> tuple[str, ...]:
    every = (rules.of(type_) for type_ in dict.fromkeys(resource.type for resource in members))
    return tuple(rule.by_use.format_map(_Names(table.find)) for rule in every if rule and rule.by_use)


class _Names(dict[str, Any]):
    """The fields of a template: `given`, or the result of `find` for other names."""

    def __init__(self, find: Callable[[str], Any], **given: str) -> None:
        super().__init__(given)
        self._find = find

    def __missing__(self, name: str) -> Any:
        return self._find(name)


def _description(template: str, quantities: list[float]) -> str:
    amount = sum(quantities)
    text = template.format(count=len(quantities), quantity=f"{amount:g}", each=f"{amount / len(quantities):.4g}")
    return re.sub(r"\((e?s)\)", "" if text.startswith("1 ") else r"\1", text)


def _quantity(charge: Charge, resource: PlannedResource, plan: Mapping[str, PlannedResource]) -> float:
    return charge.quantity if isinstance(charge.quantity, int) else QUANTITIES[charge.quantity](resource, plan)
