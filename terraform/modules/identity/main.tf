locals {
  slugs = { for use_case in var.use_cases : use_case => replace(use_case, "_", "-") }

  arn = {
    roles      = "arn:aws:iam::${var.account_id}:role/${var.name}"
    policies   = "arn:aws:iam::${var.account_id}:policy/${var.name}"
    sagemaker  = "arn:aws:sagemaker:${var.region}:${var.account_id}"
    ecs        = "arn:aws:ecs:${var.region}:${var.account_id}"
    logs       = "arn:aws:logs:${var.region}:${var.account_id}:log-group"
    job_logs   = "arn:aws:logs:${var.region}:${var.account_id}:log-group:/aws/sagemaker/*"
    repository = "arn:aws:ecr:${var.region}:${var.account_id}:repository/${var.name}"
    images     = "arn:aws:ecr:${var.region}:${var.image_account_id}:repository/sagemaker-*"
    parameters = "arn:aws:ssm:${var.region}:${var.account_id}:parameter${var.parameter_prefix}"
    # RDS names the secret of a database's password itself.
    database_secrets = "arn:aws:secretsmanager:${var.region}:${var.account_id}:secret:rds!db-*"
    secrets          = "arn:aws:secretsmanager:${var.region}:${var.account_id}:secret:${var.name}/*"
  }

  bucket = { for purpose, name in var.buckets : purpose => "arn:aws:s3:::${name}" }

  services = {
    for service in ["sagemaker", "ecs-tasks"] : service => jsonencode([{
      Effect    = "Allow"
      Principal = { Service = "${service}.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }])
  }
}

# Permissions that the jobs and endpoints of every use case need.
locals {
  container = [
    {
      Sid      = "Logs"
      Effect   = "Allow"
      Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
      Resource = [local.arn.job_logs, "${local.arn.job_logs}:log-stream:*"]
    },
    {
      Sid       = "Metrics"
      Effect    = "Allow"
      Action    = "cloudwatch:PutMetricData"
      Resource  = "*"
      Condition = { StringEquals = { "cloudwatch:namespace" = [var.metric_namespace, "/aws/sagemaker/TrainingJobs", "/aws/sagemaker/ProcessingJobs", "/aws/sagemaker/Endpoints"] } }
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
      Resource = [local.arn.repository, local.arn.images]
    },
    {
      Sid       = "DataKey"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
      Resource  = var.data_key_arn
      Condition = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }
    },
    {
      Sid       = "DataKeyForVolumes"
      Effect    = "Allow"
      Action    = "kms:CreateGrant"
      Resource  = var.data_key_arn
      Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } }
    },
    {
      Sid      = "NetworkInterfaces"
      Effect   = "Allow"
      Action   = ["ec2:CreateNetworkInterface", "ec2:CreateNetworkInterfacePermission", "ec2:DeleteNetworkInterface", "ec2:DeleteNetworkInterfacePermission"]
      Resource = [for kind in ["network-interface", "subnet", "security-group"] : "arn:aws:ec2:${var.region}:${var.account_id}:${kind}/*"]
    },
    {
      Sid      = "NetworkLookups"
      Effect   = "Allow"
      Action   = ["ec2:DescribeDhcpOptions", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"]
      Resource = "*"
    },
  ]
}
