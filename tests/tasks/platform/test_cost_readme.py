"""The costs in terraform/README.md: current, with a row for each module."""

import re
from collections.abc import Iterator
from datetime import date

import pytest

from config.errors import ConfigError
from config.prices import Option, Part, Price, PriceTable
from config.profile import VARIABLE, load_profile
from tasks.platform.cost_readme import README, costs, with_figures
from tasks.platform.costs import CostPart, ModuleCost
from tasks.platform.environment_cost import EnvironmentCost
from tasks.platform.terraform import SOURCE
from tests.terraform.terraform_runs import needs_terraform

TABLE = PriceTable(
    region="us-east-1",
    currency="USD",
    entered=date(2026, 11, 25),
    hours_per_month=100,
    prices={"alarm": Price(per="month", price=0.1, source="made up")},
)


ALARM = Option(what="An alarm", setting="`alarm = true`", without="No mail", parts=(Part(price="alarm", quantity=5),))


@pytest.fixture(autouse=True)
def _profiles_as_they_are(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Isolates the test from the shell's profile, and restores the profile after the command."""
    monkeypatch.setenv(VARIABLE, "offline")
    for name in ("AWS_REGION", "VISHWAOPS_ENVIRONMENT"):
        monkeypatch.delenv(name, raising=False)
    load_profile.cache_clear()
    yield
    load_profile.cache_clear()


def cost(environment: str, **modules: float) -> EnvironmentCost:
    *others, flows = (ModuleCost(name, 1, (CostPart("", usd),), ()) for name, usd in modules.items())
    return EnvironmentCost(environment, tuple(others), flows, TABLE, (ALARM,))


BEFORE = """above
<!-- costs -->
| module | resources | dev | prod | offline |
|---|---|---|---|---|
| `alerts` (`topic`) | a topic | 1 | | no mail |
| `flows` | endpoints | | | |
| **together** | | | | |

old
<!-- /costs -->
below
<!-- options -->
older
<!-- /options -->"""
AFTER = """above
<!-- costs -->
| module | resources | dev | prod | offline |
|---|---|---|---|---|
| `alerts` (`topic`) | a topic | 1,000.00 | 2.00 | no mail |
| `flows` | endpoints | 0.50 | 1.00 | |
| **together** | | 1,000.50 | 3.00 | |

USD a month while nothing runs, at the us-east-1 prices entered on 2026-11-25.
<!-- /costs -->
below
<!-- options -->
| option | USD a month | how to choose it | without it |
|---|---:|---|---|
| An alarm | 0.50 | `alarm = true` | No mail |
<!-- /options -->"""


def test_the_readmes_figures_are_written_and_its_other_cells_are_kept() -> None:
    assert with_figures(BEFORE, [cost("dev", alerts=1000, flows=0.5), cost("prod", alerts=2, flows=1)]) == AFTER
    with pytest.raises(ConfigError, match="expected a row for each module; found none for network"):
        with_figures(BEFORE, [cost("dev", network=1, flows=1)])


def test_the_readme_has_a_row_for_each_module_and_no_other() -> None:
    modules = {
        name for path in SOURCE.glob("platform/*.tf") for name in re.findall(r'^module "(\w+)"', path.read_text(), re.M)
    }
    table = README.read_text().split("<!-- costs -->")[1].split("\n\n")[0]
    rows = re.findall(r"^\| \W*(\w+)", table, re.M)
    assert sorted(rows) == sorted([*modules, "module", "bootstrap", "platform", "flows", "together"])


@pytest.mark.usefixtures("aws_provider")
@needs_terraform
def test_the_readme_is_current() -> None:
    text = README.read_text()
    assert with_figures(text, costs()) == text, "make costs writes it again"
