"""What GitHub's workflows may do, and which of them."""

import pytest

from tests.terraform.iam import trusted
from tests.terraform.iam_names import (
    BOUND,
    BOUNDARY,
    DATA_KEY,
    EC2,
    ECS,
    HERE,
    LOGS,
    NAME,
    PARAMETERS,
    ROLES,
    SAGEMAKER,
    SECRETS,
    TO_SAGEMAKER,
    TO_TASKS,
    Case,
    family,
    through,
)
from tests.terraform.planned_roles import Identity

PLAN, APPLY = "ci-plan", "ci-apply"
STATE = f"arn:aws:s3:::dev-state/{NAME}/terraform.tfstate"
TRAIL = f"arn:aws:cloudtrail:{HERE}:trail/{NAME}"
KEY = f"arn:aws:kms:{HERE}:key/1"
FORBIDDEN = (
    "cloudtrail:",
    "s3:Put",
    "s3:Delete",
    "kms:PutKeyPolicy",
    "kms:Schedule",
    "ecs:",
    "iam:Update",
    "logs:",
    "sts:",
)
GITHUB = "token.actions.githubusercontent.com"
OURS = {"aws:ResourceTag/Project": "vishwaops"}
NEW = {"aws:RequestTag/Project": "vishwaops"}

ENVIRONMENT = f"arn:aws:ssm:{HERE}:parameter/vishwaops/environment"
SCALING_ROLE = (
    "arn:aws:iam::111111111111:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
)

MAY: list[Case] = [
    (PLAN, "sagemaker:DescribeModelPackageGroup", f"{SAGEMAKER}:model-package-group/student-grades", {}),
    (PLAN, "s3:GetObject", STATE, {}),
    *((role, f"ssm:{verb}", ENVIRONMENT, {}) for role in (PLAN, APPLY) for verb in
      ("GetParameter", "ListTagsForResource")),
    *((role, "ssm:GetParametersByPath", ENVIRONMENT.removesuffix("/environment"), {}) for role in (PLAN, APPLY)),
    *((role, f"servicequotas:{verb}", "*", {}) for role in (PLAN, APPLY) for verb in
      ("GetServiceQuota", "GetAWSDefaultServiceQuota", "ListServiceQuotas", "ListAWSDefaultServiceQuotas")),
    (APPLY, "ssm:PutParameter", ENVIRONMENT, {}),
    (APPLY, "ssm:AddTagsToResource", ENVIRONMENT, {}),
    (APPLY, "sagemaker:DescribeModelPackageGroup", f"{SAGEMAKER}:model-package-group/student-grades", {}),
    (APPLY, "s3:PutObject", STATE, {}),
    (APPLY, "iam:CreateRole", f"{ROLES}-job-new", BOUND),
    (APPLY, "iam:CreateRole", f"{ROLES}-flow-new", BOUND),
    (APPLY, "iam:TagRole", f"{ROLES}-flow-new", {}),
    (APPLY, "iam:PassRole", f"{ROLES}-worker", TO_TASKS),
    (APPLY, "iam:PassRole", f"{ROLES}-features-student-grades", TO_SAGEMAKER),
    (APPLY, "sagemaker:CreateFeatureGroup", f"{SAGEMAKER}:feature-group/student-grades-people", {}),
    (APPLY, "kms:Encrypt", DATA_KEY, through("sagemaker")),
    (APPLY, "ecs:RegisterTaskDefinition", "*", {}),
    (APPLY, "ecs:UpdateService", f"{ECS}:service/{NAME}/{NAME}-worker", {}),
    (APPLY, "ec2:CreateVpcEndpoint", f"{EC2}:vpc/vpc-1", OURS),
    (APPLY, "ec2:CreateVpcEndpoint", f"{EC2}:vpc-endpoint/vpce-1", NEW),
    (APPLY, "ec2:CreateTags", f"{EC2}:vpc-endpoint/vpce-1", {**NEW, "ec2:CreateAction": "CreateVpcEndpoint"}),
    (APPLY, "ec2:AuthorizeSecurityGroupIngress", f"{EC2}:security-group/sg-1", OURS),
    (APPLY, "ssm:PutParameter", f"{PARAMETERS}/role/job/new", {}),
    (APPLY, "sagemaker:PutModelPackageGroupPolicy", f"{SAGEMAKER}:model-package-group/new", {}),
    (APPLY, "sagemaker:UpdateEndpointWeightsAndCapacities", f"{SAGEMAKER}:endpoint/student-grades", {}),
    (APPLY, "cloudwatch:PutMetricAlarm", f"arn:aws:cloudwatch:{HERE}:alarm:TargetTracking-endpoint/x", {}),
    (APPLY, "iam:CreateServiceLinkedRole", SCALING_ROLE, {}),
    *((APPLY, "logs:CreateLogGroup", f"{LOGS}:{group}", {}) for group in
      ("/aws/sagemaker/Endpoints/new", f"/{NAME}/prefect", f"/aws/ecs/containerinsights/{NAME}/performance",
       f"/aws/rds/instance/{NAME}-prefect/upgrade")),
    (APPLY, "ssm:GetParametersByPath", f"{PARAMETERS}/role/flow", {}),
    (APPLY, "cloudwatch:PutMetricAlarm", f"arn:aws:cloudwatch:{HERE}:alarm:{NAME}-new-5xx", {}),
    (APPLY, "s3:PutLifecycleConfiguration", "arn:aws:s3:::dev-data", {}),
    *((APPLY, action, f"arn:aws:ecr:{HERE}:repository/{name}", {}) for name in (NAME, f"{NAME}-model") for action in
      ("ecr:PutImage", "ecr:CompleteLayerUpload", "ecr:DescribeImageScanFindings")),
    (PLAN, "secretsmanager:ListSecretVersionIds", f"{SECRETS}:{NAME}/prefect-auth-string-a", {}),
    (APPLY, "ssm:StartSession", f"{ECS}:task/{NAME}/1", {}),
    (APPLY, "ssm:StartSession", "arn:aws:ssm:us-east-1::document/AWS-StartPortForwardingSession", {}),
]  # fmt: skip

