# Roles that SageMaker assumes. Those of a use case reach no other's prefixes.
locals {
  own_buckets = [for purpose in ["data", "artefacts", "monitoring"] : local.bucket[purpose]]
  own_objects = { for use_case in var.use_cases : use_case => [for bucket in local.own_buckets : "${bucket}/${use_case}/*"] }

  job_data = {
    for use_case, slug in local.slugs : use_case => [
      {
        Sid      = "OwnObjects"
        Effect   = "Allow"
        Action   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
        Resource = local.own_objects[use_case]
      },
      {
        Sid       = "OwnLists"
        Effect    = "Allow"
        Action    = "s3:ListBucket"
        Resource  = local.own_buckets
        Condition = { StringLike = { "s3:prefix" = [use_case, "${use_case}/*"] } }
      },
      {
        # Only a flow writes records, decisions and ground truth: a job must not promote its own model.
        Sid    = "NoRecords"
        Effect = "Deny"
        Action = "s3:PutObject"
        Resource = [
          for name in ["audit/*", "champion.json", "corrections/*", "ground_truth/*", "latest.json", "release.json", "results/*", "retraining/*", "runs/*"] :
          "${local.bucket.data}/${use_case}/${name}"
        ]
      },
      {
        Sid      = "OwnFeatures"
        Effect   = "Allow"
        Action   = ["sagemaker:BatchGetRecord", "sagemaker:DescribeFeatureGroup", "sagemaker:GetRecord", "sagemaker:PutRecord"]
        Resource = "${local.arn.sagemaker}:feature-group/${slug}-*"
      },
      {
        Sid      = "LogGroups"
        Effect   = "Allow"
        Action   = ["logs:CreateLogGroup", "logs:DescribeLogStreams"]
        Resource = local.arn.job_logs
      },
      {
        # SageMaker names a job's streams after the job.
        Sid      = "OwnLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${local.arn.job_logs}:log-stream:${slug}-*"
      },
    ]
  }

  # Ingestion and validation by Spark read the source and write the part files themselves.
  spark_job = {
    for use_case in var.spark : use_case => concat(
      [
        {
          Sid      = "SparkImages"
          Effect   = "Allow"
          Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
          Resource = [local.arn.spark_images]
        },
        {
          Sid      = "SparkFiles"
          Effect   = "Allow"
          Action   = ["s3:DeleteObject"]
          Resource = ["${local.bucket.data}/${use_case}/table/data/*", "${local.bucket.artefacts}/${use_case}/spark/*"]
        },
      ],
      local.flow_sources[use_case],
    )
  }

  endpoint_data = {
    for use_case, slug in local.slugs : use_case => [
      {
        Sid      = "OwnModels"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:GetObjectVersion"]
        Resource = "${local.bucket.artefacts}/${use_case}/*"
      },
      {
        Sid      = "OwnCapture"
        Effect   = "Allow"
        Action   = "s3:PutObject"
        Resource = "${local.bucket.monitoring}/${use_case}/capture/*"
      },
      {
        Sid      = "OwnLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
        Resource = flatten([for name in [slug, "contract-${slug}"] : ["${local.arn.logs}:/aws/sagemaker/Endpoints/${name}", "${local.arn.logs}:/aws/sagemaker/Endpoints/${name}:*"]])
      },
    ]
  }
}

module "job" {
  source   = "../role"
  for_each = local.slugs

  name         = "${var.name}-job-${each.value}"
  description  = "SageMaker jobs of ${each.key}"
  trust        = jsonencode(local.services["sagemaker"])
  permissions  = jsonencode(concat(local.container, local.job_data[each.key], try(local.spark_job[each.key], [])))
  boundary_arn = aws_iam_policy.boundary.arn
  tags         = merge(var.tags, { UseCase = each.key })
}

module "endpoint" {
  source   = "../role"
  for_each = local.slugs

  name         = "${var.name}-endpoint-${each.value}"
  description  = "The endpoint of ${each.key}"
  trust        = jsonencode(local.services["sagemaker"])
  permissions  = jsonencode(concat(local.container, local.endpoint_data[each.key]))
  boundary_arn = aws_iam_policy.boundary.arn
  tags         = merge(var.tags, { UseCase = each.key })
}
