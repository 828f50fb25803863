# A data source of a `check` block warns where another would stop the plan: a quota that can't be read is no reason to.
check "enough" {
  data "aws_servicequotas_service_quota" "this" {
    service_code = var.service
    quota_name   = var.quota
  }

  assert {
    condition     = data.aws_servicequotas_service_quota.this.value >= var.needed
    error_message = "Quota \"${var.quota}\" of ${var.service}: expected ${var.needed} or more, because ${var.reason}; found ${data.aws_servicequotas_service_quota.this.value}. Request an increase in the console of Service Quotas; it may take days."
  }
}
