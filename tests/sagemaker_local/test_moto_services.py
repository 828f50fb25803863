"""The services that moto answers inside the same server, at their own endpoint variables."""

import http.client
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from offline_cloud import Cloud
from sagemaker_local.moto_services import SERVICES
from tests.patience import PATIENCE
from tests.sagemaker_local.support import ACCOUNT, SIGNED, Bench, unique


def client(service: str) -> Any:
    make: Callable[..., Any] = boto3.client
    return make(service, region_name="us-east-1", config=Config(retries={"max_attempts": 1}))


@pytest.mark.parametrize(
    ("service", "action", "member"),
    [
        ("application-autoscaling", "describe_scalable_targets", "ScalableTargets"),
        ("athena", "list_work_groups", "WorkGroups"),
        ("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups"),
        ("batch", "describe_job_queues", "jobQueues"),
        ("budgets", "describe_budgets", "Budgets"),
        ("cloudtrail", "describe_trails", "trailList"),
        ("codebuild", "list_projects", "projects"),
        ("ce", "get_cost_and_usage", "ResultsByTime"),
        ("ec2", "describe_vpcs", "Vpcs"),
        ("ecr", "describe_repositories", "repositories"),
        ("ecs", "list_clusters", "clusterArns"),
        ("efs", "describe_file_systems", "FileSystems"),
        ("elbv2", "describe_load_balancers", "LoadBalancers"),
        ("glue", "get_databases", "DatabaseList"),
        ("guardduty", "list_detectors", "DetectorIds"),
        ("kinesis", "list_streams", "StreamNames"),
        ("organizations", "list_roots", "Roots"),
        ("rds", "describe_db_instances", "DBInstances"),
        ("servicediscovery", "list_namespaces", "Namespaces"),
        ("wafv2", "list_web_acls", "WebACLs"),
    ],
)
def test_each_service_has_its_variable_and_answers(cloud: Cloud, service: str, action: str, member: str) -> None:
    requests: dict[str, dict[str, Any]] = {
        "application-autoscaling": {"ServiceNamespace": "sagemaker"},
        "ce": {
            "TimePeriod": {"Start": "2026-01-01", "End": "2026-02-01"},
            "Granularity": "MONTHLY",
            "Metrics": ["UnblendedCost"],
        },
        "budgets": {"AccountId": ACCOUNT},
        "wafv2": {"Scope": "REGIONAL"},
    }
    made = client(service)
    variable = "AWS_ENDPOINT_URL_" + made.meta.service_model.service_id.upper().replace(" ", "_")
    assert cloud.environment[variable] == made.meta.endpoint_url
    assert variable.removeprefix("AWS_ENDPOINT_URL_") in SERVICES
    if service == "organizations":
        made.create_organization(FeatureSet="ALL")
    assert member in getattr(made, action)(**requests.get(service, {}))


def test_an_action_that_moto_lacks_is_named(cloud: Cloud) -> None:
    with pytest.raises(ClientError, match="moto has no such action") as refused:
        client("ce").list_cost_category_definitions()
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_a_repository_is_kept_in_our_account(cloud: Cloud) -> None:
    name = unique("repository")
    repository = client("ecr").create_repository(repositoryName=name)["repository"]
    assert repository["repositoryArn"] == f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/{name}"
    found = client("ecr").describe_repositories(repositoryNames=[name])["repositories"]
    assert [item["repositoryName"] for item in found] == [name]


def test_a_trail_takes_a_bucket_of_localstacks(bench: Bench) -> None:
    bucket, name = unique("trail"), unique("trail")
    bench.s3.create_bucket(Bucket=bucket)
    client("cloudtrail").create_trail(Name=name, S3BucketName=bucket)
    trail = client("cloudtrail").get_trail(Name=name)["Trail"]
    assert trail["S3BucketName"] == bucket
    client("cloudtrail").delete_trail(Name=trail["TrailARN"])
    assert name not in [left["Name"] for left in client("cloudtrail").describe_trails()["trailList"]]


