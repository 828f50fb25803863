# The permissions boundary of every role here. It limits the role's policies, and grants nothing.
resource "aws_iam_policy" "boundary" {
  name        = var.boundary_name
  description = "The most that a role of ${var.name} may ever do"
  tags        = var.tags
  policy      = jsonencode(local.boundary)

  lifecycle {
    precondition {
      condition     = length(jsonencode(local.boundary)) <= 6144
      error_message = "source_buckets, source_secrets, source_streams: expected a permissions boundary of at most 6,144 characters, IAM's limit; found ${length(jsonencode(local.boundary))}. Name fewer of them: prefixes of one bucket count once."
    }
  }
}

locals {
  # Without the statements' names, because IAM counts their characters.
  boundary = {
    Version   = "2012-10-17"
    Statement = [for statement in concat(local.ceiling, local.sources, local.never) : { for key, value in statement : key => value if key != "Sid" }]
  }

  # One statement, because the characters of a boundary are few: each action has resources of its own service only.
  sources = [
    for resources in [concat(
      flatten([for bucket in local.source_buckets : ["${local.aws}:s3:::${bucket}", "${local.aws}:s3:::${bucket}/*"]]),
      distinct(flatten(concat(values(local.source_secrets), values(local.source_streams)))),
    )] :
    {
      Sid      = "Sources"
      Effect   = "Allow"
      Action   = ["kinesis:Describe*", "kinesis:Get*", "kinesis:List*", "s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket", "secretsmanager:GetSecretValue"]
      Resource = resources
    } if length(resources) > 0
  ]

  ceiling = concat(local.ceiling_here, [
    for other in local.promotions : {
      # What belongs to another environment is for the promoter only.
      Sid       = "OtherEnvironment"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:GetPublicKey", "s3:GetObject"]
      Resource  = concat(local.promoted_files, distinct([other.key_arn, coalesce(other.signing_key_arn, other.key_arn)]))
      Condition = { ArnEquals = { "aws:PrincipalArn" = "${local.arn.roles}-promoter" } }
    }
  ])

  ceiling_here = [
    {
      Sid    = "Anywhere"
      Effect = "Allow"
      Action = [
        "cloudwatch:Describe*", "cloudwatch:Get*", "cloudwatch:List*", "cloudwatch:PutMetricData", "ec2:Describe*", "ecr:Describe*",
        "ecr:GetAuthorizationToken", "ecs:DeregisterTaskDefinition", "ecs:Describe*", "ecs:List*", "ecs:RegisterTaskDefinition",
        "logs:DescribeLogGroups", "sagemaker:Describe*", "sagemaker:List*", "sagemaker:Search",
        "ssmmessages:Create*", "ssmmessages:Open*",
      ]
      Resource = "*"
    },
    {
      Sid    = "SageMaker"
      Effect = "Allow"
      Action = [for verb in [
        "AddTags", "Batch*", "CreateEndpoint*", "CreateHyperParameterTuningJob", "CreateModel", "CreateModelCard", "CreateModelPackage", "CreateProcessingJob",
        "CreateTrainingJob", "CreateTransformJob", "DeleteEndpoint*", "DeleteModel", "GetRecord", "InvokeEndpoint*", "PutRecord",
        "StartMlflowTrackingServer", "StopMlflowTrackingServer", "Stop*Job", "UpdateEndpoint*", "UpdateModelCard", "UpdateModelPackage",
      ] : "sagemaker:${verb}"]
      Resource = "${local.arn.sagemaker}:*"
    },
    { Sid = "Experiments", Effect = "Allow", Action = "sagemaker-mlflow:*", Resource = local.arn.mlflow },
    {
      Sid      = "Images"
      Effect   = "Allow"
      Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      Resource = concat([local.arn.repository, local.arn.model_images, local.arn.images], length(var.spark) > 0 ? [local.arn.spark_images] : [])
    },
    {
      Sid      = "OwnTasks"
      Effect   = "Allow"
      Action   = ["ecs:RunTask", "ecs:StopTask", "ecs:TagResource"]
      Resource = ["${local.arn.ecs}:task-definition/${var.name}-*", "${local.arn.ecs}:task/${var.name}/*"]
    },
    {
      Sid      = "Interfaces"
      Effect   = "Allow"
      Action   = ["ec2:CreateNetworkInterface*", "ec2:DeleteNetworkInterface*"]
      Resource = "${local.arn.ec2}:*"
    },
    {
      Sid      = "OwnKeys"
      Effect   = "Allow"
      Action   = ["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"]
      Resource = [var.data_key_arn, var.operations_key_arn]
    },
    { Sid = "OwnSignatures", Effect = "Allow", Action = ["kms:GetPublicKey", "kms:Sign"], Resource = var.signing_key_arn },
    {
      Sid      = "Logs"
      Effect   = "Allow"
      Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents", "logs:PutLogEvents", "logs:PutRetentionPolicy"]
      Resource = [local.arn.sagemaker_logs, "${local.arn.logs}:/${var.name}/*", "${local.arn.logs}:RDSOSMetrics*"]
    },
    { Sid = "OwnSecrets", Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = [local.arn.secrets, local.arn.database_secrets] },
    { Sid = "OwnParameters", Effect = "Allow", Action = "ssm:GetParameter*", Resource = [local.arn.parameters, "${local.arn.parameters}/*"] },
    {
      Sid      = "OwnEvents"
      Effect   = "Allow"
      Action   = ["events:InvokeApiDestination", "sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueue*", "sqs:ReceiveMessage", "sqs:SendMessage"]
      Resource = ["${local.arn.events}:api-destination/${var.name}-*", "${local.arn.sqs}-*"]
    },
    {
      Sid      = "OwnBuckets"
      Effect   = "Allow"
      Action   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:Get*", "s3:List*", "s3:PutObject", "s3:PutObjectAcl"]
      Resource = [for bucket in local.own_buckets : "${bucket}*"]
    },
    { Sid = "OwnTables", Effect = "Allow", Action = ["glue:CreateTable", "glue:GetTable", "glue:UpdateTable"], Resource = ["${local.arn.glue}:catalog", "${local.arn.glue}:*/${var.database}*"] },
    {
      Sid      = "OwnRoles"
      Effect   = "Allow"
      Action   = "iam:PassRole"
      Resource = [for role in ["endpoint-*", "execution", "flow-*", "job-*"] : "${local.arn.roles}-${role}"]
    },
  ]

  never = [
    {
      # A job in another region would escape the network, the budget's alarms and the audit.
      Sid       = "OnlyOwnRegion"
      Effect    = "Deny"
      Action    = ["sagemaker:*", "ecs:*", "ec2:*"]
      Resource  = "*"
      Condition = { StringNotEquals = { "aws:RequestedRegion" = var.region } }
    },
    {
      Sid      = "NoAuditTampering"
      Effect   = "Deny"
      Action   = "s3:*"
      Resource = ["${local.bucket.audit}*", "${local.state}*"]
    },
  ]
}