MAY_NOT: list[Case] = [
    (PLAN, "s3:PutObject", STATE, {}),
    (PLAN, "s3:GetObject", "arn:aws:s3:::dev-data/student_enrollment/table/data/1/part-00000.parquet", {}),
    (PLAN, "ssm:PutParameter", f"{PARAMETERS}/bucket/data", {}),
    (APPLY, "iam:CreateRole", f"{ROLES}-job-new", {}),
    (APPLY, "iam:CreateRole", f"{ROLES}-admin", BOUND),
    (APPLY, "iam:CreateServiceLinkedRole", SCALING_ROLE.replace("sagemaker.", "ecs."), {}),
    (APPLY, "iam:PutRolePolicy", f"{ROLES}-worker", BOUND),
    (APPLY, "iam:PutRolePolicy", f"{ROLES}-ci-apply", BOUND),
    (APPLY, "iam:CreatePolicyVersion", BOUNDARY, {}),
    (APPLY, "iam:CreatePolicyVersion", f"arn:aws:iam::111111111111:policy/{NAME}-ci-changing", {}),
    (APPLY, "iam:UpdateAssumeRolePolicy", f"{ROLES}-job-student-grades", {}),
    (APPLY, "iam:UpdateAssumeRolePolicy", f"{ROLES}-worker", {}),
    (APPLY, "iam:DeleteRolePermissionsBoundary", f"{ROLES}-job-student-grades", {}),
    (APPLY, "iam:PassRole", f"{ROLES}-flow-student-grades", TO_TASKS),
    (APPLY, "iam:PassRole", f"{ROLES}-job-student-grades", TO_SAGEMAKER),
    (APPLY, "sts:AssumeRole", f"{ROLES}-flow-student-grades", {}),
    (APPLY, "ecs:RunTask", f"{ECS}:task-definition/{family()}:1", {}),
    (APPLY, "ecs:ExecuteCommand", f"{ECS}:task/{NAME}/1", {}),
    *((APPLY, f"cloudtrail:{verb}", TRAIL, {}) for verb in
      ("StopLogging", "DeleteTrail", "PutEventSelectors", "UpdateTrail", "PutInsightSelectors")),
    *((APPLY, f"s3:{verb}", "arn:aws:s3:::dev-audit", {}) for verb in
      ("PutBucketPolicy", "DeleteBucketPolicy", "PutLifecycleConfiguration", "PutBucketObjectLockConfiguration",
       "PutBucketVersioning", "PutEncryptionConfiguration", "PutBucketPublicAccessBlock", "DeleteBucket")),
    *((APPLY, f"s3:{verb}", "arn:aws:s3:::dev-state", {}) for verb in
      ("PutBucketPolicy", "PutBucketVersioning", "DeleteBucket")),
    (APPLY, "s3:PutBucketPolicy", "arn:aws:s3:::dev-data", {}),
    (APPLY, "s3:BypassGovernanceRetention", "arn:aws:s3:::dev-audit/x", {}),
    (APPLY, "kms:PutKeyPolicy", KEY, OURS),
    (APPLY, "kms:ScheduleKeyDeletion", KEY, OURS),
    (APPLY, "kms:Decrypt", DATA_KEY, through("s3")),
    (APPLY, "logs:DeleteLogGroup", f"{LOGS}:/{NAME}/audit:log-stream:", {}),
    (APPLY, "logs:PutRetentionPolicy", f"{LOGS}:/{NAME}/audit", {}),
    (APPLY, "logs:AssociateKmsKey", f"{LOGS}:/{NAME}/audit", {}),
    (APPLY, "sagemaker:UpdateEndpoint", f"{SAGEMAKER}:endpoint/student-enrollment", {}),
    (APPLY, "sagemaker:UpdateModelPackage", f"{SAGEMAKER}:model-package/student-enrollment/1", {}),
    (APPLY, "ec2:CreateVpcEndpoint", f"{EC2}:vpc/vpc-9", {}),
    (APPLY, "ec2:CreateVpcEndpoint", f"{EC2}:vpc-endpoint/vpce-1", {}),
    (APPLY, "ec2:CreateTags", f"{EC2}:vpc/vpc-9", NEW),
    (APPLY, "ec2:CreateTags", f"{EC2}:vpc-endpoint/vpce-9", NEW),
    (PLAN, "ssm:PutParameter", ENVIRONMENT, {}),
    (PLAN, "ssm:AddTagsToResource", ENVIRONMENT, {}),
    (APPLY, "ssm:DeleteParameter", ENVIRONMENT, {}),
    (APPLY, "ssm:PutParameter", ENVIRONMENT.replace("/environment", "/other/use_cases"), {}),
    (APPLY, "servicequotas:RequestServiceQuotaIncrease", "*", {}),
    (APPLY, "ssm:StartSession", f"{EC2}:instance/i-1", {}),
    (APPLY, "ssm:StartSession", "arn:aws:ssm:us-east-1::document/AWS-StartInteractiveCommand", {}),
    (PLAN, "secretsmanager:GetSecretValue", f"{SECRETS}:{NAME}/prefect-auth-string-a", {}),
    (APPLY, "secretsmanager:GetSecretValue", f"{SECRETS}:{NAME}/a", {}),
]  # fmt: skip


