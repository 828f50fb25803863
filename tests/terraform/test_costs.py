"""What an environment costs before it is made: each module's figure, where it is from, and what is not known."""

import fnmatch
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from config.errors import ConfigError
from config.prices import Price, PriceTable, Rule, Rules, load_prices, load_rules
from config.profile import VARIABLE, load_profile
from config.terraform import SOURCE
from flows.commands.cost_readme import README, costs, with_figures
from flows.commands.main import main
from flows.commands.plan_cost import EnvironmentCost
from tasks.costs import CostPart, ModuleCost, estimate, total
from tasks.planned import Planned

REGION = "us-east-1"
RULES = load_rules()
HOURLY = {
    "interface_endpoint": 0.01,
    "nat_gateway": 0.05,
    "public_ipv4": 0.005,
    "fargate_vcpu": 0.04,
    "fargate_gb": 0.004,
}
DATABASE = {"postgres_db.t4g.micro": 0.02, "postgres_db.t4g.small": 0.03}
MONTHLY = {"alarm": 0.1, "kms_key": 1.0, "secret": 0.4, "postgres_storage": 0.1}
TABLE = PriceTable(
    region=REGION,
    currency="USD",
    entered=date(2026, 11, 25),
    hours_per_month=100,
    prices={
        **{name: Price(per="hour", price=price, source="made up") for name, price in (HOURLY | DATABASE).items()},
        **{name: Price(per="month", price=price, source="made up") for name, price in MONTHLY.items()},
        **{
            name: Price(per="GB", price=0.5, source="made up")
            for name in ("endpoint_traffic", "nat_traffic", "log_ingestion", "custom_metric")
        },
    },
)


