variable "name" {
  description = "The trail's name, and what every other name starts with."
  type        = string
}

variable "trail" {
  description = "Record every call of the account, and every access to the data bucket."
  type        = bool
  default     = true
}

variable "audit_bucket" {
  description = "The bucket that takes the audit log."
  type        = string
}

variable "recorded_buckets" {
  description = "Buckets of which each read and write is recorded."
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
  description = "The role with which CloudTrail writes to its log group."
  type        = string
}

variable "topic_arn" {
  description = "The topic that is told of spending."
  type        = string
}

variable "topic_name" {
  description = "The same topic's name, by which CloudTrail tells of each new log file; null for not telling."
  type        = string
  default     = null
}

variable "cost_centre" {
  description = "The cost centre whose spending is watched, by the tag CostCentre."
  type        = string
}

variable "monthly_budget_usd" {
  description = "What the platform may cost in a month."
  type        = number

  validation {
    condition     = var.monthly_budget_usd > 0
    error_message = "monthly_budget_usd: expected more than 0; found ${var.monthly_budget_usd}."
  }
}

variable "budget_alerts" {
  description = "Alert at half, most and all of the budget, and when the forecast exceeds it."
  type        = bool
  default     = true
}

variable "anomaly_usd" {
  description = "Alert of spending that is this much above what is usual; null for no monitor."
  type        = number
  default     = 20

  validation {
    condition     = var.anomaly_usd == null ? true : var.anomaly_usd > 0
    error_message = "anomaly_usd: expected more than 0."
  }
}

variable "log_retention_days" {
  description = "How long the trail's log group keeps its events; the bucket keeps them for years."
  type        = number
  default     = 365
}

variable "tags" {
  description = "Tags."
  type        = map(string)
  default     = {}
}