@pytest.mark.parametrize(("role", "action", "resource", "context"), MAY)
def test_ci_can_plan_and_apply(
    role: str, action: str, resource: str, context: dict[str, str], identity: Identity
) -> None:
    assert identity.may(role, action, resource, context)


@pytest.mark.parametrize(("role", "action", "resource", "context"), MAY_NOT)
def test_ci_can_do_nothing_else(
    role: str, action: str, resource: str, context: dict[str, str], identity: Identity
) -> None:
    assert not identity.may(role, action, resource, context)


@pytest.mark.parametrize(
    ("action", "resource"),
    [(action, resource) for role, action, resource, _ in MAY_NOT if role == APPLY and action.startswith(FORBIDDEN)],
)  # fmt: skip
def test_no_later_permission_lets_ci_blind_the_trail_or_rewrite_policies(
    action: str, resource: str, identity: Identity
) -> None:
    assert not identity.with_every_permission().may(APPLY, action, resource)


def test_ci_changes_no_log_group_of_others(identity: Identity) -> None:
    groups = ("/another/team", "/aws/lambda/another", "/aws/rds/instance/another/upgrade")
    assert [group for group in groups if identity.may(APPLY, "logs:DeleteLogGroup", f"{LOGS}:{group}")] == []


def token(subject: str, ref: str, **claims: str) -> dict[str, str]:
    """The condition keys of a GitHub token (GitHub, "OpenID Connect reference"; IAM User Guide, "AWS STS keys")."""
    found = {"aud": "sts.amazonaws.com", "sub": subject, "ref": ref, "repository_id": "456789", **claims}
    return {f"{GITHUB}:{claim}": value for claim, value in found.items()}