def test_cost_anomalies_and_their_tags_are_kept(cloud: Cloud) -> None:
    ce = client("ce")
    monitor = {"MonitorName": unique("monitor"), "MonitorType": "DIMENSIONAL", "MonitorDimension": "SERVICE"}
    tags = [{"Key": "owner", "Value": "ann"}]
    arn = ce.create_anomaly_monitor(AnomalyMonitor=monitor, ResourceTags=tags)["MonitorArn"]
    assert arn.startswith(f"arn:aws:ce::{ACCOUNT}:anomalymonitor/")
    (found,) = ce.get_anomaly_monitors(MonitorArnList=[arn])["AnomalyMonitors"]
    assert {name: found[name] for name in monitor} == monitor
    assert ce.list_tags_for_resource(ResourceArn=arn)["ResourceTags"] == tags
    subscription = {
        "SubscriptionName": unique("subscription"),
        "MonitorArnList": [arn],
        "Subscribers": [{"Address": "ann@example.com", "Type": "EMAIL"}],
        "Frequency": "DAILY",
    }
    subscribed = ce.create_anomaly_subscription(AnomalySubscription=subscription)["SubscriptionArn"]
    ce.update_anomaly_subscription(SubscriptionArn=subscribed, Frequency="WEEKLY")
    (found,) = ce.get_anomaly_subscriptions(SubscriptionArnList=[subscribed])["AnomalySubscriptions"]
    assert (found["Frequency"], found["AccountId"]) == ("WEEKLY", ACCOUNT)
    ce.delete_anomaly_subscription(SubscriptionArn=subscribed)
    ce.delete_anomaly_monitor(MonitorArn=arn)
    with pytest.raises(ClientError, match="UnknownMonitorException"):
        ce.get_anomaly_monitors(MonitorArnList=[arn])


def test_scalable_targets_and_budgets_keep_tags_and_subscribers(cloud: Cloud) -> None:
    scaling, budgets = client("application-autoscaling"), client("budgets")
    target = scaling.register_scalable_target(
        ServiceNamespace="sagemaker",
        ResourceId=f"endpoint/{unique('endpoint')}/variant/champion",
        ScalableDimension="sagemaker:variant:DesiredInstanceCount",
        MinCapacity=1,
        MaxCapacity=2,
        Tags={"owner": "ann"},
    )["ScalableTargetARN"]
    scaling.tag_resource(ResourceARN=target, Tags={"team": "risk"})
    assert scaling.list_tags_for_resource(ResourceARN=target)["Tags"] == {"owner": "ann", "team": "risk"}
    scaling.untag_resource(ResourceARN=target, TagKeys=["owner"])
    assert scaling.list_tags_for_resource(ResourceARN=target)["Tags"] == {"team": "risk"}
    name = unique("budget")
    limit = {"Amount": "10", "Unit": "USD"}
    budget = {"BudgetName": name, "TimeUnit": "MONTHLY", "BudgetType": "COST", "BudgetLimit": limit}
    tags = [{"Key": "owner", "Value": "ann"}]
    notification = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80.0}
    subscribers = [{"SubscriptionType": "EMAIL", "Address": "ann@example.com"}]
    notified = [{"Notification": notification, "Subscribers": subscribers}]
    budgets.create_budget(AccountId=ACCOUNT, Budget=budget, ResourceTags=tags, NotificationsWithSubscribers=notified)
    asked = {"AccountId": ACCOUNT, "BudgetName": name, "Notification": notification}
    assert budgets.describe_subscribers_for_notification(**asked)["Subscribers"] == subscribers
    arn = f"arn:aws:budgets::{ACCOUNT}:budget/{name}"
    assert budgets.list_tags_for_resource(ResourceARN=arn)["ResourceTags"] == tags


def test_a_service_shows_how_it_spreads_over_zones(cloud: Cloud) -> None:
    ecs = client("ecs")
    cluster, family = unique("cluster"), unique("family")
    ecs.create_cluster(clusterName=cluster)
    ecs.register_task_definition(family=family, containerDefinitions=[{"name": "a", "image": "b", "memory": 8}])
    made = {"cluster": cluster, "taskDefinition": family, "desiredCount": 0}
    plain = ecs.create_service(**made, serviceName="plain")["service"]
    assert plain["availabilityZoneRebalancing"] == "DISABLED"
    ecs.create_service(**made, serviceName="spread", availabilityZoneRebalancing="ENABLED")
    found = ecs.describe_services(cluster=cluster, services=["plain", "spread"])["services"]
    assert [service["availabilityZoneRebalancing"] for service in found] == ["DISABLED", "ENABLED"]


