"""The whole platform on a separate offline cloud: applied, planned again without changes, destroyed completely."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import offline_cloud
from config.errors import TerraformFailed
from tasks.platform.seed import CONTENT
from tasks.platform.seed_export import text
from tasks.platform.terraform import provider_mirror
from tasks.platform.terraform_apply import VARIABLES, OfflineApply
from tasks.platform.terraform_bootstrap import Bootstrap
from tests.terraform.aws import client
from tests.terraform.platform_view import view
from tests.terraform.terraform_runs import PROJECT, copy_sources, terraform

pytestmark = pytest.mark.starts_first(seconds=300)
CHANGE = ("-auto-approve", "-input=false", "-no-color", "-parallelism=60", "-refresh=false")
MLFLOW_LOGS = "/aws/sagemaker/mlflow-tracking-servers"
ACCOUNT = {"AccountId": "000000000000"}
LISTS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("budgets", "describe_budgets", "Budgets", ACCOUNT),
    ("ce", "get_anomaly_monitors", "AnomalyMonitors", {}),
    ("ce", "get_anomaly_subscriptions", "AnomalySubscriptions", {}),
    ("cloudtrail", "describe_trails", "trailList", {}),
    ("cloudwatch", "describe_alarms", "MetricAlarms", {"AlarmTypes": ["MetricAlarm"]}),
    ("cloudwatch", "describe_alarms", "CompositeAlarms", {"AlarmTypes": ["CompositeAlarm"]}),
    ("cloudwatch", "list_dashboards", "DashboardEntries", {}),
    ("ec2", "describe_security_group_rules", "SecurityGroupRules", {}),
    ("ec2", "describe_security_groups", "SecurityGroups", {}),
    ("ec2", "describe_subnets", "Subnets", {}),
    ("ec2", "describe_vpc_endpoints", "VpcEndpoints", {}),
    ("ec2", "describe_vpcs", "Vpcs", {}),
    ("ecr", "describe_repositories", "repositories", {}),
    ("ecs", "list_task_definitions", "taskDefinitionArns", {}),
    ("events", "list_api_destinations", "ApiDestinations", {}),
    ("events", "list_connections", "Connections", {}),
    ("events", "list_rules", "Rules", {}),
    ("glue", "get_databases", "DatabaseList", {}),
    ("iam", "list_open_id_connect_providers", "OpenIDConnectProviderList", {}),
    ("iam", "list_policies", "Policies", {"Scope": "Local"}),
    ("iam", "list_roles", "Roles", {}),
    ("kms", "list_aliases", "Aliases", {}),
    ("logs", "describe_log_groups", "logGroups", {}),
    ("rds", "describe_db_instances", "DBInstances", {}),
    ("rds", "describe_db_parameter_groups", "DBParameterGroups", {}),
    ("rds", "describe_db_subnet_groups", "DBSubnetGroups", {}),
    ("s3", "list_buckets", "Buckets", {}),
    ("sagemaker", "list_feature_groups", "FeatureGroupSummaries", {}),
    ("sagemaker", "list_mlflow_tracking_servers", "TrackingServerSummaries", {}),
    ("sagemaker", "list_model_package_groups", "ModelPackageGroupSummaryList", {}),
    ("scheduler", "list_schedules", "Schedules", {}),
    ("secretsmanager", "list_secrets", "SecretList", {}),
    ("servicediscovery", "list_namespaces", "Namespaces", {}),
    ("sns", "list_subscriptions", "Subscriptions", {}),
    ("sns", "list_topics", "Topics", {}),
    ("sqs", "list_queues", "QueueUrls", {}),
    ("ssm", "describe_parameters", "Parameters", {}),
]


@pytest.fixture
def own_cloud(cli_config: Path, tmp_path: Path, localstack_env: Path) -> Iterator[Mapping[str, str]]:
    with offline_cloud.running(tmp_path / "cloud", localstack_env) as cloud:
        yield cloud.environment


@pytest.fixture
def seeded_cloud(tmp_path: Path, localstack_env: Path) -> Iterator[Mapping[str, str]]:
    """A cloud with seeded resources only."""
    with offline_cloud.running(tmp_path / "seeded", localstack_env) as cloud:
        environment = {**os.environ, **cloud.environment, "VISHWAOPS_STATE": str(tmp_path / "state-of-flows")}
        seeding = "from flows.session.runtime import connect; connect()"
        subprocess.run([sys.executable, "-c", seeding], cwd=PROJECT, env=environment, check=True)
        yield cloud.environment


@pytest.mark.skipif(provider_mirror() is None, reason="no filesystem mirror of the AWS provider is on this machine")
def test_the_offline_stack_applies_stays_and_leaves_nothing(
    own_cloud: Mapping[str, str],
    cli_config: Path,
    seeded_cloud: Mapping[str, str],
    tmp_path: Path,
) -> None:
    announced: list[str] = []
    sources = copy_sources(tmp_path / "sources")

    def run(root: str, *words: str) -> str:
        done = terraform(sources / root, cli_config, *words, cloud=own_cloud)
        assert done.returncode == 0, f"{root}: terraform {words[0]}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    before = count(own_cloud)
    OfflineApply(sources, tmp_path / "state", own_cloud, announced.append).run()
    assert re.fullmatch(r"platform  3\d\d resources by Terraform in \d+ s", announced[-1])
    applied = count(own_cloud)
    assert [name for name in before if applied[name] <= before[name]] == []

    plan = ("plan", "-detailed-exitcode", "-input=false", "-no-color", "-parallelism=60")
    seed = CONTENT.read_text()
    with ThreadPoolExecutor() as pool:
        planned = pool.submit(run, "platform", *plan, *VARIABLES)
        shown = pool.submit(run, "platform", "show", "-json")
    assert "No changes." in planned.result()
    assert text(json.loads(shown.result())) == seed, "make seed-export writes it again"
    assert view(own_cloud, json.loads(seed)) == view(seeded_cloud, json.loads(seed))

    run("platform", "destroy", *CHANGE, *VARIABLES)
    bootstrap = tmp_path / "state" / "bootstrap-offline.tfstate"
    Bootstrap(sources, "offline", bootstrap, cli_config, own_cloud).destroy()
    assert count(own_cloud) == before


def test_an_apply_that_fails_reports_terraforms_error(cli_config: Path, tmp_path: Path) -> None:
    broken = copy_sources(tmp_path / "broken")
    (broken / "bootstrap" / "broken.tf").write_text('resource "no_such_thing" "this" {}\n')
    nowhere = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    with pytest.raises(TerraformFailed, match=r"terraform init of terraform/\w+ failed"):
        OfflineApply(broken, tmp_path / "state", nowhere, print).run()


def count(environment: Mapping[str, str]) -> dict[str, int]:
    """The number of resources of each kind in the cloud."""
    found = {}
    for service, action, member, request in LISTS:
        asked = client(service, environment)
        pages = asked.get_paginator(action).paginate(**request) if asked.can_paginate(action) else None
        answers = pages or [getattr(asked, action)(**request)]
        named = " ".join([service, member, *request.get("ServiceNamespace", "").split()])
        found[named] = sum(not gone(item) for answer in answers for item in answer.get(member, []))
    ecs = client("ecs", environment)
    clusters = ecs.describe_clusters(clusters=[*ecs.list_clusters()["clusterArns"], "none"])["clusters"]
    keys = client("kms", environment)
    states = [keys.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] for key in keys.list_keys()["Keys"]]
    active = sum(cluster["status"] == "ACTIVE" for cluster in clusters)
    return {**found, "ecs clusters": active, "kms Keys": states.count("Enabled")}


def gone(item: Any) -> bool:
    """A VPC endpoint is shown for a while after its end; MLflow's log group is SageMaker's, not Terraform's."""
    return isinstance(item, dict) and (item.get("State") == "deleted" or item.get("logGroupName") == MLFLOW_LOGS)
