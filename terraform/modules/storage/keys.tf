locals {
  own_account = { StringEquals = { "aws:SourceAccount" = var.account_id } }

  # Who publishes to the encrypted topic and queue.
  publishers = {
    cloudwatch = "cloudwatch.amazonaws.com"
    events     = "events.amazonaws.com"
    budgets    = "budgets.amazonaws.com"
    anomalies  = "costalerts.amazonaws.com"
    trail      = "cloudtrail.amazonaws.com"
  }

  operations_services = merge(
    {
      for name, principal in local.publishers : name => {
        principal = principal
        actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
        condition = local.own_account
      }
    },
    {
      logs = {
        principal = "logs.${var.region}.amazonaws.com"
        actions   = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
        condition = {
          ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "arn:aws:logs:${var.region}:${var.account_id}:log-group:*" }
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

  alias                   = "${var.name}-data"
  description             = "Datasets, models and monitoring data of ${var.name}"
  account_id              = var.account_id
  deletion_window_in_days = var.force_destroy ? 7 : 30
  tags                    = var.tags
}

module "operations_key" {
  source = "../key"

  alias                   = "${var.name}-operations"
  description             = "Logs, alerts, queues, images and secrets of ${var.name}"
  account_id              = var.account_id
  services                = local.operations_services
  deletion_window_in_days = var.force_destroy ? 7 : 30
  tags                    = var.tags
}

module "audit_key" {
  source = "../key"

  alias                   = "${var.name}-audit"
  description             = "The audit log of ${var.name}"
  account_id              = var.account_id
  services                = local.audit_services
  deletion_window_in_days = var.force_destroy ? 7 : 30
  tags                    = var.tags
}
