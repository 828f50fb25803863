"""Prices and rules are complete for Terraform's resources, without duplicates."""

import fnmatch
import re

import pytest
from pydantic import ValidationError

from config.errors import ConfigError
from config.prices import Rule, Rules, load_options, load_prices, load_rules
from tasks.platform.terraform import SOURCE

RULES = load_rules()
BY_FLOWS = {"sagemaker_endpoint", "sagemaker_serverless_endpoint", "cloudwatch_metrics"}
NOT_PRICED = {"serverless_provisioned_{memory_in_mb}"}
"""Prices that no table has yet. An environment that needs one gets an error that names it."""


def test_every_type_that_terraform_makes_is_in_the_rules() -> None:
    types = {
        found for path in SOURCE.rglob("*.tf") for found in re.findall(r'^resource "(\w+)"', path.read_text(), re.M)
    }
    assert len(types) > 50
    assert types - RULES.billed.keys() - RULES.free == set()
    assert (RULES.billed.keys() | RULES.free) - types == BY_FLOWS


def test_every_price_that_the_rules_name_is_in_the_table_and_none_besides() -> None:
    table = load_prices("us-east-1").prices
    named = {charge.price for rule in RULES.billed.values() for charge in rule.idle} - NOT_PRICED
    named |= {name for rule in RULES.billed.values() for name in re.findall(r"{(\w+)}", rule.by_use or "")}
    named.add("training_{instance_type}")  # of tasks/training_costs.py
    found = {name: fnmatch.filter(table, re.sub("{.*}", "*", name)) for name in named}
    assert [name for name in named if not found[name]] == []
    assert table.keys() - set().union(*found.values()) == set()


def test_every_option_has_a_price_and_says_what_one_gives_up() -> None:
    options, table = load_options(), load_prices("us-east-1")
    monthly = {option.setting: option.monthly(table) for option in options}
    # By hand: 730 hours of a NAT gateway and of its address.
    assert monthly['`network.internet = "nat"`'] == round(730 * (0.045 + 0.005), 2)
    assert min(monthly.values()) > 0
    assert min(len(option.without) for option in options) > 20


def test_a_region_without_a_table_is_answered_with_those_that_have_one() -> None:
    with pytest.raises(ConfigError, match="region: expected one with a price table, us-east-1; found 'eu-west-1'"):
        load_prices("eu-west-1")


def test_a_type_that_is_billed_and_free_at_once_is_refused() -> None:
    with pytest.raises(ValidationError, match="found in both: aws_eip"):
        Rules(billed={"aws_eip": Rule(by_use="the hour")}, free=frozenset({"aws_eip"}))
    with pytest.raises(ValidationError, match="expected idle or by_use"):
        Rule()
