"""What planned resources cost in a month while nothing runs: pure functions of the plan, the prices and the rules."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from config.prices import Charge, PriceTable, Rules
from tasks.planned import QUANTITIES, Planned


@dataclass(frozen=True)
class CostPart:
    """Resources of one kind: what they are, and USD a month to the cent."""

    what: str
    usd: float


@dataclass(frozen=True)
class ModuleCost:
    """A module's number of resources, what they cost a month, dearest first, and what is paid by use."""

    module: str
    resources: int
    parts: tuple[CostPart, ...]
    by_use: tuple[str, ...]

    @property
    def usd(self) -> float:
        return total(self.parts)


def total(costs: Iterable[CostPart | ModuleCost]) -> float:
    """USD a month of them all, to the cent."""
    return round(sum(cost.usd for cost in costs), 2)


def estimate(plan: Iterable[Planned], table: PriceTable, rules: Rules) -> list[ModuleCost]:
    """What each module of the plan costs, dearest first.

    Raises ConfigError for a type that the rules don't know, a price that the table lacks, or a value not in the plan.
    """
    everything = {resource.address: resource for resource in plan}
    modules: dict[str, list[Planned]] = {}
    for resource in everything.values():
        modules.setdefault(resource.module, []).append(resource)
    costs = [
        ModuleCost(module, len(members), _parts(members, everything, table, rules), _by_use(members, table, rules))
        for module, members in modules.items()
    ]
    return sorted(costs, key=lambda cost: -cost.usd)


def _parts(
    members: list[Planned], plan: Mapping[str, Planned], table: PriceTable, rules: Rules
) -> tuple[CostPart, ...]:
    groups: dict[tuple[str, str], list[float]] = {}
    for resource in members:
        for charge in _charges(resource, rules):
            names = _Names(resource.value, count="{count}", quantity="{quantity}", each="{each}")
            kind = charge.price.format_map(names), charge.what.format_map(names)
            groups.setdefault(kind, []).append(_quantity(charge, resource, plan))
    parts = [
        CostPart(_words(what, found), round(sum(found) * table.monthly(price), 2))
        for (price, what), found in groups.items()
    ]
    return tuple(sorted(parts, key=lambda part: -part.usd))


def _charges(resource: Planned, rules: Rules) -> list[Charge]:
    rule = rules.of(resource.type)
    return [
        charge
        for charge in (rule.idle if rule else ())
        if all(resource.values.get(name) == expected for name, expected in charge.when.items())
    ]


def _by_use(members: list[Planned], table: PriceTable, rules: Rules) -> tuple[str, ...]:
    found = (rules.of(type_) for type_ in dict.fromkeys(resource.type for resource in members))
    return tuple(rule.by_use.format_map(_Names(table.find)) for rule in found if rule and rule.by_use)


class _Names(dict[str, Any]):
    """What a template may name: what is given, else what `find` finds."""

    def __init__(self, find: Callable[[str], Any], **given: str) -> None:
        super().__init__(given)
        self._find = find

    def __missing__(self, name: str) -> Any:
        return self._find(name)


def _words(what: str, found: list[float]) -> str:
    amount = sum(found)
    words = what.format(count=len(found), quantity=f"{amount:g}", each=f"{amount / len(found):g}")
    return re.sub(r"\((e?s)\)", "" if words.startswith("1 ") else r"\1", words)


def _quantity(charge: Charge, resource: Planned, plan: Mapping[str, Planned]) -> float:
    return charge.quantity if isinstance(charge.quantity, int) else QUANTITIES[charge.quantity](resource, plan)
