# GitHub's workflows assume roles by OIDC: there is no key to leak. A pull request's workflow can only plan; only the
# approved environment's can apply. Neither can change its own role, the boundary or the provider: an administrator does.
locals {
  github = var.github_repository == null ? 0 : 1

  github_host     = "token.actions.githubusercontent.com"
  github_provider = "arn:aws:iam::${var.account_id}:oidc-provider/${local.github_host}"

  github_trust = {
    for subject in ["pull_request", "environment:${var.github_environment}"] : subject => jsonencode([{
      Effect    = "Allow"
      Principal = { Federated = local.github_provider }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = {
          "${local.github_host}:aud" = "sts.amazonaws.com"
          "${local.github_host}:sub" = "repo:${coalesce(var.github_repository, "none/none")}:${subject}"
        }
      }
    }])
  }

  state = "arn:aws:s3:::${var.state_bucket}"

  # What a plan reads of these services.
  reading = [
    {
      Sid    = "Describe"
      Effect = "Allow"
      Action = [
        "application-autoscaling:Describe*", "application-autoscaling:ListTagsForResource", "budgets:Describe*",
        "budgets:ListTagsForResource", "budgets:ViewBudget", "ce:Get*", "ce:ListTagsForResource", "cloudtrail:Describe*",
        "cloudtrail:Get*", "cloudtrail:ListTags", "cloudwatch:Describe*", "cloudwatch:GetDashboard",
        "cloudwatch:ListTagsForResource", "ec2:Describe*", "ecr:Describe*", "ecr:GetLifecyclePolicy",
        "ecr:GetRepositoryPolicy", "ecr:ListTagsForResource", "ecs:Describe*", "ecs:List*", "events:Describe*",
        "events:List*", "kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListAliases",
        "kms:ListResourceTags", "logs:Describe*", "logs:ListTagsForResource", "rds:Describe*", "rds:ListTagsForResource",
        "route53:GetHostedZone", "sagemaker:Describe*", "sagemaker:ListTags", "secretsmanager:DescribeSecret",
        "secretsmanager:GetResourcePolicy", "servicediscovery:Get*", "servicediscovery:ListTagsForResource",
        "sns:Get*", "sns:List*", "sqs:GetQueueAttributes", "sqs:ListQueueTags", "ssm:DescribeParameters",
      ]
      Resource = "*"
    },
    {
      Sid      = "ReadIdentity"
      Effect   = "Allow"
      Action   = ["iam:Get*", "iam:List*"]
      Resource = ["${local.arn.roles}-*", "${local.arn.policies}-*", local.github_provider]
    },
    {
      Sid      = "ReadBuckets"
      Effect   = "Allow"
      Action   = ["s3:GetAccelerateConfiguration", "s3:GetBucket*", "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration", "s3:GetReplicationConfiguration", "s3:ListBucket"]
      Resource = values(local.bucket)
    },
    {
      Sid      = "ReadParameters"
      Effect   = "Allow"
      Action   = ["ssm:GetParameter", "ssm:GetParameters", "ssm:ListTagsForResource"]
      Resource = "${local.arn.parameters}/*"
    },
    {
      Sid      = "ReadState"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:ListBucket"]
      Resource = [local.state, "${local.state}/${var.name}/*"]
    },
    {
      Sid       = "StateKey"
      Effect    = "Allow"
      Action    = "kms:Decrypt"
      Resource  = "arn:aws:kms:${var.region}:${var.account_id}:key/*"
      Condition = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" }, StringLike = { "kms:EncryptionContext:aws:s3:arn" = "${local.state}*" } }
    },
  ]

  changes = {
    application-autoscaling = ["DeleteScalingPolicy", "DeregisterScalableTarget", "PutScalingPolicy", "RegisterScalableTarget", "TagResource"]
    cloudtrail              = ["AddTags", "PutEventSelectors", "StartLogging", "UpdateTrail"]
    cloudwatch              = ["DeleteAlarms", "DeleteDashboards", "PutCompositeAlarm", "PutDashboard", "PutMetricAlarm", "TagResource"]
    ecr                     = ["CreateRepository", "PutImage", "PutLifecyclePolicy", "TagResource"]
    ecs                     = ["CreateService", "DeregisterTaskDefinition", "RegisterTaskDefinition", "TagResource", "UpdateCluster", "UpdateService"]
    events                  = ["DeleteRule", "PutRule", "PutTargets", "RemoveTargets", "TagResource", "UpdateApiDestination", "UpdateConnection"]
    logs                    = ["AssociateKmsKey", "CreateLogGroup", "DeleteLogGroup", "PutRetentionPolicy", "TagResource"]
    rds                     = ["AddTagsToResource", "ModifyDBInstance", "ModifyDBParameterGroup", "ModifyDBSubnetGroup"]
    sagemaker               = ["AddTags", "CreateFeatureGroup", "CreateModelPackageGroup", "UpdateFeatureGroup", "UpdateMlflowTrackingServer"]
    secretsmanager          = ["TagResource", "UpdateSecret"]
    servicediscovery        = ["TagResource", "UpdateService"]
    sns                     = ["SetTopicAttributes", "Subscribe", "TagResource"]
    sqs                     = ["SetQueueAttributes", "TagQueue"]
    ssm                     = ["AddTagsToResource", "DeleteParameter", "PutParameter"]
  }

  own_resources = [
    "arn:aws:application-autoscaling:${var.region}:${var.account_id}:scalable-target/*",
    "arn:aws:autoscaling:${var.region}:${var.account_id}:scalingPolicy:*",
    "arn:aws:cloudtrail:${var.region}:${var.account_id}:trail/${var.name}",
    "arn:aws:cloudwatch:${var.region}:${var.account_id}:alarm:${var.name}-*",
    "arn:aws:cloudwatch::${var.account_id}:dashboard/${var.name}*",
    "arn:aws:ecr:${var.region}:${var.account_id}:repository/${var.name}*",
    "arn:aws:ecs:${var.region}:${var.account_id}:*/${var.name}*",
    "arn:aws:events:${var.region}:${var.account_id}:*/${var.name}*",
    "arn:aws:logs:${var.region}:${var.account_id}:log-group:*",
    "arn:aws:rds:${var.region}:${var.account_id}:*:${var.name}*",
    "arn:aws:sagemaker:${var.region}:${var.account_id}:model-package-group/*",
    "arn:aws:sagemaker:${var.region}:${var.account_id}:feature-group/*",
    "arn:aws:sagemaker:${var.region}:${var.account_id}:mlflow-tracking-server/${var.name}*",
    "arn:aws:secretsmanager:${var.region}:${var.account_id}:secret:${var.name}/*",
    "arn:aws:servicediscovery:${var.region}:${var.account_id}:*",
    "arn:aws:sns:${var.region}:${var.account_id}:${var.name}-*",
    "arn:aws:sqs:${var.region}:${var.account_id}:${var.name}-*",
    "${local.arn.parameters}/*",
  ]
}

