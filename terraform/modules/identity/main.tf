data "aws_partition" "current" {}

data "aws_sagemaker_prebuilt_ecr_image" "this" {
  count = var.image_account_id == null ? 1 : 0

  repository_name = "sagemaker-xgboost"
  region          = var.region
}

locals {
  slugs   = { for use_case in var.use_cases : use_case => replace(use_case, "_", "-") }
  project = lookup(var.tags, "Project", var.name)

  aws  = "arn:${data.aws_partition.current.partition}"
  here = "${var.region}:${var.account_id}"

  arn = {
    roles          = "${local.aws}:iam::${var.account_id}:role/${var.name}"
    policies       = "${local.aws}:iam::${var.account_id}:policy/${var.name}"
    sagemaker      = "${local.aws}:sagemaker:${local.here}"
    mlflow         = "${local.aws}:sagemaker:${local.here}:mlflow-tracking-server/${var.name}"
    ecs            = "${local.aws}:ecs:${local.here}"
    ec2            = "${local.aws}:ec2:${local.here}"
    events         = "${local.aws}:events:${local.here}"
    sns            = "${local.aws}:sns:${local.here}:${var.name}"
    sqs            = "${local.aws}:sqs:${local.here}:${var.name}"
    glue           = "${local.aws}:glue:${local.here}"
    logs           = "${local.aws}:logs:${local.here}:log-group"
    sagemaker_logs = "${local.aws}:logs:${local.here}:log-group:/aws/sagemaker/*"
    job_logs       = "${local.aws}:logs:${local.here}:log-group:/aws/sagemaker/*Jobs*"
    repository     = "${local.aws}:ecr:${local.here}:repository/${var.name}"
    model_images   = "${local.aws}:ecr:${local.here}:repository/${var.name}-model"
    images         = "${local.aws}:ecr:${var.region}:${coalesce(var.image_account_id, one(data.aws_sagemaker_prebuilt_ecr_image.this[*].registry_id))}:repository/sagemaker-*"
    spark_images   = "${local.aws}:ecr:${var.region}:${coalesce(var.spark_image_account_id, "none")}:repository/sagemaker-spark-processing"
    parameters     = "${local.aws}:ssm:${local.here}:parameter${var.parameter_prefix}"
    secrets        = "${local.aws}:secretsmanager:${local.here}:secret:${var.name}/*"
    # RDS names the secret of a database's password itself, and tags it with the database.
    database_secrets = "${local.aws}:secretsmanager:${local.here}:secret:rds!db-*"
    databases        = "${local.aws}:rds:${local.here}:db:${var.name}-*"
    vpc              = "${local.aws}:ec2:${local.here}:vpc/${coalesce(var.vpc_id, "none")}"
  }

  bucket = { for purpose, name in var.buckets : purpose => "${local.aws}:s3:::${name}" }

  source_objects = {
    for use_case, places in var.source_buckets : use_case => [for place in places : startswith(place, "arn:") ? place : "${local.aws}:s3:::${place}/*"]
  }

  # The buckets of which a prefix may be listed, by prefix; `*` is all of a bucket.
  source_listings = {
    for use_case, places in var.source_buckets : use_case => {
      for place in places : try(regex("^[^/]+/(.*)$", place)[0], "*") => "${local.aws}:s3:::${regex("^(?:arn:[a-z-]+:s3:::)?([^/]+)", place)[0]}"...
    }
  }

  # Secrets Manager adds six characters to a secret's ARN.
  source_secrets = {
    for use_case, names in var.source_secrets : use_case => [for name in names : startswith(name, "arn:") ? name : "${local.aws}:secretsmanager:${local.here}:secret:${name}-??????"]
  }

  source_streams = {
    for use_case, names in var.source_streams : use_case => [for name in names : "${local.aws}:kinesis:${local.here}:stream/${name}"]
  }

  source_buckets = distinct([for place in flatten(values(var.source_buckets)) : regex("^(?:arn:[a-z-]+:s3:::)?([^/]+)", place)[0]])

  # The services through which a role may use a key.
  through = { for service in ["s3", "sagemaker", "secretsmanager", "sns", "sqs"] : service => "${service}.${var.region}.${data.aws_partition.current.dns_suffix}" }

  services = {
    for service in ["cloudtrail", "ecs-tasks", "events", "monitoring.rds", "sagemaker", "scheduler"] : service => [{
      Effect    = "Allow"
      Principal = { Service = "${service}.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  }
}

# Permissions of several roles.
locals {
  # Encrypted data, and output with a key of its own.
  data_key = [
    {
      Sid       = "DataKey"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"]
      Resource  = var.data_key_arn
      Condition = { StringEquals = { "kms:ViaService" = [local.through.s3, local.through.sagemaker] } }
    },
    {
      # SageMaker checks a job's or a feature group's key itself: not through S3.
      Sid      = "DataKeyFacts"
      Effect   = "Allow"
      Action   = "kms:DescribeKey"
      Resource = var.data_key_arn
    },
    {
      # Volumes of jobs and endpoints: SageMaker creates a grant on the key in the caller's name.
      Sid       = "DataKeyForVolumes"
      Effect    = "Allow"
      Action    = "kms:CreateGrant"
      Resource  = var.data_key_arn
      Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } }
    },
  ]

  # Containers of jobs and endpoints.
  container = concat(local.data_key, local.interfaces, [
    {
      Sid       = "Metrics"
      Effect    = "Allow"
      Action    = "cloudwatch:PutMetricData"
      Resource  = "*"
      Condition = { StringEquals = { "cloudwatch:namespace" = [var.metric_namespace, "/aws/sagemaker/TrainingJobs", "/aws/sagemaker/ProcessingJobs", "/aws/sagemaker/TransformJobs", "/aws/sagemaker/Endpoints"] } }
    },
    {
      Sid      = "ImageLogin"
      Effect   = "Allow"
      Action   = "ecr:GetAuthorizationToken"
      Resource = "*"
    },
    {
      Sid      = "Images"
      Effect   = "Allow"
      Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      Resource = [local.arn.repository, local.arn.model_images, local.arn.images]
    },
  ])

  # SageMaker creates the interfaces in the role's name. `ec2:Vpc` keeps them, and whoever may use them, in the platform's VPC.
  interfaces = [
    for statement in [
      {
        Sid      = "Interfaces"
        Effect   = "Allow"
        Action   = "ec2:CreateNetworkInterface"
        Resource = "${local.arn.ec2}:network-interface/*"
      },
      {
        Sid       = "OwnNetwork"
        Effect    = "Allow"
        Action    = "ec2:CreateNetworkInterface"
        Resource  = ["${local.arn.ec2}:subnet/*", "${local.arn.ec2}:security-group/*"]
        Condition = { ArnEquals = { "ec2:Vpc" = local.arn.vpc } }
      },
      {
        Sid       = "OwnInterfaces"
        Effect    = "Allow"
        Action    = ["ec2:CreateNetworkInterfacePermission", "ec2:DeleteNetworkInterface", "ec2:DeleteNetworkInterfacePermission"]
        Resource  = "${local.arn.ec2}:network-interface/*"
        Condition = { ArnEquals = { "ec2:Vpc" = local.arn.vpc } }
      },
      {
        Sid      = "NetworkLookups"
        Effect   = "Allow"
        Action   = ["ec2:DescribeDhcpOptions", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"]
        Resource = "*"
      },
    ] : statement if var.in_vpc
  ]
}
