"""What a plan costs: each module's parts, with prices and rules, and an error for what is unknown."""

import re
from datetime import date
from typing import Any

import pytest

from config.errors import ConfigError
from config.prices import Price, PriceTable, load_rules
from tasks.platform.costs import estimate, total
from tasks.platform.terraform_resources import PlannedResource

RULES = load_rules()
HOURLY = {
    "interface_endpoint": 0.01,
    "nat_gateway": 0.05,
    "public_ipv4": 0.005,
    "fargate_vcpu": 0.04,
    "fargate_gb": 0.004,
    "fargate_arm_vcpu": 0.03,
    "fargate_arm_gb": 0.003,
    "fargate_spot_vcpu": 0.02,
    "fargate_spot_gb": 0.002,
    "mlflow_Small": 0.6,
    "hosting_ml.m5.large": 0.1,
}
DATABASE = {"postgres_db.t4g.micro": 0.02, "postgres_db.t4g.small": 0.03}
MONTHLY = {"custom_metric": 0.3, "alarm": 0.1, "kms_key": 1.0, "secret": 0.4, "postgres_storage": 0.1}
TABLE = PriceTable(
    region="us-east-1",
    currency="USD",
    entered=date(2026, 11, 25),
    hours_per_month=100,
    prices={
        **{name: Price(per="hour", price=price, source="made up") for name, price in (HOURLY | DATABASE).items()},
        **{name: Price(per="month", price=price, source="made up") for name, price in MONTHLY.items()},
        **{
            name: Price(per="GB", price=0.5, source="made up")
            for name in ("endpoint_traffic", "nat_traffic", "log_ingestion", "endpoint_bytes", "kms_signature")
        },
    },
)


def planned(address: str, **values: Any) -> PlannedResource:
    return PlannedResource(address, re.findall(r"aws_\w+", address)[0], values)


def parts(*plan: PlannedResource) -> dict[str, float]:
    return {part.what: part.usd for cost in estimate(plan, TABLE, RULES) for part in cost.parts}


def endpoint(name: str, zones: int) -> PlannedResource:
    address = f'module.network[0].aws_vpc_endpoint.interface["{name}"]'
    return planned(address, vpc_endpoint_type="Interface", subnet_ids=[None] * zones)


def database(*, standby: bool) -> PlannedResource:
    return planned(
        "module.orchestration[0].aws_db_instance.this[0]",
        instance_class="db.t4g.small",
        allocated_storage=50,
        multi_az=standby,
        manage_master_user_password=True,
    )


def service(
    name: str, tasks: int, cpu: str, memory: str, *, spot: bool = False, arm: bool = False, public: bool = False
) -> list[PlannedResource]:
    module = "module.orchestration[0]"
    return [
        planned(
            f"{module}.aws_ecs_service.{name}",
            desired_count=tasks,
            task_definition=None,
            launch_type=None if spot else "FARGATE",
            network_configuration=[{"assign_public_ip": public}],
        ),
        planned(
            f"{module}.aws_ecs_task_definition.{name}",
            cpu=cpu,
            memory=memory,
            runtime_platform=[{"cpu_architecture": "ARM64" if arm else "X86_64"}],
        ),
    ]


def server(size: str) -> PlannedResource:
    return planned("module.registry.aws_sagemaker_mlflow_tracking_server.this[0]", tracking_server_size=size)


def schedule(action: str, expression: str) -> PlannedResource:
    address = f'module.registry.aws_scheduler_schedule.mlflow["{action}"]'
    return planned(address, schedule_expression=expression)


def cluster(insights: str) -> PlannedResource:
    setting = [{"name": "containerInsights", "value": insights}]
    return planned("module.orchestration[0].aws_ecs_cluster.this", setting=setting)


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


def test_tasks_cost_the_vcpus_and_memory_of_their_definition() -> None:
    found = parts(*service("worker", 2, "1024", "2048"), *service("server[0]", 1, "512", "1024"))
    assert found == {"2.5 Fargate vCPU": 10.0, "5 GB of Fargate memory": 2.0}


def test_a_service_on_spot_on_arm_or_with_a_public_address_costs_that() -> None:
    assert parts(*service("worker", 2, "1024", "2048", spot=True, public=True)) == {
        "2 Fargate Spot vCPU": 4.0,
        "2 public IPv4 addresses": 1.0,
        "4 GB of Fargate Spot memory": 0.8,
    }
    assert parts(*service("worker", 1, "1024", "2048", arm=True)) == {
        "1 Fargate ARM vCPU": 3.0,
        "2 GB of Fargate ARM memory": 0.6,
    }


def test_a_service_that_is_not_started_costs_nothing_and_is_not_listed() -> None:
    assert parts(*service("worker", 0, "1024", "2048", public=True)) == {}


def test_container_insights_costs_its_metrics_of_the_cluster_and_of_each_service() -> None:
    worker = service("worker", 2, "1024", "2048")
    assert "metrics of Container Insights" not in " ".join(parts(cluster("disabled"), *worker))
    assert parts(cluster("enabled"), *worker)["38 metrics of Container Insights"] == 11.4


@pytest.mark.parametrize(
    ("start", "stop", "share"),
    [
        ("cron(0 1 * * ? *)", "cron(0 4 * * ? *)", 3 / 24),
        ("cron(30 22 ? * * *)", "cron(30 4 ? * * *)", 6 / 24),
        ("cron(0 8 ? * MON-FRI *)", "cron(0 18 ? * MON-FRI *)", 1),
    ],
)
def test_a_tracking_server_costs_its_daily_hours_and_all_of_them_on_another_schedule(
    start: str, stop: str, share: float
) -> None:
    found = parts(server("Small"), schedule("start", start), schedule("stop", stop))
    assert list(found.values()) == [round(60 * share, 2)]
    assert parts(server("Small")) == {"1 MLflow tracking server, 1 of the day": 60.0}


def test_autoscaling_makes_two_alarms_for_each_policy() -> None:
    policies = [planned(f'module.serving.aws_appautoscaling_policy.this["{name}"]') for name in "ab"]
    assert parts(*policies) == {"4 alarms of autoscaling": 0.4}


def test_a_modules_parts_are_most_expensive_first_and_its_nested_modules_are_its_own() -> None:
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


def test_a_type_without_a_rule_is_named() -> None:
    with pytest.raises(ConfigError, match=r"resources\.yaml: expected aws_lambda_function in billed or free"):
        parts(planned("module.serving.aws_lambda_function.this"))


def test_a_price_that_the_table_lacks_is_named() -> None:
    with pytest.raises(ConfigError, match=r"us-east-1\.yaml: prices: expected one named 'mlflow_Large', found none"):
        parts(server("Large"))


def test_a_value_that_the_plan_lacks_is_named() -> None:
    unknown = planned("module.network[0].aws_vpc_endpoint.this", vpc_endpoint_type="Interface", subnet_ids=None)
    with pytest.raises(ConfigError, match=r"aws_vpc_endpoint\.this: subnet_ids: expected a value in the plan"):
        parts(unknown)


def test_a_service_without_its_definition_is_named() -> None:
    with pytest.raises(ConfigError, match=r"aws_ecs_service\.worker: expected its task definition as .*; found none"):
        parts(service("worker", 1, "512", "1024")[0])
