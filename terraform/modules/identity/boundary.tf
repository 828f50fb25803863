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
        "CreateTrainingJob", "CreateTransformJob", "DeleteEndpoint*", "DeleteModel", "*FeatureGroup", "GetRecord", "InvokeEndpoint*", "PutRecord",
        "StartMlflowTrackingServer", "StopMlflowTrackingServer", "Stop*Job", "UpdateEndpoint*", "UpdateModelCard", "UpdateModelPackage",
      ] : "sagemaker:${verb}"]
      Resource = "${local.arn.sagemaker}:*"
    },
    { Sid = "OwnSignatures", Effect = "Allow", Action = ["kms:GetPublicKey", "kms:Sign"], Resource = var.signing_key_arn },
    {
      Sid      = "OwnServices"
      Effect   = "Allow"
      Action   = flatten([for service, own in local.own_services : [for verb in own.verbs : "${service}:${verb}"]])
      Resource = flatten([for own in values(local.own_services) : own.resources])
    },
  ]

  # One statement for all of them, because IAM counts the characters: an action applies only to resources of its own service.
  own_services = {
    ec2 = {
      verbs     = ["CreateNetworkInterface*", "DeleteNetworkInterface*"]
      resources = ["${local.arn.ec2}:*"]
    }
    ecr = {
      verbs     = ["BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer"]
      resources = concat([local.arn.repository, local.arn.model_images, local.arn.images], length(var.spark) > 0 ? [local.arn.spark_images] : [])
    }
    ecs = {
      verbs     = ["RunTask", "StopTask", "TagResource"]
      resources = ["${local.arn.ecs}:task-definition/${var.name}-*", "${local.arn.ecs}:task/${var.name}/*"]
    }
    events = {
      verbs     = ["InvokeApiDestination"]
      resources = ["${local.arn.events}:api-destination/${var.name}-*"]
    }
    glue = {
      verbs     = ["CreateTable", "GetTable", "UpdateTable"]
      resources = ["${local.arn.glue}:catalog", "${local.arn.glue}:*/${var.database}*"]
    }
    iam = {
      # "f*-*" is the flow and the features roles.
      verbs     = ["PassRole"]
      resources = [for role in ["endpoint-*", "execution", "f*-*", "job-*"] : "${local.arn.roles}-${role}"]
    }
    kms = {
      verbs     = ["CreateGrant", "Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey"]
      resources = [var.data_key_arn, var.operations_key_arn]
    }
    logs = {
      verbs     = ["CreateLogGroup", "CreateLogStream", "DescribeLogStreams", "FilterLogEvents", "GetLogEvents", "PutLogEvents", "PutRetentionPolicy"]
      resources = [local.arn.sagemaker_logs, "${local.arn.logs}:/${var.name}/*", "${local.arn.logs}:RDSOSMetrics*"]
    }
    s3 = {
      verbs     = ["AbortMultipartUpload", "DeleteObject", "Get*", "List*", "PutObject", "PutObjectAcl"]
      resources = [for bucket in local.own_buckets : "${bucket}*"]
    }
    sagemaker-mlflow = {
      verbs     = ["*"]
      resources = [local.arn.mlflow]
    }
    secretsmanager = {
      verbs     = ["GetSecretValue"]
      resources = [local.arn.secrets, local.arn.database_secrets]
    }
    sns = {
      verbs     = ["Publish"]
      resources = ["${local.arn.sns}-alerts"]
    }
    sqs = {
      verbs     = ["ChangeMessageVisibility", "DeleteMessage", "GetQueue*", "ReceiveMessage", "SendMessage"]
      resources = ["${local.arn.sqs}-*"]
    }
    ssm = {
      verbs     = ["GetParameter*"]
      resources = [local.arn.parameters, "${local.arn.parameters}/*"]
    }
  }

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