@pytest.mark.parametrize("repository", ["example/vishwaops", "example@123456/vishwaops@456789"])
def test_both_forms_of_the_repository_s_subject_are_trusted(repository: str, identity: Identity) -> None:
    pull_request = token(f"repo:{repository}:pull_request", "refs/pull/7/merge")
    on_the_branch = token(f"repo:{repository}:ref:refs/heads/main", "refs/heads/main")
    approved = token(f"repo:{repository}:environment:prod", "refs/heads/main")
    trusts = {role: identity.roles[role].trust for role in (PLAN, APPLY)}
    for plans in (pull_request, on_the_branch):
        assert [trusted(plans, trusts[PLAN]), trusted(plans, trusts[APPLY])] == [True, False]
    assert [trusted(approved, trusts[PLAN]), trusted(approved, trusts[APPLY])] == [False, True]


@pytest.mark.parametrize(
    "refused",
    [
        token("repo:example/vishwaops:environment:prod", "refs/heads/main", repository_id="666"),
        token("repo:example@123456/vishwaops@666:environment:prod", "refs/heads/main"),
        token("repo:example/other:environment:prod", "refs/heads/main"),
        token("repo:example/vishwaops:environment:dev", "refs/heads/main"),
        token("repo:example/vishwaops:environment:prod", "refs/heads/topic"),
        token("repo:example/vishwaops:environment:prod", "refs/heads/main", aud="another"),
    ],
    ids=["reused name", "another id", "other repository", "other environment", "other branch", "other audience"],
)  # fmt: skip
def test_no_other_workflow_applies(refused: dict[str, str], identity: Identity) -> None:
    assert not trusted(refused, identity.roles[APPLY].trust)


@pytest.mark.parametrize(
    "refused",
    [
        token("repo:example/vishwaops:ref:refs/heads/topic", "refs/heads/topic"),
        token("repo:example/vishwaops:ref:refs/heads/main", "refs/heads/topic"),
        token("repo:example/vishwaops:ref:refs/tags/v1", "refs/tags/v1"),
        token("repo:example/vishwaops:pull_request", "refs/heads/main"),
        token("repo:example/other:ref:refs/heads/main", "refs/heads/main"),
        token("repo:example/vishwaops:ref:refs/heads/main", "refs/heads/main", repository_id="666"),
    ],
    ids=["other branch", "another ref", "tag", "no pull request's ref", "other repository", "reused name"],
)  # fmt: skip
def test_no_other_workflow_plans(refused: dict[str, str], identity: Identity) -> None:
    assert not trusted(refused, identity.roles[PLAN].trust)
