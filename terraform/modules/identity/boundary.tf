# The permissions boundary of every role here. It limits the role's policies, and grants nothing.
resource "aws_iam_policy" "boundary" {
  name        = var.boundary_name
  description = "The most that a role of ${var.name} may ever do"
  tags        = var.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Working"
        Effect = "Allow"
        Action = [
          "cloudwatch:Describe*", "cloudwatch:Get*", "cloudwatch:List*", "cloudwatch:PutMetricData",
          "ec2:CreateNetworkInterface", "ec2:CreateNetworkInterfacePermission", "ec2:DeleteNetworkInterface",
          "ec2:DeleteNetworkInterfacePermission", "ec2:Describe*",
          "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:Describe*", "ecr:GetAuthorizationToken",
          "ecr:GetDownloadUrlForLayer", "ecr:List*",
          "ecs:DeregisterTaskDefinition", "ecs:Describe*", "ecs:List*", "ecs:RegisterTaskDefinition", "ecs:RunTask",
          "ecs:StopTask", "ecs:TagResource",
          "events:InvokeApiDestination",
          "kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey",
          "logs:CreateLogGroup", "logs:CreateLogStream", "logs:Describe*", "logs:FilterLogEvents", "logs:GetLogEvents",
          "logs:PutLogEvents", "logs:PutRetentionPolicy",
          "sagemaker:*", "sagemaker-mlflow:*",
          "secretsmanager:GetSecretValue",
          "ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath",
        ]
        Resource = "*"
      },
      {
        Sid      = "OwnBuckets"
        Effect   = "Allow"
        Action   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:Get*", "s3:List*", "s3:PutObject"]
        Resource = flatten([for purpose in ["data", "artefacts", "monitoring"] : [local.bucket[purpose], "${local.bucket[purpose]}/*"]])
      },
      {
        Sid      = "OwnRoles"
        Effect   = "Allow"
        Action   = "iam:PassRole"
        Resource = "${local.arn.roles}-*"
      },
      {
        Sid    = "OnlyOwnRegion"
        Effect = "Deny"
        Action = ["sagemaker:*", "ecs:*", "ec2:*"]
        # A job in another region would escape the network, the budget's alarms and the audit.
        Resource  = "*"
        Condition = { StringNotEquals = { "aws:RequestedRegion" = var.region } }
      },
      {
        Sid      = "NoAuditTampering"
        Effect   = "Deny"
        Action   = "s3:*"
        Resource = [local.bucket.audit, "${local.bucket.audit}/*", "arn:aws:s3:::${var.state_bucket}", "arn:aws:s3:::${var.state_bucket}/*"]
      },
      {
        Sid      = "NoPublicSageMaker"
        Effect   = "Deny"
        Action   = ["sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedDomainUrl", "sagemaker:CreatePresignedNotebookInstanceUrl", "sagemaker:PutModelPackageGroupPolicy"]
        Resource = "*"
      },
    ]
  })
}
