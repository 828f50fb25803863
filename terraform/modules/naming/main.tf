locals {
  prefix     = "${var.project}-${var.environment}"
  parameters = "/${var.project}/${var.environment}"

  buckets = {
    for purpose in ["data", "artefacts", "monitoring", "logs", "audit"] :
    purpose => "${local.prefix}-${purpose}-${var.account_id}"
  }

  tags = {
    Project     = var.project
    Environment = var.environment
    Owner       = var.owner
    CostCentre  = var.cost_centre
    DataClass   = var.data_class
    ManagedBy   = "terraform"
  }
}