resource "aws_iam_openid_connect_provider" "github" {
  count = var.create_github_provider ? local.github : 0

  url            = "https://${local.github_host}"
  client_id_list = ["sts.amazonaws.com"]
  tags           = var.tags
}

module "ci_plan" {
  source = "../role"
  count  = local.github

  name        = "${var.name}-ci-plan"
  description = "A pull request's workflow of ${coalesce(var.github_repository, "none")}: plans, changes nothing"
  trust       = local.github_trust["pull_request"]
  permissions = jsonencode(local.reading)
  tags        = var.tags
}

module "ci_apply" {
  source = "../role"
  count  = local.github

  name        = "${var.name}-ci-apply"
  description = "The approved environment's workflow of ${coalesce(var.github_repository, "none")}: applies"
  trust       = local.github_trust["environment:${var.github_environment}"]
  tags        = var.tags

  permissions = jsonencode(concat(local.reading, [
    {
      Sid      = "Change"
      Effect   = "Allow"
      Action   = flatten([for service, verbs in local.changes : [for verb in verbs : "${service}:${verb}"]])
      Resource = local.own_resources
    },
    {
      Sid      = "PushImages"
      Effect   = "Allow"
      Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart"]
      Resource = local.arn.repository
    },
    {
      Sid      = "ImageLogin"
      Effect   = "Allow"
      Action   = "ecr:GetAuthorizationToken"
      Resource = "*"
    },
    {
      Sid      = "ChangeBuckets"
      Effect   = "Allow"
      Action   = ["s3:CreateBucket", "s3:DeleteBucketPolicy", "s3:PutBucket*", "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration"]
      Resource = values(local.bucket)
    },
    {
      Sid      = "WriteState"
      Effect   = "Allow"
      Action   = ["s3:DeleteObject", "s3:PutObject"]
      Resource = "${local.state}/${var.name}/*"
    },
    {
      Sid       = "StateKeyWrite"
      Effect    = "Allow"
      Action    = "kms:GenerateDataKey"
      Resource  = "arn:aws:kms:${var.region}:${var.account_id}:key/*"
      Condition = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" }, StringLike = { "kms:EncryptionContext:aws:s3:arn" = "${local.state}*" } }
    },
    {
      Sid       = "ChangeKeys"
      Effect    = "Allow"
      Action    = ["kms:CreateGrant", "kms:EnableKeyRotation", "kms:PutKeyPolicy", "kms:TagResource", "kms:UntagResource", "kms:UpdateAlias", "kms:UpdateKeyDescription"]
      Resource  = "arn:aws:kms:${var.region}:${var.account_id}:key/*"
      Condition = { StringEquals = { "aws:ResourceTag/Project" = lookup(var.tags, "Project", var.name) } }
    },
    {
      Sid       = "ChangeNetwork"
      Effect    = "Allow"
      Action    = ["ec2:AuthorizeSecurityGroup*", "ec2:CreateTags", "ec2:CreateVpcEndpoint", "ec2:DeleteVpcEndpoints", "ec2:Modify*", "ec2:RevokeSecurityGroup*"]
      Resource  = "arn:aws:ec2:${var.region}:${var.account_id}:*"
      Condition = { StringEquals = { "aws:ResourceTag/Project" = lookup(var.tags, "Project", var.name) } }
    },
    {
      Sid      = "ChangeBudget"
      Effect   = "Allow"
      Action   = ["budgets:ModifyBudget", "ce:UpdateAnomalyMonitor", "ce:UpdateAnomalySubscription"]
      Resource = ["arn:aws:budgets::${var.account_id}:budget/${var.name}*", "arn:aws:ce::${var.account_id}:anomaly*"]
    },
    {
      Sid       = "CreateRolesWithinTheBoundary"
      Effect    = "Allow"
      Action    = ["iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"]
      Resource  = "${local.arn.roles}-*"
      Condition = { StringEquals = { "iam:PermissionsBoundary" = aws_iam_policy.boundary.arn } }
    },
    {
      Sid      = "ChangeRoles"
      Effect   = "Allow"
      Action   = ["iam:DeleteRole", "iam:DeleteRolePolicy", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole"]
      Resource = ["${local.arn.roles}-job-*", "${local.arn.roles}-endpoint-*"]
    },
    {
      Sid       = "HandRoles"
      Effect    = "Allow"
      Action    = "iam:PassRole"
      Resource  = [for role in ["execution", "events", "flow", "monitoring", "tracking", "trail", "worker"] : "${local.arn.roles}-${role}"]
      Condition = { StringEquals = { "iam:PassedToService" = ["cloudtrail.amazonaws.com", "ecs-tasks.amazonaws.com", "events.amazonaws.com", "monitoring.rds.amazonaws.com", "sagemaker.amazonaws.com"] } }
    },
    {
      Sid      = "NotItselfNotTheBoundary"
      Effect   = "Deny"
      Action   = ["iam:Add*", "iam:Attach*", "iam:Create*", "iam:Delete*", "iam:Detach*", "iam:Put*", "iam:Remove*", "iam:Set*", "iam:Tag*", "iam:Untag*", "iam:Update*"]
      Resource = ["${local.arn.roles}-ci-*", aws_iam_policy.boundary.arn, local.github_provider]
    },
    {
      Sid      = "NoBlindSpot"
      Effect   = "Deny"
      Action   = ["cloudtrail:DeleteTrail", "cloudtrail:StopLogging", "iam:DeleteRolePermissionsBoundary", "kms:DisableKey*", "kms:ScheduleKeyDeletion", "s3:BypassGovernanceRetention"]
      Resource = "*"
    },
    {
      Sid      = "NoModelChanges"
      Effect   = "Deny"
      Action   = ["sagemaker:CreateEndpoint*", "sagemaker:CreateTrainingJob", "sagemaker:DeleteEndpoint*", "sagemaker:UpdateEndpoint", "sagemaker:UpdateModelPackage"]
      Resource = "*"
    },
    {
      Sid      = "NoRowsNoSecrets"
      Effect   = "Deny"
      Action   = ["s3:GetObject", "secretsmanager:GetSecretValue"]
      Resource = concat([for purpose in ["data", "monitoring", "audit"] : "${local.bucket[purpose]}/*"], [local.arn.secrets])
    },
  ]))
}
