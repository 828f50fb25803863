# What an apply by CI changes. New kinds of resources, and every trust, bucket and key policy, are an administrator's.
locals {
  changes = {
    application-autoscaling = ["DeleteScalingPolicy", "DeregisterScalableTarget", "PutScalingPolicy", "RegisterScalableTarget", "TagResource"]
    cloudwatch              = ["DeleteAlarms", "DeleteDashboards", "PutCompositeAlarm", "PutDashboard", "PutMetricAlarm", "TagResource"]
    ecr                     = ["CreateRepository", "PutImage", "PutLifecyclePolicy", "TagResource"]
    ecs                     = ["CreateService", "TagResource", "UpdateCluster", "UpdateService"]
    events                  = ["DeleteRule", "PutRule", "PutTargets", "RemoveTargets", "TagResource", "UpdateApiDestination", "UpdateConnection"]
    glue                    = ["TagResource", "UpdateDatabase"]
    logs                    = ["AssociateKmsKey", "CreateLogGroup", "DeleteLogGroup", "PutRetentionPolicy", "TagResource"]
    rds                     = ["AddTagsToResource", "ModifyDBInstance", "ModifyDBParameterGroup", "ModifyDBSubnetGroup"]
    sagemaker               = ["AddTags", "CreateFeatureGroup", "CreateModelPackageGroup", "PutModelPackageGroupPolicy", "UpdateFeatureGroup", "UpdateMlflowTrackingServer"]
    scheduler               = ["UpdateSchedule"]
    secretsmanager          = ["TagResource", "UpdateSecret"]
    servicediscovery        = ["UpdateService"]
    sns                     = ["SetTopicAttributes", "Subscribe", "TagResource"]
    sqs                     = ["SetQueueAttributes", "TagQueue"]
    ssm                     = ["AddTagsToResource", "DeleteParameter", "PutParameter"]
  }

  own_resources = concat(
    [
      "${local.aws}:cloudwatch::${var.account_id}:dashboard/${var.name}*", "${local.arn.parameters}/*", local.arn.mlflow,
      "${local.arn.sagemaker}:model-package-group/*", "${local.arn.sagemaker}:feature-group/*", "${local.arn.sqs}-*",
    ],
    [
      for resource in [
        "application-autoscaling:@:scalable-target/*", "autoscaling:@:scalingPolicy:*", "cloudwatch:@:alarm:${var.name}-*", "ecr:@:repository/${var.name}*",
        "ecs:@:*/${var.name}*", "glue:@:catalog", "glue:@:database/${var.database}", "events:@:*/${var.name}*", "logs:@:log-group:/${var.name}/*", "logs:@:log-group:/aws/*/${var.name}*",
        "logs:@:log-group:/aws/sagemaker/*", "rds:@:*:${var.name}*", "scheduler:@:schedule/*/${var.name}*",
        "secretsmanager:@:secret:${var.name}/*", "servicediscovery:@:*", "sns:@:${var.name}-*",
      ] : "${local.aws}:${replace(resource, "@", local.here)}"
    ],
  )

  changing = [
    {
      Sid      = "Change"
      Effect   = "Allow"
      Action   = flatten([for service, verbs in local.changes : [for verb in verbs : "${service}:${verb}"]])
      Resource = local.own_resources
    },
    {
      # Created by the first apply, which is an administrator's. CI changes its tags, and can't remove it.
      Sid      = "OwnEnvironment"
      Effect   = "Allow"
      Action   = ["ssm:AddTagsToResource", "ssm:PutParameter"]
      Resource = local.account_parameter
    },
    {
      Sid      = "PushImages"
      Effect   = "Allow"
      Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart"]
      Resource = [local.arn.repository, local.arn.model_images]
    },
    {
      Sid      = "WithoutResource"
      Effect   = "Allow"
      Action   = ["ecr:GetAuthorizationToken", "ecs:DeregisterTaskDefinition", "ecs:RegisterTaskDefinition"]
      Resource = "*"
    },
    {
      # A deployment reaches a self-hosted Prefect server through a forwarded port.
      Sid      = "ForwardPort"
      Effect   = "Allow"
      Action   = "ssm:StartSession"
      Resource = ["${local.arn.ecs}:task/${var.name}/*", "${local.aws}:ssm:${var.region}::document/AWS-StartPortForwardingSession"]
    },
    {
      Sid      = "ChangeBuckets"
      Effect   = "Allow"
      Action   = ["s3:PutBucketLogging", "s3:PutBucketNotification", "s3:PutBucketTagging", "s3:PutLifecycleConfiguration"]
      Resource = [for purpose, bucket in local.bucket : bucket if purpose != "audit"]
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
      Resource  = local.keys
      Condition = local.state_key
    },
    {
      Sid       = "ChangeKeys"
      Effect    = "Allow"
      Action    = ["kms:EnableKeyRotation", "kms:TagResource", "kms:UntagResource", "kms:UpdateAlias", "kms:UpdateKeyDescription"]
      Resource  = local.keys
      Condition = { StringEquals = { "aws:ResourceTag/Project" = local.project } }
    },
    {
      # The caller of CreateFeatureGroup needs these on the online store's key (API reference, OnlineStoreSecurityConfig).
      Sid       = "FeatureStoreKey"
      Effect    = "Allow"
      Action    = [for verb in ["CreateGrant", "Decrypt", "Encrypt", "GenerateDataKey", "ListGrants", "ReEncrypt*", "RevokeGrant"] : "kms:${verb}"]
      Resource  = var.data_key_arn
      Condition = { StringEquals = { "kms:ViaService" = local.through.sagemaker } }
    },
    {
      Sid      = "FeatureStoreKeyGrants"
      Effect   = "Allow"
      Action   = "kms:RetireGrant"
      Resource = var.data_key_arn
    },
    {
      Sid      = "ChangeBudget"
      Effect   = "Allow"
      Action   = ["budgets:ModifyBudget", "ce:UpdateAnomalyMonitor", "ce:UpdateAnomalySubscription"]
      Resource = ["${local.aws}:budgets::${var.account_id}:budget/${var.name}*", "${local.aws}:ce::${var.account_id}:anomaly*"]
    },
  ]
}
