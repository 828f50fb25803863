"""Writes the costs in terraform/README.md, of modules and of options: `python -m tasks.platform.cost_readme`."""

import re
from collections.abc import Iterator, Mapping, Sequence

from config.errors import ConfigError
from config.profile import load_profile
from tasks.platform.environment_cost import FLOWS, EnvironmentCost, cost_of
from tasks.platform.terraform import SOURCE

README = SOURCE / "README.md"
ENVIRONMENTS = ("dev", "prod")
"""The environments of the third and the fourth column."""
_PART = re.compile(r"(?<=<!-- costs -->\n).*(?=<!-- /costs -->)", re.DOTALL)
_OPTIONS = re.compile(r"(?<=<!-- options -->\n).*(?=<!-- /options -->)", re.DOTALL)
_NAME = re.compile(r"\w+")


def costs() -> list[EnvironmentCost]:
    """Return the cost of each environment of the table, with the profile `aws`. Raises the errors of `cost_of`."""
    return [cost_of(environment, load_profile("aws")) for environment in ENVIRONMENTS]


def with_figures(text: str, costs: Sequence[EnvironmentCost]) -> str:
    """Return the README's text with these costs and their options between its markers. Other cells do not change.

    Raises ConfigError for a module without a row.
    """
    figures = [_figures(cost) for cost in costs]
    header, rule, *rows = _PART.findall(text)[0].split("\n\n")[0].splitlines()
    named = {_NAME.findall(row)[0]: row for row in rows}
    if missing := sorted(set().union(*figures) - named.keys()):
        raise ConfigError(f"{README}: expected a row for each module; found none for {', '.join(missing)}. Add it")
    written = [_row(row, [figure.get(name, 0.0) for figure in figures]) for name, row in named.items()]
    table = costs[0].table
    note = f"USD a month while nothing runs, at the {table.region} prices entered on {table.entered}."
    text = _PART.sub("\n".join([header, rule, *written, "", note, ""]), text)
    return _OPTIONS.sub("\n".join([*_options(costs[0]), ""]), text)


def _options(cost: EnvironmentCost) -> Iterator[str]:
    yield "| option | USD a month | how to choose it | without it |"
    yield "|---|---:|---|---|"
    for option in cost.options:
        yield f"| {option.what} | {option.monthly(cost.table):,.2f} | {option.setting} | {option.without} |"


def _figures(cost: EnvironmentCost) -> Mapping[str, float]:
    return {**{module.module: module.usd for module in cost.modules}, FLOWS: cost.flows.usd, "together": cost.usd}


def _row(row: str, figures: Sequence[float]) -> str:
    first, name, resources, *cells = row.split("|")
    return "|".join([first, name, resources, *(f" {figure:,.2f} " for figure in figures), *cells[len(figures) :]])


if __name__ == "__main__":
    README.write_text(with_figures(README.read_text(), costs()))