def test_a_service_shows_whether_ecs_tags_its_tasks(cloud: Cloud) -> None:
    ecs = client("ecs")
    cluster, family = unique("cluster"), unique("family")
    ecs.create_cluster(clusterName=cluster)
    ecs.register_task_definition(family=family, containerDefinitions=[{"name": "a", "image": "b", "memory": 8}])
    made = {"cluster": cluster, "serviceName": "s", "taskDefinition": family, "desiredCount": 0}
    assert ecs.create_service(**made, enableECSManagedTags=True)["service"]["enableECSManagedTags"]
    assert ecs.describe_services(cluster=cluster, services=["s"])["services"][0]["enableECSManagedTags"]
    ecs.delete_service(cluster=cluster, service="s", force=True)
    assert not ecs.create_service(**made)["service"]["enableECSManagedTags"]


def test_a_rule_of_a_security_group_keeps_its_description(cloud: Cloud) -> None:
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/24")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName=unique("group"), Description="ours", VpcId=vpc)["GroupId"]
    tcp = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    lists = ec2.describe_managed_prefix_lists()["PrefixLists"]
    wanted = [
        {**tcp, "UserIdGroupPairs": [{"GroupId": group, "Description": "a group"}]},
        {**tcp, "PrefixListIds": [{"PrefixListId": lists[0]["PrefixListId"], "Description": "a list"}]},
    ]
    for permission in wanted:
        ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[permission])
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
    assert sorted(rule["Description"] for rule in rules if "Description" in rule) == ["a group", "a list"]


def test_a_database_shows_its_insights_and_its_own_parameters(cloud: Cloud) -> None:
    rds, name = client("rds"), unique("database")
    made = {"DBInstanceClass": "db.t4g.micro", "Engine": "postgres", "AllocatedStorage": 20}
    insights = {"EnablePerformanceInsights": True, "PerformanceInsightsKMSKeyId": "a-key"}
    credentials = {"MasterUsername": "ann", "MasterUserPassword": "password"}
    rds.create_db_instance(DBInstanceIdentifier=name, **made, **insights, **credentials)
    (shown,) = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    assert (shown["PerformanceInsightsEnabled"], shown["PerformanceInsightsKMSKeyId"]) == (True, "a-key")
    rds.modify_db_instance(DBInstanceIdentifier=name, EnablePerformanceInsights=False)
    (shown,) = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    assert not shown["PerformanceInsightsEnabled"]
    rds.create_db_parameter_group(DBParameterGroupName=name, DBParameterGroupFamily="postgres16", Description="ours")
    parameter = {"ParameterName": "rds.force_ssl", "ParameterValue": "1", "ApplyMethod": "immediate"}
    rds.modify_db_parameter_group(DBParameterGroupName=name, Parameters=[parameter])
    found = rds.describe_db_parameters(DBParameterGroupName=name)["Parameters"]
    assert found == [{**parameter, "Source": "user"}]


def test_an_update_of_a_table_that_has_changed_is_refused_as_glue_does(cloud: Cloud) -> None:
    glue, database = client("glue"), unique("database")
    glue.create_database(DatabaseInput={"Name": database})
    table = {"DatabaseName": database, "TableInput": {"Name": "rows", "Parameters": {"owner": "ann"}}}
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.update_table(**table, VersionId="1")
    glue.create_table(**table)
    with pytest.raises(glue.exceptions.AlreadyExistsException):
        glue.create_table(**table)
    read = glue.get_table(DatabaseName=database, Name="rows")["Table"]["VersionId"]
    with ThreadPoolExecutor(4) as writers:
        updates = [writers.submit(glue.update_table, **table, VersionId=read) for _ in range(4)]
        answers = [update.exception() for update in updates]
    lost = [each for each in answers if isinstance(each, glue.exceptions.ConcurrentModificationException)]
    assert (len(lost), answers.count(None)) == (3, 1)
    assert glue.get_table(DatabaseName=database, Name="rows")["Table"]["VersionId"] != read
    glue.update_table(**table)  # without a version, the last writer wins


def ask(bench: Bench, path: str, authorization: str) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection(urlsplit(bench.url).netloc, timeout=PATIENCE)
    connection.request("POST", path, b"{}", {"Authorization": authorization} if authorization else {})
    response = connection.getresponse()
    answer = response.status, json.loads(response.read())
    connection.close()
    return answer


def test_what_is_not_on_the_list_is_refused(bench: Bench) -> None:
    status, answer = ask(bench, "/moto", SIGNED)
    assert (status, answer["__type"]) == (501, "NotImplementedException")
    assert "'sagemaker' is not a service" in answer["message"]
    assert ask(bench, "/moto", "")[0] == 403
    assert ask(bench, "/moto/moto-api/reset", SIGNED.replace("/sagemaker/", "/ecr/"))[0] == 501
