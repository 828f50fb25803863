# A flow run's role: one for each use case, and it reaches nothing of another's. Its names are those of tasks/names.py and
# tasks/locations.py.
module "flow" {
  source   = "../role"
  for_each = local.slugs

  name         = "${var.name}-flow-${each.value}"
  description  = "Flow runs of ${each.key}: start its jobs and deploy its models"
  boundary_arn = aws_iam_policy.boundary.arn
  tags         = merge(var.tags, { UseCase = each.key })

  # A person among `operators` takes this role to run the flow from a laptop.
  trust = jsonencode(concat(local.services["ecs-tasks"], [
    for principals in [var.operators] : { Effect = "Allow", Principal = { AWS = principals }, Action = "sts:AssumeRole", Condition = local.person } if length(principals) > 0
  ]))

  permissions = jsonencode(concat(local.flow_shared, local.data_key, local.flow_own[each.key], local.flow_sources[each.key]))
}

locals {
  # Captured requests, and the live traffic that is made from them.
  expiring = { for use_case in var.use_cases : use_case => [for folder in ["capture", "traffic"] : "${local.bucket.monitoring}/${use_case}/${folder}/*"] }

  # The parameters that every flow reads; those of the use case end with its name.
  shared_parameters = ["account", "alerts/*", "bucket/*", "environment", "glue/*", "image/*", "key/*", "metrics/*", "mlflow/*", "network/*", "region", "serving/*", "tags", "use_cases"]

  flow_shared = [
    {
      # These actions know no resource: they return names and states, no content.
      Sid    = "Lists"
      Effect = "Allow"
      Action = [
        "cloudwatch:DescribeAlarms", "cloudwatch:GetMetricStatistics", "sagemaker:ListEndpointConfigs", "sagemaker:ListEndpoints", "sagemaker:ListHyperParameterTuningJobs",
        "sagemaker:ListModelPackages", "sagemaker:ListModels", "sagemaker:ListProcessingJobs", "sagemaker:ListTrainingJobs", "sagemaker:ListTransformJobs",
      ]
      Resource = "*"
    },
    {
      # MLflow's API has no permissions for single experiments: see the README.
      Sid    = "Experiments"
      Effect = "Allow"
      Action = [for verb in [
        "CreateExperiment", "CreateModelVersion", "CreateRegisteredModel", "CreateRun", "DeleteRegisteredModelAlias", "DeleteRun",
        "Get*", "List*", "Log*", "RestoreExperiment", "Search*", "SetExperimentTag", "SetModelVersionTag",
        "SetRegisteredModelAlias", "SetTag", "UpdateRun",
      ] : "sagemaker-mlflow:${verb}"]
      Resource = local.arn.mlflow
    },
    {
      Sid      = "TrackingServer"
      Effect   = "Allow"
      Action   = "sagemaker:DescribeMlflowTrackingServer"
      Resource = local.arn.mlflow
    },
    {
      Sid       = "Metrics"
      Effect    = "Allow"
      Action    = "cloudwatch:PutMetricData"
      Resource  = "*"
      Condition = { StringEquals = { "cloudwatch:namespace" = var.metric_namespace } }
    },
    {
      # Mail when a flow fails: the profile's `notifications`.
      Sid      = "Notifications"
      Effect   = "Allow"
      Action   = "sns:Publish"
      Resource = "${local.arn.sns}-alerts"
    },
    {
      Sid       = "AlertsKey"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource  = var.operations_key_arn
      Condition = { StringEquals = { "kms:ViaService" = local.through.sns } }
    },
    {
      Sid      = "JobLogLists"
      Effect   = "Allow"
      Action   = "logs:DescribeLogStreams"
      Resource = local.arn.job_logs
    },
  ]

  # `ingest` reads the source; a job never does. `kind: s3_prefix` lists it.
  flow_sources = {
    for use_case in var.use_cases : use_case => concat(
      [
        for statement in [
          { Sid = "Sources", Effect = "Allow", Action = ["s3:GetObject", "s3:GetObjectVersion"], Resource = lookup(local.source_objects, use_case, []) },
          { Sid = "SourceSecrets", Effect = "Allow", Action = ["secretsmanager:GetSecretValue"], Resource = lookup(local.source_secrets, use_case, []) },
          { Sid = "SourceStreams", Effect = "Allow", Action = ["kinesis:DescribeStreamSummary", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards"], Resource = lookup(local.source_streams, use_case, []) },
        ] : statement if length(statement.Resource) > 0
      ],
      [
        # The latest version of another use case's dataset: its record, the table's metadata and its files.
        for others in [lookup(var.references, use_case, [])] : {
          Sid    = "References"
          Effect = "Allow"
          Action = ["glue:GetTable", "s3:GetObject"]
          Resource = concat(
            ["${local.arn.glue}:catalog", "${local.arn.glue}:database/${var.database}"],
            flatten([for other in others : ["${local.arn.glue}:table/${var.database}/${other}", "${local.bucket.data}/${other}/latest.json", "${local.bucket.data}/${other}/runs/*", "${local.bucket.data}/${other}/table/*"]]),
          )
        } if length(others) > 0
      ],
      [
        # Groups of other use cases: their records, and their offline store.
        for groups in [lookup(var.feature_references, use_case, [])] : {
          Sid    = "OtherFeatures"
          Effect = "Allow"
          Action = ["s3:GetObject", "sagemaker:BatchGetRecord", "sagemaker:DescribeFeatureGroup"]
          Resource = flatten([for each in groups : [
            "${local.arn.sagemaker}:feature-group/${replace(each.use_case, "_", "-")}-${each.group}",
            "${local.bucket.artefacts}/${each.use_case}/features/*/offline-store/${replace(each.use_case, "_", "-")}-${each.group}-*",
          ]])
        } if length(groups) > 0
      ],
      [
        for groups in [lookup(var.feature_references, use_case, [])] : {
          Sid       = "OtherFeatureLists"
          Effect    = "Allow"
          Action    = "s3:ListBucket"
          Resource  = local.bucket.artefacts
          Condition = { StringLike = { "s3:prefix" = [for each in groups : "${each.use_case}/features/*/offline-store/${replace(each.use_case, "_", "-")}-${each.group}-*"] } }
        } if length(groups) > 0
      ],
      [
        for prefixes, buckets in lookup(local.source_listings, use_case, {}) :
        { Effect = "Allow", Action = "s3:ListBucket", Resource = buckets, Condition = { StringLike = { "s3:prefix" = prefixes } } }
      ],
    )
  }

  flow_own = {
    for use_case, slug in local.slugs : use_case => [
      {
        Sid    = "Lifecycle"
        Effect = "Allow"
        Action = [
          "sagemaker:AddTags", "sagemaker:BatchDescribeModelPackage", "sagemaker:Batch*Record",
          "sagemaker:CreateEndpoint", "sagemaker:CreateEndpointConfig", "sagemaker:CreateFeatureGroup", "sagemaker:CreateHyperParameterTuningJob", "sagemaker:CreateModel", "sagemaker:CreateModelCard", "sagemaker:CreateModelPackage",
          "sagemaker:CreateProcessingJob", "sagemaker:CreateTrainingJob", "sagemaker:CreateTransformJob", "sagemaker:DeleteEndpoint",
          "sagemaker:DeleteEndpointConfig", "sagemaker:DeleteModel", "sagemaker:Describe*", "sagemaker:GetRecord", "sagemaker:InvokeEndpoint",
          "sagemaker:ListTags", "sagemaker:ListTrainingJobsForHyperParameterTuningJob", "sagemaker:PutRecord", "sagemaker:StopHyperParameterTuningJob",
          "sagemaker:StopProcessingJob", "sagemaker:StopTrainingJob", "sagemaker:StopTransformJob", "sagemaker:UpdateEndpoint",
          "sagemaker:UpdateEndpointWeightsAndCapacities", "sagemaker:UpdateFeatureGroup", "sagemaker:UpdateModelCard", "sagemaker:UpdateModelPackage",
        ]
        Resource = concat(
          [for kind in ["training-job", "processing-job", "transform-job", "hyper-parameter-tuning-job", "model", "model-card", "endpoint-config", "feature-group"] : "${local.arn.sagemaker}:${kind}/${slug}-*"],
          ["${local.arn.sagemaker}:endpoint/${slug}", "${local.arn.sagemaker}:endpoint/contract-${slug}", "${local.arn.sagemaker}:model-package-group/${slug}", "${local.arn.sagemaker}:model-package/${slug}/*"],
        )
      },
      {
        Sid       = "HandRolesToSageMaker"
        Effect    = "Allow"
        Action    = "iam:PassRole"
        Resource  = [for kind in concat(["job", "endpoint"], contains(var.feature_stores, use_case) ? ["features"] : []) : "${local.arn.roles}-${kind}-${slug}"]
        Condition = { StringEquals = { "iam:PassedToService" = "sagemaker.amazonaws.com" } }
      },
      {
        Sid    = "Objects"
        Effect = "Allow"
        Action = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
        # MLflow's client writes a run's artefacts to the tracking server's store itself.
        Resource = concat(local.own_objects[use_case], ["${local.bucket.artefacts}/mlflow/${use_case}/*"])
      },
      {
        # `register`, and every entry of the audit log. A job or an endpoint signs nothing.
        Sid      = "Signatures"
        Effect   = "Allow"
        Action   = ["kms:GetPublicKey", "kms:Sign"]
        Resource = var.signing_key_arn
      },
      {
        # Iceberg commits by replacing the metadata's address in the table (PyIceberg's Glue catalog).
        Sid      = "Tables"
        Effect   = "Allow"
        Action   = ["glue:CreateTable", "glue:GetTable", "glue:UpdateTable"]
        Resource = ["${local.arn.glue}:catalog", "${local.arn.glue}:database/${var.database}", "${local.arn.glue}:table/${var.database}/${use_case}"]
      },
      {
        # `vishwaops data gc` and `vishwaops experiments gc`: files of versions and runs that are not kept. `vishwaops monitor`:
        # captured requests and scored rows that have expired. The bucket keeps its noncurrent versions.
        Sid      = "OldVersions"
        Effect   = "Allow"
        Action   = "s3:DeleteObject"
        Resource = concat(["${local.bucket.data}/${use_case}/table/*", "${local.bucket.artefacts}/mlflow/${use_case}/*"], local.expiring[use_case], contains(var.spark, use_case) ? ["${local.bucket.artefacts}/${use_case}/spark/*"] : [])
      },
      {
        Sid       = "Listings"
        Effect    = "Allow"
        Action    = "s3:ListBucket"
        Resource  = local.own_buckets
        Condition = { StringLike = { "s3:prefix" = [use_case, "${use_case}/*", "mlflow/${use_case}/*"] } }
      },
      {
        Sid      = "OwnJobLogs"
        Effect   = "Allow"
        Action   = "logs:GetLogEvents"
        Resource = ["${local.arn.job_logs}:log-stream:${slug}-*", "${local.arn.logs}:/aws/sagemaker/Endpoints/${slug}:log-stream:*", "${local.arn.logs}:/aws/sagemaker/Endpoints/contract-${slug}:log-stream:*"]
      },
      {
        Sid      = "Parameters"
        Effect   = "Allow"
        Action   = ["ssm:GetParameter", "ssm:GetParameters"]
        Resource = [for name in concat(local.shared_parameters, ["*/${use_case}"]) : "${local.arn.parameters}/${name}"]
      },
    ]
  }
}
