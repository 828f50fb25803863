variable "name" {
  description = "The prefix of every name."
  type        = string
}

variable "account_id" {
  description = "The AWS account."
  type        = string
}

variable "region" {
  description = "The AWS region."
  type        = string
}

variable "use_cases" {
  description = "The use cases; each gets its own alarms."
  type        = set(string)
}

variable "metric_namespace" {
  description = "The CloudWatch namespace that the flows write to: MaximumPSI, PrimaryMetric, EstimatedPrimaryMetric, IntervalCoverage, ScoredRows, RefusedRows, Retrainings and RunSeconds with UseCase."
  type        = string
}

variable "endpoint_alarms" {
  description = "Names of the endpoints' alarms, which the composite alarm includes."
  type        = list(string)
  default     = []
}

variable "topic_arn" {
  description = "The topic that alarms are sent to."
  type        = string
}

variable "drift_thresholds" {
  description = "For each use case, the population stability index (PSI) above which a feature counts as drifted."
  type        = map(number)

  validation {
    condition     = alltrue([for threshold in values(var.drift_thresholds) : threshold > 0])
    error_message = "drift_thresholds: expected more than 0; found ${join(", ", [for name, threshold in var.drift_thresholds : "${name} ${threshold}" if threshold <= 0])}."
  }
}

variable "quality_thresholds" {
  description = "For a use case, the bound on its live primary metric: at_least, or at_most for an error metric."
  type = map(object({
    at_least = optional(number)
    at_most  = optional(number)
  }))
  default = {}

  validation {
    condition     = alltrue([for bound in values(var.quality_thresholds) : (bound.at_least == null) != (bound.at_most == null)])
    error_message = "quality_thresholds: expected either at_least or at_most; found both or neither for ${join(", ", [for name, bound in var.quality_thresholds : name if(bound.at_least == null) == (bound.at_most == null)])}."
  }
}

variable "scheduled_use_cases" {
  description = "The use cases that a schedule scores every day. Only they get an alarm when no rows are scored."
  type        = set(string)
  default     = []

  validation {
    condition     = length(setsubtract(var.scheduled_use_cases, var.use_cases)) == 0
    error_message = "scheduled_use_cases: expected names of use cases; found ${join(", ", setsubtract(var.scheduled_use_cases, var.use_cases))} too."
  }
}

variable "no_data_hours" {
  description = "Hours without scored rows before an alarm: a day between two scheduled runs, and a day's slack."
  type        = number
  default     = 48

  validation {
    condition     = var.no_data_hours >= 26 && var.no_data_hours <= 168
    error_message = "no_data_hours: expected 26 to 168, because two runs of a daily schedule may be more than a day apart, and CloudWatch evaluates at most seven days; found ${var.no_data_hours}."
  }
}

variable "event_hours" {
  description = "Hours that an event may wait in the queue before an alarm."
  type        = number
  default     = 2

  validation {
    condition     = var.event_hours > 0
    error_message = "event_hours: expected more than 0; found ${var.event_hours}."
  }
}

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number
  default     = 365

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days: expected a number of days that CloudWatch Logs accepts, such as 30, 90 or 365; found ${var.log_retention_days}."
  }
}

variable "kms_key_arn" {
  description = "The key of logs and the queue."
  type        = string
}

variable "prefect_webhook" {
  description = "Prefect Cloud's webhook, which receives the events in place of the queue; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.prefect_webhook == null ? true : startswith(var.prefect_webhook, "https://")
    error_message = "prefect_webhook: expected an https:// address, because EventBridge calls no other; found \"${coalesce(var.prefect_webhook, "null")}\"."
  }
}

variable "tags" {
  description = "Tags."
  type        = map(string)
  default     = {}
}

variable "events_role_arn" {
  description = "The role that EventBridge calls the webhook with; null without a webhook."
  type        = string
  default     = null
}
