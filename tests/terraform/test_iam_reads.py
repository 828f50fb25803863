"""A plan by CI reads every resource and data source of the platform: ci-plan has the permission for each call."""

import re

import pytest

from tasks.platform.terraform import SOURCE
from tests.terraform.iam_names import BOUNDARY, HERE, PARAMETERS, ROLES
from tests.terraform.planned_roles import Identity

READS: dict[str, str] = {
    "aws_appautoscaling_policy": "application-autoscaling: DescribeScalingPolicies",
    "aws_appautoscaling_target": "application-autoscaling: DescribeScalableTargets ListTagsForResource",
    "aws_availability_zones": "ec2: DescribeAvailabilityZones",
    "aws_budgets_budget": "budgets: ViewBudget ListTagsForResource",
    "aws_ce_anomaly_monitor": "ce: GetAnomalyMonitors ListTagsForResource",
    "aws_ce_anomaly_subscription": "ce: GetAnomalySubscriptions ListTagsForResource",
    "aws_cloudtrail": "cloudtrail: DescribeTrails GetTrailStatus GetEventSelectors GetInsightSelectors ListTags",
    "aws_cloudwatch_composite_alarm": "cloudwatch: DescribeAlarms ListTagsForResource",
    "aws_cloudwatch_dashboard": "cloudwatch: GetDashboard",
    "aws_cloudwatch_event_api_destination": "events: DescribeApiDestination",
    "aws_cloudwatch_event_connection": "events: DescribeConnection",
    "aws_cloudwatch_event_rule": "events: DescribeRule ListTagsForResource",
    "aws_cloudwatch_event_target": "events: ListTargetsByRule",
    "aws_cloudwatch_log_group": "logs: DescribeLogGroups ListTagsForResource",
    "aws_cloudwatch_log_metric_filter": "logs: DescribeMetricFilters",
    "aws_cloudwatch_metric_alarm": "cloudwatch: DescribeAlarms ListTagsForResource",
    "aws_db_instance": "rds: DescribeDBInstances ListTagsForResource",
    "aws_db_parameter_group": "rds: DescribeDBParameterGroups DescribeDBParameters ListTagsForResource",
    "aws_db_subnet_group": "rds: DescribeDBSubnetGroups ListTagsForResource",
    "aws_default_security_group": "ec2: DescribeSecurityGroups",
    "aws_ecr_lifecycle_policy": "ecr: GetLifecyclePolicy",
    "aws_ecr_repository": "ecr: DescribeRepositories ListTagsForResource",
    "aws_ecs_cluster": "ecs: DescribeClusters ListTagsForResource",
    "aws_ecs_cluster_capacity_providers": "ecs: DescribeClusters",
    "aws_ecs_service": "ecs: DescribeServices ListTagsForResource",
    "aws_ecs_task_definition": "ecs: DescribeTaskDefinition ListTagsForResource",
    "aws_eip": "ec2: DescribeAddresses DescribeAddressesAttribute",
    "aws_flow_log": "ec2: DescribeFlowLogs",
    "aws_glue_catalog_database": "glue: GetDatabase GetTags",
    "aws_iam_openid_connect_provider": "iam: GetOpenIDConnectProvider",
    "aws_iam_policy": "iam: GetPolicy GetPolicyVersion ListPolicyVersions",
    "aws_iam_role": "iam: GetRole ListRolePolicies ListAttachedRolePolicies",
    "aws_iam_role_policy": "iam: GetRolePolicy",
    "aws_iam_role_policy_attachment": "iam: ListAttachedRolePolicies",
    "aws_internet_gateway": "ec2: DescribeInternetGateways",
    "aws_kms_alias": "kms: ListAliases",
    "aws_kms_key": "kms: DescribeKey GetKeyPolicy GetKeyRotationStatus ListResourceTags",
    "aws_nat_gateway": "ec2: DescribeNatGateways",
    "aws_partition": "",
    "aws_prefix_list": "ec2: DescribePrefixLists",
    "aws_route": "ec2: DescribeRouteTables",
    "aws_route_table": "ec2: DescribeRouteTables",
    "aws_route_table_association": "ec2: DescribeRouteTables",
    "aws_s3_bucket": (
        "s3: ListBucket GetBucketPolicy GetBucketAcl GetBucketCORS GetBucketWebsite GetBucketVersioning "
        "GetAccelerateConfiguration GetBucketRequestPayment GetBucketLogging GetLifecycleConfiguration "
        "GetBucketLocation GetReplicationConfiguration GetEncryptionConfiguration "
        "GetBucketObjectLockConfiguration GetBucketTagging"
    ),
    "aws_s3_bucket_lifecycle_configuration": "s3: GetLifecycleConfiguration",
    "aws_s3_bucket_logging": "s3: GetBucketLogging",
    "aws_s3_bucket_notification": "s3: GetBucketNotification",
    "aws_s3_bucket_object_lock_configuration": "s3: GetBucketObjectLockConfiguration",
    "aws_s3_bucket_ownership_controls": "s3: GetBucketOwnershipControls",
    "aws_s3_bucket_policy": "s3: GetBucketPolicy",
    "aws_s3_bucket_public_access_block": "s3: GetBucketPublicAccessBlock",
    "aws_s3_bucket_server_side_encryption_configuration": "s3: GetEncryptionConfiguration",
    "aws_s3_bucket_versioning": "s3: GetBucketVersioning",
    "aws_sagemaker_feature_group": "sagemaker: DescribeFeatureGroup ListTags",
    "aws_sagemaker_mlflow_tracking_server": "sagemaker: DescribeMlflowTrackingServer ListTags",
    "aws_sagemaker_model_package_group": "sagemaker: DescribeModelPackageGroup ListTags",
    "aws_sagemaker_model_package_group_policy": "sagemaker: GetModelPackageGroupPolicy",
    "aws_sagemaker_prebuilt_ecr_image": "",
    "aws_scheduler_schedule": "scheduler: GetSchedule",
    "aws_secretsmanager_secret": "secretsmanager: DescribeSecret GetResourcePolicy",
    "aws_secretsmanager_secret_versions": "secretsmanager: ListSecretVersionIds",
    "aws_security_group": "ec2: DescribeSecurityGroups",
    "aws_service_discovery_private_dns_namespace": "servicediscovery: GetNamespace ListTagsForResource",
    "aws_service_discovery_service": "servicediscovery: GetService ListTagsForResource",
    "aws_servicequotas_service_quota": "servicequotas: ListServiceQuotas GetServiceQuota GetAWSDefaultServiceQuota",
    "aws_sns_topic": "sns: GetTopicAttributes ListTagsForResource",
    "aws_sns_topic_policy": "sns: GetTopicAttributes",
    "aws_sns_topic_subscription": "sns: GetSubscriptionAttributes",
    "aws_sqs_queue": "sqs: GetQueueAttributes ListQueueTags",
    "aws_sqs_queue_policy": "sqs: GetQueueAttributes",
    "aws_ssm_parameter": "ssm: GetParameter ListTagsForResource",
    "aws_ssm_parameters_by_path": "ssm: GetParametersByPath",
    "aws_subnet": "ec2: DescribeSubnets",
    "aws_vpc": "ec2: DescribeVpcs DescribeVpcAttribute DescribeNetworkAcls DescribeRouteTables DescribeSecurityGroups",
    "aws_vpc_endpoint": "ec2: DescribeVpcEndpoints DescribePrefixLists",
    "aws_vpc_endpoint_service": "ec2: DescribeVpcEndpointServices",
    "aws_vpc_security_group_egress_rule": "ec2: DescribeSecurityGroupRules",
    "aws_vpc_security_group_ingress_rule": "ec2: DescribeSecurityGroupRules",
}
"""The calls with which the AWS provider reads a resource or data source (hashicorp/aws 5.100, internal/service)."""

