"""The table of `vishwaops plan-cost`, of costs that are written here."""

import pytest

from config.prices import Option, Part, load_prices
from flows.commands.cost_table import show_cost
from tasks.platform.costs import CostPart, ModuleCost
from tasks.platform.environment_cost import EnvironmentCost

NETWORK = ModuleCost("network", 12, (CostPart("11 endpoints", 160.6), CostPart("1 NAT gateway", 32.85)), ())
STORAGE = ModuleCost("storage", 30, (), ("S3: 0.023 for a GB", "requests: 0.005 for 1,000"))
NAT = Option(
    what="A NAT gateway", setting="internet", without="No way out", parts=(Part(price="nat_gateway", quantity=2),)
)
FLOWS = ModuleCost("flows", 4, (CostPart("4 endpoints", 335.8),), ())


def shown(environment: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines of the output, without alignment."""
    show_cost(EnvironmentCost(environment, (NETWORK, STORAGE), FLOWS, load_prices("us-east-1"), (NAT,)))
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines() if line.strip()]


def test_each_module_is_shown_with_its_parts_and_the_sums_add_up(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown("dev", capsys)[:8] == [
        "dev: USD a month on AWS while nothing runs",
        "module resources USD made of",
        "network 12 193.45 11 endpoints 160.60",
        "1 NAT gateway 32.85",
        "storage 30 0.00",
        "Terraform's 42 193.45",
        "the flows' 4 335.80 4 endpoints 335.80",
        "together 529.25",
    ]


def test_what_is_paid_by_use_is_listed_and_not_counted(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown("dev", capsys)
    at = lines.index("paid by use, not counted")
    assert lines[at + 1 : at + 3] == ["storage S3: 0.023 for a GB", "requests: 0.005 for 1,000"]


def test_each_option_is_shown_with_its_price_and_what_one_gives_up_without_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = shown("dev", capsys)
    at = lines.index("options, USD a month each, and what one gives up without them")
    assert lines[at + 1] == "65.70 A NAT gateway No way out"


def test_only_of_the_offline_cloud_it_is_noted_that_nothing_is_billed(capsys: pytest.CaptureFixture[str]) -> None:
    billed = "The offline cloud is free"
    assert billed not in " ".join(shown("prod", capsys))
    assert billed in " ".join(shown("offline", capsys))
