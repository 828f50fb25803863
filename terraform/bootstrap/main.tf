# Once per environment, by an administrator: the bucket that holds and locks the states, and the account's block of public
# buckets. Its own state is in that bucket too: `make tf-bootstrap` applies it with a local state first, and moves that.
module "naming" {
  source = "../modules/naming"

  environment = var.environment
  account_id  = var.account_id
  owner       = var.owner
  cost_centre = var.cost_centre
  data_class  = "restricted" # a state names every resource
}

module "key" {
  source = "../modules/key"

  alias                   = "${module.naming.prefix}-state"
  description             = "Terraform's state of ${module.naming.prefix}"
  account_id              = var.account_id
  deletion_window_in_days = var.emulated ? 7 : 30
  tags                    = module.naming.tags
}

module "logs" {
  source = "../modules/bucket"

  name           = "${var.state_bucket}-logs"
  lifecycle_days = { infrequent_access = 90, expire = 365, noncurrent_expire = 30 }
  force_destroy  = var.emulated
  tags           = module.naming.tags

  statements = jsonencode([{
    Sid       = "AccessLogs"
    Effect    = "Allow"
    Principal = { Service = "logging.s3.amazonaws.com" }
    Action    = "s3:PutObject"
    Resource  = "arn:${data.aws_partition.current.partition}:s3:::${var.state_bucket}-logs/s3/*"
    Condition = {
      StringEquals = { "aws:SourceAccount" = var.account_id }
      ArnLike      = { "aws:SourceArn" = "arn:${data.aws_partition.current.partition}:s3:::${var.state_bucket}" }
    }
  }])
}

module "state" {
  source = "../modules/bucket"

  name           = var.state_bucket
  kms_key_arn    = module.key.arn
  log_bucket     = { name = module.logs.name }
  lifecycle_days = { noncurrent_expire = 365 }
  force_destroy  = var.emulated
  tags           = module.naming.tags
}

# `prevent_destroy` takes no variable. It is on a resource that is destroyed before, and replaced with, what it protects.
resource "terraform_data" "state_stays" {
  count = var.emulated ? 0 : 1

  triggers_replace = { bucket = module.state.arn, key = module.key.arn }

  lifecycle {
    prevent_destroy = true
  }

  depends_on = [module.state, module.key] # an ARN alone is a text, which depends on no bucket
}

resource "aws_s3_account_public_access_block" "this" {
  count = var.block_public_buckets && !var.emulated ? 1 : 0

  account_id              = var.account_id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

data "aws_partition" "current" {}
