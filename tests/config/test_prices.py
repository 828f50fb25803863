"""Prices and rules are complete for Terraform's resources, without duplicates."""

import fnmatch
import re

import pytest
from pydantic import ValidationError

from config.errors import ConfigError
from config.prices import Rule, Rules, load_prices, load_rules
from tasks.platform.terraform import SOURCE

RULES = load_rules()


def test_every_type_that_terraform_makes_is_in_the_rules() -> None:
    types = {
        found for path in SOURCE.rglob("*.tf") for found in re.findall(r'^resource "(\w+)"', path.read_text(), re.M)
    }
    assert len(types) > 50
    assert types - RULES.billed.keys() - RULES.free == set()
    assert (RULES.billed.keys() | RULES.free) - types == {"sagemaker_endpoint"}


def test_every_price_that_the_rules_name_is_in_the_table_and_none_besides() -> None:
    table = load_prices("us-east-1").prices
    named = {charge.price for rule in RULES.billed.values() for charge in rule.idle}
    named |= {name for rule in RULES.billed.values() for name in re.findall(r"{(\w+)}", rule.by_use or "")}
    found = {name: fnmatch.filter(table, re.sub("{.*}", "*", name)) for name in named}
    assert [name for name in named if not found[name]] == []
    assert table.keys() - set().union(*found.values()) == set()


def test_a_region_without_a_table_is_answered_with_those_that_have_one() -> None:
    with pytest.raises(ConfigError, match="region: expected one with a price table, us-east-1; found 'eu-west-1'"):
        load_prices("eu-west-1")


def test_a_type_that_is_billed_and_free_at_once_is_refused() -> None:
    with pytest.raises(ValidationError, match="found in both: aws_eip"):
        Rules(billed={"aws_eip": Rule(by_use="the hour")}, free=frozenset({"aws_eip"}))
    with pytest.raises(ValidationError, match="expected idle or by_use"):
        Rule()
