# Sessions of IAM Identity Center carry no MFA key: its permission sets demand MFA at sign-in (`people_use_mfa = false`).
locals {
  person = jsondecode(var.people_use_mfa
    ? jsonencode({ Bool = { "aws:MultiFactorAuthPresent" = "true" } })
    : jsonencode({ StringEquals = { "aws:PrincipalAccount" = distinct(concat([var.account_id], [for arn in concat(var.readers, var.operators) : split(":", arn)[4]])) } })
  )
}

# People read jobs, models, metrics and logs; never rows, secrets or state.
module "reader" {
  source = "../role"

  name         = "${var.name}-reader"
  description  = "Read-only people: jobs, models, metrics and logs, no rows and no secrets"
  boundary_arn = aws_iam_policy.boundary.arn
  tags         = var.tags

  trust = jsonencode([{
    Effect    = "Allow"
    Principal = { AWS = length(var.readers) > 0 ? var.readers : ["${local.aws}:iam::${var.account_id}:root"] }
    Action    = "sts:AssumeRole"
    Condition = local.person
  }])

  permissions = jsonencode([
    {
      Sid    = "Look"
      Effect = "Allow"
      Action = [
        "cloudwatch:DescribeAlarms", "cloudwatch:GetDashboard", "cloudwatch:GetMetricData", "cloudwatch:ListMetrics",
        "ecr:DescribeImages", "ecr:DescribeRepositories", "ecs:DescribeClusters", "ecs:DescribeServices", "ecs:DescribeTasks",
        "ecs:ListTasks", "logs:DescribeLogGroups", "sagemaker:Describe*", "sagemaker:List*", "sagemaker:Search",
      ]
      Resource = "*"
    },
    {
      Sid      = "Logs"
      Effect   = "Allow"
      Action   = ["logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents"]
      Resource = [local.arn.sagemaker_logs, "${local.arn.logs}:/${var.name}/*"]
    },
    {
      Sid      = "Evaluations"
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = "${local.bucket.artefacts}/*/evaluations/*"
    },
    {
      Sid      = "Parameters"
      Effect   = "Allow"
      Action   = ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"]
      Resource = [local.arn.parameters, "${local.arn.parameters}/*"]
    },
    {
      Sid       = "EvaluationsKey"
      Effect    = "Allow"
      Action    = "kms:Decrypt"
      Resource  = var.data_key_arn
      Condition = { StringEquals = { "kms:ViaService" = local.through.s3 } }
    },
    {
      Sid         = "NoRows"
      Effect      = "Deny"
      Action      = ["s3:GetObject*"]
      NotResource = "${local.bucket.artefacts}/*/evaluations/*"
    },
    {
      Sid      = "NoSecretsNoFeatures"
      Effect   = "Deny"
      Action   = ["secretsmanager:GetSecretValue", "sagemaker:BatchGetRecord", "sagemaker:GetRecord", "sagemaker:InvokeEndpoint"]
      Resource = "*"
    },
  ])
}