RESOURCES = {
    "aws_iam_openid_connect_provider": "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com",
    "aws_iam_policy": BOUNDARY,
    "aws_ssm_parameter": f"{PARAMETERS}/bucket/data",
    "aws_ssm_parameters_by_path": f"arn:aws:ssm:{HERE}:parameter/vishwaops",
}
"""What is read where a permission names it; `*` for the others, but for roles and buckets."""


def used() -> set[str]:
    """The types of the platform's resources and data sources. Bootstrap is an administrator's."""
    files = [file for folder in ("platform", "modules") for file in (SOURCE / folder).rglob("*.tf")]
    declared = r'^(?:resource|\s*data) "(aws_\w+)"'
    return {kind for file in files for kind in re.findall(declared, file.read_text(), re.M)}


def resource(kind: str) -> str:
    default = "arn:aws:s3:::dev-data" if kind.startswith("aws_s3_") else f"{ROLES}-worker" if "iam" in kind else "*"
    return RESOURCES.get(kind, default)


def test_every_type_in_the_sources_is_listed() -> None:
    assert {"aws_iam_role", "aws_servicequotas_service_quota"} < used()
    assert used() - READS.keys() == set()


@pytest.mark.parametrize("kind", sorted(used() & READS.keys()))
def test_a_plan_by_ci_may_read_each_type(kind: str, identity: Identity) -> None:
    service, _, verbs = READS[kind].partition(": ")
    actions = [f"{service}:{verb}" for verb in verbs.split()]
    assert [action for action in actions if not identity.may("ci-plan", action, resource(kind))] == []
