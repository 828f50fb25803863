locals {
  purposes   = ["data", "artefacts", "monitoring", "logs", "audit"]
  prefix     = "${var.project}-${var.environment}"
  parameters = "/${var.project}/${var.environment}"

  buckets = {
    for purpose in local.purposes :
    purpose => lookup(var.existing_buckets, purpose, "${local.prefix}-${purpose}-${var.account_id}")
  }

  flow_tags = {
    Project     = var.project
    Environment = var.environment
    Owner       = var.owner
    CostCentre  = var.cost_centre
    DataClass   = var.data_class
  }
}
