# A start for a root of your own: buckets and keys, roles, a model package group for each use case, an image repository. No
# network, no Prefect, no alarms. VishwaOps' flows also need the SSM parameters of platform/outputs.tf.
module "naming" {
  source = "../../modules/naming"

  environment = var.environment
  account_id  = var.account_id
  owner       = "mlops"
  cost_centre = "trial"
  data_class  = "internal"
}

module "storage" {
  source = "../../modules/storage"

  name          = module.naming.prefix
  account_id    = var.account_id
  region        = var.region
  buckets       = module.naming.buckets
  database      = module.naming.database
  force_destroy = true
  tags          = module.naming.tags
}

module "identity" {
  source = "../../modules/identity"

  name               = module.naming.prefix
  account_id         = var.account_id
  region             = var.region
  use_cases          = var.use_cases
  buckets            = module.naming.buckets
  database           = module.naming.database
  state_bucket       = "${module.naming.prefix}-state-${var.account_id}"
  data_key_arn       = module.storage.data_key_arn
  operations_key_arn = module.storage.operations_key_arn
  signing_key_arn    = module.storage.signing_key_arn
  boundary_name      = module.naming.boundary_name
  parameter_prefix   = module.naming.parameter_prefix
  metric_namespace   = module.naming.metric_namespace
  tags               = module.naming.tags
}

module "registry" {
  source = "../../modules/registry"

  name            = module.naming.prefix
  use_cases       = var.use_cases
  kms_key_arn     = module.storage.operations_key_arn
  data_key_arn    = module.storage.data_key_arn
  bucket          = module.storage.buckets.artefacts
  sagemaker_image = { repository = "sagemaker-xgboost", tag = "3.2-0" }
  force_delete    = true
  tags            = module.naming.tags
}
