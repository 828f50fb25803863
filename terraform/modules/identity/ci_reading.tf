# What a plan reads, also the one before an apply.
locals {
  state     = "${local.aws}:s3:::${var.state_bucket}"
  state_key = { StringEquals = { "kms:ViaService" = local.through.s3 }, StringLike = { "kms:EncryptionContext:aws:s3:arn" = "${local.state}*" } }
  keys      = "${local.aws}:kms:${local.here}:key/*"

  # One parameter is the account's: which environment it has. A plan reads all of its path to find another environment's.
  account_parameters = "${local.aws}:ssm:${local.here}:parameter${dirname(var.parameter_prefix)}"
  account_parameter  = "${local.account_parameters}/environment"

  reading = [
    {
      Sid    = "Describe"
      Effect = "Allow"
      Action = [
        "application-autoscaling:Describe*", "application-autoscaling:ListTagsForResource", "budgets:Describe*",
        "budgets:ListTagsForResource", "budgets:ViewBudget", "ce:Get*", "ce:ListTagsForResource", "cloudtrail:Describe*",
        "cloudtrail:Get*", "cloudtrail:ListTags", "cloudwatch:Describe*", "cloudwatch:GetDashboard",
        "cloudwatch:ListTagsForResource", "ec2:Describe*", "ec2:GetManagedPrefixListEntries", "ecr:Describe*", "ecr:GetLifecyclePolicy",
        "ecr:GetRepositoryPolicy", "ecr:ListTagsForResource", "ecs:Describe*", "ecs:List*", "events:Describe*",
        "events:List*", "glue:GetDatabase", "glue:GetTags", "kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListAliases",
        "kms:ListResourceTags", "logs:Describe*", "logs:ListTagsForResource", "rds:Describe*", "rds:ListTagsForResource",
        "route53:GetHostedZone", "sagemaker:Describe*", "sagemaker:GetModelPackageGroupPolicy", "sagemaker:ListTags", "scheduler:Get*", "scheduler:ListTagsForResource",
        "secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy", "secretsmanager:ListSecretVersionIds",
        "servicediscovery:Get*", "servicediscovery:ListTagsForResource",
        "servicequotas:GetAWSDefaultServiceQuota", "servicequotas:GetServiceQuota", "servicequotas:ListAWSDefaultServiceQuotas",
        "servicequotas:ListServiceQuotas", "sns:Get*", "sns:List*", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags", "ssm:DescribeParameters",
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
      Action   = ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath", "ssm:ListTagsForResource"]
      Resource = ["${local.arn.parameters}/*", local.account_parameter]
    },
    {
      Sid      = "FindEnvironments"
      Effect   = "Allow"
      Action   = "ssm:GetParametersByPath"
      Resource = local.account_parameters
    },
  ]

  reading_state = [
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
      Resource  = local.keys
      Condition = local.state_key
    },
  ]
}
