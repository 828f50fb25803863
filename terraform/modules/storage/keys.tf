data "aws_partition" "current" {}

locals {
  own_account = { StringEquals = { "aws:SourceAccount" = var.account_id } }

  # Who publishes to the encrypted topic and queues. EventBridge sends no source account; of cost alerts AWS does not say.
  publishers = {
    cloudwatch = { principal = "cloudwatch.amazonaws.com", condition = local.own_account }
    events     = { principal = "events.amazonaws.com", condition = {} }
    budgets    = { principal = "budgets.amazonaws.com", condition = local.own_account }
    anomalies  = { principal = "costalerts.amazonaws.com", condition = { StringEqualsIfExists = local.own_account.StringEquals } }
  }

  operations_services = merge(
    {
      for name, publisher in local.publishers : name => {
        principal = publisher.principal
        actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
        condition = publisher.condition
      }
    },
    {
      logs = {
        principal = "logs.${var.region}.${data.aws_partition.current.dns_suffix}"
        actions   = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
        condition = {
          ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "arn:${data.aws_partition.current.partition}:logs:${var.region}:${var.account_id}:log-group:*" }
        }
      }
    },
  )

  audit_services = {
    trail = {
      principal = "cloudtrail.amazonaws.com"
      actions   = ["kms:GenerateDataKey*", "kms:DescribeKey"]
      condition = local.own_account
    }
  }
}

module "data_key" {
  source = "../key"
  count  = contains(keys(var.existing_keys), "data") ? 0 : 1

  alias                   = "${var.name}-data"
  description             = "Datasets, models and monitoring data of ${var.name}"
  account_id              = var.account_id
  readers                 = length(var.promote_to) == 0 ? null : { arns = var.promote_to, through = "s3.${var.region}.${data.aws_partition.current.dns_suffix}" }
  deletion_window_in_days = var.force_destroy ? 7 : 30
  tags                    = var.tags
}

module "operations_key" {
  source = "../key"
  count  = contains(keys(var.existing_keys), "operations") ? 0 : 1

  alias                   = "${var.name}-operations"
  description             = "Logs, alerts, queues, images and secrets of ${var.name}"
  account_id              = var.account_id
  services                = local.operations_services
  deletion_window_in_days = var.force_destroy ? 7 : 30
  tags                    = var.tags
}

module "audit_key" {
  source = "../key"
  count  = contains(keys(var.existing_keys), "audit") ? 0 : 1

  alias                   = "${var.name}-audit"
  description             = "The audit log of ${var.name}"
  account_id              = var.account_id
  services                = local.audit_services
  deletion_window_in_days = var.force_destroy ? 7 : 30
  tags                    = var.tags
}

# Signs registered models and the audit log's checkpoints. The identity module decides who may sign.
module "signing_key" {
  source = "../key"

  alias                   = "${var.name}-signing"
  description             = "Signatures of models and audit logs of ${var.name}"
  account_id              = var.account_id
  signs                   = true
  verifiers               = var.promote_to
  deletion_window_in_days = var.force_destroy ? 7 : 30
  tags                    = var.tags
}

locals {
  key_arns = merge(
    { signing = module.signing_key.arn },
    { for name, key in { data = module.data_key, operations = module.operations_key, audit = module.audit_key } : name => one(key[*].arn) if length(key) > 0 },
    var.existing_keys,
  )
}
