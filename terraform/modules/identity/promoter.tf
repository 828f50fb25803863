# The role of a promotion: it reads the approved models of another environment, and registers copies here. It starts no job,
# deploys nothing, deletes nothing, and changes no version that exists. The other environment names it in `promote_to`.
locals {
  promotions = var.promotion == null ? [] : [var.promotion]

  # What tasks/promotion reads there.
  promoted_files = flatten([
    for other in local.promotions : concat(
      [for path in ["jobs/*/output/model.sig", "jobs/*/output/model.tar.gz", "evaluations/*/evaluation.json", "promoted/*"] : "${local.aws}:s3:::${other.buckets.artefacts}/*/${path}"],
      ["${local.aws}:s3:::${other.buckets.data}/*/splits/*"],
    )
  ])

  promoter_reads = flatten([
    for other in local.promotions : [
      {
        Sid      = "TheirVersions"
        Effect   = "Allow"
        Action   = "sagemaker:DescribeModelPackage"
        Resource = "${local.aws}:sagemaker:${var.region}:${other.account_id}:model-package/*"
      },
      {
        Sid      = "TheirFiles"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = local.promoted_files
      },
      {
        Sid       = "TheirKey"
        Effect    = "Allow"
        Action    = "kms:Decrypt"
        Resource  = other.key_arn
        Condition = { StringEquals = { "kms:ViaService" = local.through.s3 } }
      },
      {
        # It verifies what their key has signed.
        Sid      = "TheirPublicKey"
        Effect   = "Allow"
        Action   = "kms:GetPublicKey"
        Resource = coalesce(other.signing_key_arn, other.key_arn)
      },
    ]
  ])

  promoter_writes = [
    {
      Sid      = "Lists"
      Effect   = "Allow"
      Action   = "sagemaker:ListModelPackages"
      Resource = "*"
    },
    {
      Sid    = "OwnVersions"
      Effect = "Allow"
      Action = ["sagemaker:BatchDescribeModelPackage", "sagemaker:CreateModelPackage", "sagemaker:DescribeModelPackage"]
      Resource = flatten([
        for slug in values(local.slugs) : ["${local.arn.sagemaker}:model-package-group/${slug}", "${local.arn.sagemaker}:model-package/${slug}/*"]
      ])
    },
    {
      Sid      = "OwnCopies"
      Effect   = "Allow"
      Action   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]
      Resource = concat(["${local.bucket.artefacts}/*/promoted/*"], [for path in ["audit/*", "latest.json", "runs/*", "splits/*"] : "${local.bucket.data}/*/${path}"])
    },
    {
      Sid      = "Champion"
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = "${local.bucket.data}/*/champion.json"
    },
    {
      Sid       = "OwnListings"
      Effect    = "Allow"
      Action    = "s3:ListBucket"
      Resource  = [local.bucket.artefacts, local.bucket.data]
      Condition = { StringLike = { "s3:prefix" = ["*/audit/*", "*/champion.json", "*/latest.json", "*/promoted/*", "*/runs/*", "*/splits/*"] } }
    },
    {
      Sid       = "OwnKey"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"]
      Resource  = var.data_key_arn
      Condition = { StringEquals = { "kms:ViaService" = local.through.s3 } }
    },
    {
      # The copies, and the audit log.
      Sid      = "Signatures"
      Effect   = "Allow"
      Action   = ["kms:GetPublicKey", "kms:Sign"]
      Resource = var.signing_key_arn
    },
    {
      Sid      = "Parameters"
      Effect   = "Allow"
      Action   = ["ssm:GetParameter", "ssm:GetParameters"]
      Resource = [for name in ["bucket/*", "image/*", "key/*", "model_package_group/*", "region", "role/job/*", "tags", "use_cases"] : "${local.arn.parameters}/${name}"]
    },
  ]
}

module "promoter" {
  source = "../role"
  count  = length(local.promotions)

  name         = "${var.name}-promoter"
  description  = "Promotes models of another environment: verifies, copies and registers them"
  permissions  = jsonencode(concat(local.promoter_reads, local.promoter_writes))
  boundary_arn = aws_iam_policy.boundary.arn
  tags         = var.tags

  # The workflow in the approved environment, and operators.
  trust = jsonencode(concat(
    local.github == 0 ? [] : jsondecode(local.github_trust["apply"]),
    [for principals in [var.operators] : { Effect = "Allow", Principal = { AWS = principals }, Action = "sts:AssumeRole", Condition = local.person } if length(principals) > 0],
  ))
}