@pytest.fixture(autouse=True)
def _profiles_as_they_are(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever this shell names, and whatever profile the command under test leaves behind."""
    monkeypatch.setenv(VARIABLE, "offline")
    for name in ("AWS_REGION", "VISHWAOPS_ENVIRONMENT"):
        monkeypatch.delenv(name, raising=False)
    load_profile.cache_clear()
    yield
    load_profile.cache_clear()


def planned(address: str, **values: Any) -> Planned:
    return Planned(address, re.findall(r"aws_\w+", address)[0], values)


def parts(*plan: Planned) -> dict[str, float]:
    return {part.what: part.usd for cost in estimate(plan, TABLE, RULES) for part in cost.parts}


def endpoint(name: str, zones: int) -> Planned:
    address = f'module.network[0].aws_vpc_endpoint.interface["{name}"]'
    return planned(address, vpc_endpoint_type="Interface", subnet_ids=[None] * zones)


def database(*, standby: bool) -> Planned:
    return planned(
        "module.orchestration[0].aws_db_instance.this[0]",
        instance_class="db.t4g.small",
        allocated_storage=50,
        multi_az=standby,
        manage_master_user_password=True,
    )


def service(name: str, tasks: int, cpu: str, memory: str) -> list[Planned]:
    module = "module.orchestration[0]"
    return [
        planned(f"{module}.aws_ecs_service.{name}", desired_count=tasks, task_definition=None),
        planned(f"{module}.aws_ecs_task_definition.{name}", cpu=cpu, memory=memory),
    ]


def test_an_interface_endpoint_costs_its_hours_in_each_zone_and_a_gateway_nothing() -> None:
    gateway = planned("module.network[0].aws_vpc_endpoint.s3", vpc_endpoint_type="Gateway", subnet_ids=None)
    assert parts(endpoint("kms", 3), endpoint("sts", 3), gateway) == {"2 interface endpoints × 3 zones": 6.0}


def test_a_standby_doubles_the_database_and_its_storage_and_leaves_one_secret() -> None:
    assert parts(database(standby=False)) == {
        "1 PostgreSQL instance": 3.0,
        "50 GB of database storage": 5.0,
        "1 secret of RDS": 0.4,
    }
    assert parts(database(standby=True)) == {
        "2 PostgreSQL instances": 6.0,
        "100 GB of database storage": 10.0,
        "1 secret of RDS": 0.4,
    }


def test_tasks_cost_what_the_definition_of_their_service_asks_for() -> None:
    found = parts(*service("worker", 2, "1024", "2048"), *service("server[0]", 1, "512", "1024"))
    assert found == {"2.5 Fargate vCPU": 10.0, "5 GB of Fargate memory": 2.0}


def test_autoscaling_makes_two_alarms_for_each_policy() -> None:
    policies = [planned(f'module.serving.aws_appautoscaling_policy.this["{name}"]') for name in "ab"]
    assert parts(*policies) == {"4 alarms of autoscaling": 0.4}


def test_a_modules_parts_are_dearest_first_and_its_nested_modules_are_its_own() -> None:
    keys = [planned(f"module.storage.module.{name}_key.aws_kms_key.this") for name in ("data", "audit")]
    nat, address = planned("module.network[0].aws_nat_gateway.this[0]"), planned("module.network[0].aws_eip.nat[0]")
    parameter = planned('aws_ssm_parameter.this["region"]')
    found = estimate([parameter, address, *keys, nat], TABLE, RULES)
    assert [(cost.module, cost.resources, cost.usd) for cost in found] == [
        ("network", 2, 5.5),
        ("storage", 2, 2.0),
        ("platform", 1, 0.0),
    ]
    assert [part.what for part in found[0].parts] == ["1 NAT gateway", "1 public IPv4 address"]
    assert found[0].by_use == ("traffic through the NAT gateway: 0.50 a GB",)
    assert total(found) == 7.5


def test_a_type_that_stands_nowhere_is_named() -> None:
    with pytest.raises(ConfigError, match=r"resources\.yaml: expected aws_lambda_function in billed or free"):
        parts(planned("module.serving.aws_lambda_function.this"))


def test_a_price_that_the_table_lacks_is_named() -> None:
    server = planned("module.registry.aws_sagemaker_mlflow_tracking_server.this[0]", tracking_server_size="Large")
    with pytest.raises(ConfigError, match=r"us-east-1\.yaml: prices: expected one named 'mlflow_Large', found none"):
        parts(server)


def test_a_value_that_the_plan_lacks_is_named() -> None:
    unknown = planned("module.network[0].aws_vpc_endpoint.this", vpc_endpoint_type="Interface", subnet_ids=None)
    with pytest.raises(ConfigError, match=r"aws_vpc_endpoint\.this: subnet_ids: expected a value in the plan"):
        parts(unknown)


def test_a_service_without_its_definition_is_named() -> None:
    with pytest.raises(ConfigError, match=r"aws_ecs_service\.worker: expected its task definition as .*; found none"):
        parts(service("worker", 1, "512", "1024")[0])


def test_every_type_that_terraform_makes_is_in_the_rules() -> None:
    types = {
        found for path in SOURCE.rglob("*.tf") for found in re.findall(r'^resource "(\w+)"', path.read_text(), re.M)
    }
    assert len(types) > 50
    assert types - RULES.billed.keys() - RULES.free == set()
    assert (RULES.billed.keys() | RULES.free) - types == {"sagemaker_endpoint"}


def test_every_price_that_the_rules_name_is_in_the_table_and_none_besides() -> None:
    table = load_prices(REGION).prices
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


def test_the_command_says_what_dev_costs_without_an_account(
    cli_config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan-cost", "--profile", "aws", "--environment", "dev"]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[0].endswith("Terraform plans dev, without an account: some seconds")
    # By hand: 730 hours of 11 endpoints in two zones, of the NAT gateway and of its address.
    network = (11 * 2 * 0.01 + 0.045 + 0.005) * 730
    assert re.search(rf"^network +\d+ +{network:.2f} +11 interface endpoints × 2 zones 160\.60", said, re.M)
    assert re.search(r"^the flows' +4 +335\.80 +4 endpoints × 1 ml\.m5\.large", said, re.M)
    assert "CloudTrail's data events: 0.10 for 100,000 events" in said
    assert "Prices: us-east-1, on demand, entered 2026-11-25." in said
    assert "Left out: free tiers, taxes, traffic." in said
    assert "nothing is billed" not in said


def test_of_the_offline_cloud_it_says_that_nothing_is_billed(
    cli_config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan-cost"]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[0].endswith("Terraform plans offline, without an account: some seconds")
    assert "nothing is billed: this is what the same would cost on AWS" in " ".join(said.split())
    # By hand: one instance without a standby, and 20 GB for it.
    assert "1 PostgreSQL instance 11.68" in said
    assert "20 GB of database storage 2.30" in said


def test_an_unknown_environment_is_answered_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan-cost", "--environment", "stage"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "vishwaops: environment: expected one of dev, offline, prod; found 'stage'\n"


def test_without_terraform_the_command_says_what_is_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["plan-cost"]) == 1
    assert "plan-cost needs Terraform, which plans the environment; it is not on the path" in capsys.readouterr().err


def cost(environment: str, **modules: float) -> EnvironmentCost:
    *others, flows = (ModuleCost(name, 1, (CostPart("", usd),), ()) for name, usd in modules.items())
    return EnvironmentCost(environment, tuple(others), flows, TABLE)


BEFORE = """above
<!-- costs -->
| module | resources | dev | prod | offline |
|---|---|---|---|---|
| `alerts` (`topic`) | a topic | 1 | | no mail |
| `flows` | endpoints | | | |
| **together** | | | | |

old
<!-- /costs -->
below"""
AFTER = """above
<!-- costs -->
| module | resources | dev | prod | offline |
|---|---|---|---|---|
| `alerts` (`topic`) | a topic | 1,000.00 | 2.00 | no mail |
| `flows` | endpoints | 0.50 | 1.00 | |
| **together** | | 1,000.50 | 3.00 | |

USD a month while nothing runs, at prices of us-east-1 entered on 2026-11-25.
<!-- /costs -->
below"""


def test_the_readmes_figures_are_written_and_its_words_are_kept() -> None:
    assert with_figures(BEFORE, [cost("dev", alerts=1000, flows=0.5), cost("prod", alerts=2, flows=1)]) == AFTER
    with pytest.raises(ConfigError, match="expected a row for each module; found none for network"):
        with_figures(BEFORE, [cost("dev", network=1, flows=1)])


def test_the_readme_has_a_row_for_each_module_and_no_other() -> None:
    modules = {
        name for path in SOURCE.glob("platform/*.tf") for name in re.findall(r'^module "(\w+)"', path.read_text(), re.M)
    }
    table = README.read_text().split("<!-- costs -->")[1].split("\n\n")[0]
    rows = re.findall(r"^\| \W*(\w+)", table, re.M)
    assert sorted(rows) == sorted([*modules, "module", "platform", "flows", "together"])


def test_the_readme_is_current(cli_config: Path) -> None:
    text = README.read_text()
    assert with_figures(text, costs()) == text, "make costs writes it anew"
