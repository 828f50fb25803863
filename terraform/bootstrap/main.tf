# Once per environment, by an administrator: the bucket that holds and locks the platform's state. Its own state
# is a local file (terraform -chdir=terraform/bootstrap apply -var-file=../environments/dev/environment.tfvars).
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
  deletion_window_in_days = var.disposable ? 7 : 30
  tags                    = module.naming.tags
}

module "logs" {
  source = "../modules/bucket"

  name           = "${var.state_bucket}-logs"
  lifecycle_days = { infrequent_access = 90, expire = 365, noncurrent_expire = 30 }
  force_destroy  = var.disposable
  tags           = module.naming.tags

  statements = jsonencode([{
    Sid       = "AccessLogs"
    Effect    = "Allow"
    Principal = { Service = "logging.s3.amazonaws.com" }
    Action    = "s3:PutObject"
    Resource  = "arn:aws:s3:::${var.state_bucket}-logs/s3/*"
    Condition = {
      StringEquals = { "aws:SourceAccount" = var.account_id }
      ArnLike      = { "aws:SourceArn" = "arn:aws:s3:::${var.state_bucket}" }
    }
  }])
}

module "state" {
  source = "../modules/bucket"

  name           = var.state_bucket
  kms_key_arn    = module.key.arn
  log_bucket     = { name = module.logs.name }
  lifecycle_days = { noncurrent_expire = 365 }
  force_destroy  = var.disposable
  tags           = module.naming.tags
}
