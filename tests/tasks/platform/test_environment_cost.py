"""What the flows keep for each use case, and what an environment costs as a whole."""

import pytest

from config.hosting import Instances, Serverless
from config.metrics import LIVE, OF_EACH_USE_CASE, metric_count
from config.prices import load_prices, load_rules
from config.profile import load_profile
from config.use_case import UseCase, load_use_case
from tasks.platform.costs import estimate
from tasks.platform.environment_cost import cost_of, flow_resources
from tests.terraform.terraform_runs import needs_terraform

CASE = load_use_case("student_grades")


def parts(case: UseCase) -> dict[str, float]:
    table, rules = load_prices("us-east-1"), load_rules()
    (flows,) = estimate(flow_resources([case], load_profile("aws")), table, rules)
    return {part.what: part.usd for part in flows.parts}


def test_a_serverless_endpoint_costs_only_its_metrics_while_nothing_runs() -> None:
    serverless = CASE.model_copy(update={"hosting": Serverless(kind="serverless")})
    assert parts(serverless) == {"8 metrics": round(len(OF_EACH_USE_CASE + LIVE) * 0.3, 2)}


def test_an_endpoint_on_instances_costs_the_profiles_instances() -> None:
    instances = CASE.model_copy(update={"hosting": Instances(kind="instances")})
    assert parts(instances)["1 endpoint × 1 ml.m5.large"] == round(730 * 0.115, 2)


def test_the_costs_of_a_feature_group_are_named_where_the_flows_make_one() -> None:
    table, rules = load_prices("us-east-1"), load_rules()
    for case, expected in ((load_use_case("student_enrollment"), 1), (CASE, 0)):
        (flows,) = estimate(flow_resources([case], load_profile("aws")), table, rules)
        assert sum(text.startswith("features: writes") for text in flows.by_use) == expected


def test_each_feature_is_a_metric_where_the_use_case_asks_for_it() -> None:
    monitoring = CASE.monitoring.model_copy(update={"feature_metrics": True})
    assert metric_count(CASE.model_copy(update={"monitoring": monitoring})) == 8 + len(CASE.features)
    assert metric_count(CASE) == 8


@pytest.mark.usefixtures("aws_provider")
@needs_terraform
@pytest.mark.parametrize(("environment", "limit"), [("dev", 60), ("prod", 300)])
def test_an_environment_stays_below_its_limit_with_its_services_running(environment: str, limit: float) -> None:
    cost = cost_of(environment, load_profile("aws"))
    shown = " ".join(part.what for module in cost.modules for part in module.parts)
    assert "Fargate" in shown
    assert "bootstrap" in {module.module for module in cost.modules}
    assert 20 < cost.usd < limit
