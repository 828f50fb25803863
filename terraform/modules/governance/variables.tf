variable "name" {
  description = "The trail's name, and the prefix of every other name."
  type        = string
}

variable "trail" {
  description = "Whether to record every API call of the account and every access to the data bucket."
  type        = bool
  default     = true
}

variable "audit_bucket" {
  description = "The bucket that receives the audit log."
  type        = string
}

variable "recorded_buckets" {
  description = "Buckets whose reads and writes are recorded."
  type        = list(string)
}

variable "audit_key_arn" {
  description = "The key of the audit log."
  type        = string
}

variable "logs_key_arn" {
  description = "The key of the trail's log group."
  type        = string
}

variable "trail_role_arn" {
  description = "The role that CloudTrail writes to its log group with."
  type        = string
}

variable "topic_arn" {
  description = "The topic that spending alerts are sent to."
  type        = string
}

variable "cost_centre" {
  description = "The cost centre that the budget is limited to, once the tag CostCentre is activated for cost allocation; null for the whole account."
  type        = string
  default     = null
}

variable "monthly_budget_usd" {
  description = "The monthly budget of the platform, in USD."
  type        = number

  validation {
    condition     = var.monthly_budget_usd > 0
    error_message = "monthly_budget_usd: expected more than 0; found ${var.monthly_budget_usd}."
  }
}

variable "budget_alerts" {
  description = "Whether to alert at half, most and all of the budget, and when the forecast exceeds it."
  type        = bool
  default     = true
}

variable "anomaly_usd" {
  description = "USD above the usual spending at which an alert is sent; null for no monitor."
  type        = number
  default     = 20

  validation {
    condition     = var.anomaly_usd == null ? true : var.anomaly_usd > 0
    error_message = "anomaly_usd: expected more than 0."
  }
}

variable "anomaly_monitor_arn" {
  description = "The account's cost anomaly monitor by service, where one exists; null to create it."
  type        = string
  default     = null

  validation {
    condition     = var.anomaly_monitor_arn == null ? true : can(regex("^arn:[a-z-]+:ce::[0-9]{12}:anomalymonitor/.+$", var.anomaly_monitor_arn))
    error_message = "anomaly_monitor_arn: expected an ARN such as arn:aws:ce::111111111111:anomalymonitor/…; found \"${coalesce(var.anomaly_monitor_arn, "null")}\". `aws ce get-anomaly-monitors` lists them."
  }
}

variable "log_retention_days" {
  description = "Days that the trail's log group keeps its events. The bucket keeps them for years."
  type        = number
  default     = 365
}

variable "tags" {
  description = "Tags."
  type        = map(string)
  default     = {}
}
