# What CI creates: parts of the platform's network, and the roles of new use cases. And what it never does.
locals {
  of_project      = { "aws:ResourceTag/Project" = local.project }
  use_case_roles  = [for kind in ["endpoint", "features", "flow", "job"] : "${local.arn.roles}-${kind}-*"]
  service_roles   = [for role in ["events", "execution", "features-*", "monitoring", "scheduler", "server", "tracking", "trail", "worker"] : "${local.arn.roles}-${role}"]
  passed_services = [for service in ["cloudtrail", "ecs-tasks", "events", "monitoring.rds", "sagemaker", "scheduler"] : "${service}.amazonaws.com"]

  creating = [
    {
      Sid       = "ChangeNetwork"
      Effect    = "Allow"
      Action    = ["ec2:AuthorizeSecurityGroup*", "ec2:CreateTags", "ec2:CreateVpcEndpoint", "ec2:DeleteVpcEndpoints", "ec2:Modify*", "ec2:RevokeSecurityGroup*"]
      Resource  = "${local.arn.ec2}:*"
      Condition = { StringEquals = local.of_project }
    },
    {
      # A new resource has no tag yet: the request has it.
      Sid       = "CreateEndpoint"
      Effect    = "Allow"
      Action    = "ec2:CreateVpcEndpoint"
      Resource  = "${local.arn.ec2}:vpc-endpoint/*"
      Condition = { StringEquals = { "aws:RequestTag/Project" = local.project } }
    },
    {
      # Its security group is checked above.
      Sid      = "CreateRule"
      Effect   = "Allow"
      Action   = "ec2:AuthorizeSecurityGroup*"
      Resource = "${local.arn.ec2}:security-group-rule/*"
    },
    {
      # Only while it creates one: nothing else becomes the project's by a tag.
      Sid       = "TagNewNetwork"
      Effect    = "Allow"
      Action    = "ec2:CreateTags"
      Resource  = ["${local.arn.ec2}:security-group-rule/*", "${local.arn.ec2}:vpc-endpoint/*"]
      Condition = { StringEquals = { "ec2:CreateAction" = ["AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress", "CreateVpcEndpoint"] } }
    },
    {
      Sid       = "CreateRolesWithinTheBoundary"
      Effect    = "Allow"
      Action    = ["iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"]
      Resource  = local.use_case_roles
      Condition = { StringEquals = { "iam:PermissionsBoundary" = aws_iam_policy.boundary.arn } }
    },
    {
      Sid      = "ChangeRoles"
      Effect   = "Allow"
      Action   = ["iam:DeleteRole", "iam:DeleteRolePolicy", "iam:TagRole", "iam:UntagRole", "iam:UpdateRole"]
      Resource = local.use_case_roles
    },
    {
      # Application Auto Scaling asks this of whoever registers an endpoint (SageMaker Developer Guide, "Auto scaling
      # prerequisites"). The account's first one creates the service's own role.
      Sid    = "ScaleEndpoints"
      Effect = "Allow"
      Action = ["cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm", "iam:CreateServiceLinkedRole", "sagemaker:UpdateEndpointWeightsAndCapacities"]
      Resource = concat(
        ["${local.aws}:cloudwatch:${local.here}:alarm:TargetTracking-endpoint/*", "${local.arn.sagemaker}:endpoint/*"],
        ["${local.aws}:iam::${var.account_id}:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/*"],
      )
    },
    {
      # Not the flows': CI starts no task as one of them.
      Sid       = "HandRoles"
      Effect    = "Allow"
      Action    = "iam:PassRole"
      Resource  = local.service_roles
      Condition = { StringEquals = { "iam:PassedToService" = local.passed_services } }
    },
  ]

  forbidden = [
    {
      Sid      = "NotItselfNotTheBoundary"
      Effect   = "Deny"
      Action   = [for verb in ["Add", "Attach", "Create", "Delete", "Detach", "Put", "Remove", "Set", "Tag", "Untag", "Update"] : "iam:${verb}*"]
      Resource = ["${local.arn.roles}-ci-*", "${local.arn.policies}-ci-*", aws_iam_policy.boundary.arn, local.github_provider]
    },
    {
      Sid      = "NoTrustBucketOrKeyPolicy"
      Effect   = "Deny"
      Action   = ["iam:DeleteRolePermissionsBoundary", "iam:UpdateAssumeRolePolicy", "kms:DisableKey*", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "s3:*BucketPolicy", "s3:PutBucketPublicAccessBlock"]
      Resource = "*"
    },
    {
      Sid      = "NoBlindSpot"
      Effect   = "Deny"
      Action   = ["cloudtrail:Delete*", "cloudtrail:Put*", "cloudtrail:Stop*", "cloudtrail:Update*", "s3:BypassGovernanceRetention"]
      Resource = "*"
    },
    {
      Sid    = "NoAuditTampering"
      Effect = "Deny"
      Action = ["logs:Associate*", "logs:Delete*", "logs:Disassociate*", "logs:Put*", "s3:DeleteBucket*", "s3:PutBucket*", "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration", "s3:PutObjectLegalHold", "s3:PutObjectRetention"]
      Resource = [
        local.bucket.audit, "${local.bucket.audit}/*", local.state,
        "${local.arn.logs}:/${var.name}/audit", "${local.arn.logs}:/${var.name}/audit:*",
      ]
    },
    {
      Sid      = "NoModelChangesNoTasks"
      Effect   = "Deny"
      Action   = ["ecs:ExecuteCommand", "ecs:RunTask", "ecs:StartTask", "sagemaker:CreateEndpoint*", "sagemaker:CreateTrainingJob", "sagemaker:DeleteEndpoint*", "sagemaker:UpdateEndpoint", "sagemaker:UpdateModelPackage"]
      Resource = "*"
    },
    {
      Sid      = "NoFlowRoles"
      Effect   = "Deny"
      Action   = ["iam:PassRole", "sts:AssumeRole"]
      Resource = [for kind in ["endpoint", "flow", "job"] : "${local.arn.roles}-${kind}-*"]
    },
    {
      Sid      = "NoRowsNoSecrets"
      Effect   = "Deny"
      Action   = ["s3:GetObject", "secretsmanager:GetSecretValue"]
      Resource = concat([for purpose in ["data", "monitoring", "audit"] : "${local.bucket[purpose]}/*"], [local.arn.secrets])
    },
  ]
}
