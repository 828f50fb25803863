"""The whole platform on an offline cloud of its own: applied, planned again with no change, destroyed to nothing."""

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

import offline_cloud
from config.terraform import provider_mirror
from tests.terraform.terraform_runs import terraform

ENVIRONMENT = "../environments/offline"
BOTH = f"-var-file={ENVIRONMENT}/environment.tfvars"
PLATFORM = (BOTH, f"-var-file={ENVIRONMENT}/platform.tfvars")
STATE_BUCKET = "vishwaops-offline-state-000000000000"
CHANGE = ("-auto-approve", "-input=false", "-no-color", "-parallelism=60")  # most resources only wait
MLFLOW_LOGS = "/aws/sagemaker/mlflow-tracking-servers"
ACCOUNT = {"AccountId": "000000000000"}
LISTS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("application-autoscaling", "describe_scalable_targets", "ScalableTargets", {"ServiceNamespace": "ecs"}),
    ("application-autoscaling", "describe_scalable_targets", "ScalableTargets", {"ServiceNamespace": "sagemaker"}),
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


@pytest.mark.skipif(provider_mirror() is None, reason="no filesystem mirror of the AWS provider is on this machine")
@pytest.mark.timeout(480)
def test_the_offline_stack_applies_stays_and_leaves_nothing(
    own_cloud: Mapping[str, str], sources: Path, cli_config: Path
) -> None:
    def run(root: str, *words: str) -> str:
        done = terraform(sources / root, cli_config, *words, cloud=own_cloud)
        assert done.returncode == 0, f"{root}: terraform {words[0]}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    before = count(own_cloud)
    run("bootstrap", "init", "-input=false")
    with ThreadPoolExecutor() as pool:
        # Its lifecycle rules take a minute; the bucket is there at once.
        bootstrapped = pool.submit(run, "bootstrap", "apply", *CHANGE, BOTH)
        await_versions(own_cloud)
        run("platform", "init", "-input=false", f"-backend-config={ENVIRONMENT}/backend.hcl")
        run("platform", "apply", *CHANGE, *PLATFORM)
        bootstrapped.result()
    applied = count(own_cloud)
    assert [name for name in before if applied[name] <= before[name]] == []

    plan = ("plan", "-detailed-exitcode", "-input=false", "-no-color", "-parallelism=60")
    assert "No changes." in run("platform", *plan, *PLATFORM)

    run("platform", "destroy", *CHANGE, "-refresh=false", *PLATFORM)
    run("bootstrap", "destroy", *CHANGE, "-refresh=false", BOTH)
    assert count(own_cloud) == before


def client(service: str, environment: Mapping[str, str]) -> Any:
    """A client that these variables point, whatever this process's own say."""

    def at(url: str) -> Any:
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, region_name="us-east-1", endpoint_url=url, **keys)  # type: ignore[call-overload]

    made = at(environment["AWS_ENDPOINT_URL"])
    own = environment.get("AWS_ENDPOINT_URL_" + made.meta.service_model.service_id.upper().replace(" ", "_"))
    return at(own) if own else made


def count(environment: Mapping[str, str]) -> dict[str, int]:
    """How many of each kind the cloud has."""
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


def await_versions(environment: Mapping[str, str]) -> None:
    """Wait until the bucket of the state keeps versions."""
    s3 = client("s3", environment)
    deadline = time.monotonic() + 60
    while True:
        try:
            if s3.get_bucket_versioning(Bucket=STATE_BUCKET).get("Status") == "Enabled":
                return
        except ClientError as error:
            assert "NoSuchBucket" in str(error)
        assert time.monotonic() < deadline, f"expected versions in {STATE_BUCKET} within a minute"
        time.sleep(0.2)
