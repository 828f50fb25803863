variable "buckets" {
  description = "Bucket names by purpose."
  type = object({
    data       = string
    artefacts  = string
    monitoring = string
    logs       = string
    audit      = string
  })
}

variable "name" {
  description = "The prefix of the keys' aliases."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,30}$", var.name))
    error_message = "name: expected 3 to 31 lowercase letters, digits and hyphens; found \"${var.name}\"."
  }
}

variable "account_id" {
  description = "The AWS account."
  type        = string
}

variable "region" {
  description = "The AWS region."
  type        = string
}

variable "audit_lock" {
  description = "Object lock of the audit bucket: its mode and days; null for none."
  type = object({
    mode = string
    days = number
  })
  default = null
}

variable "log_retention_days" {
  description = "Days until access logs expire."
  type        = number
  default     = 365

  validation {
    condition     = var.log_retention_days > 90
    error_message = "log_retention_days: expected more than 90, because logs move to a cheaper class at 90; found ${var.log_retention_days}."
  }
}

variable "force_destroy" {
  description = "Whether destroy may delete buckets that hold objects, and keys after the shortest waiting period."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags."
  type        = map(string)
  default     = {}
}
