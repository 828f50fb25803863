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

variable "database" {
  description = "The name of the Glue database of the datasets' tables."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,254}$", var.database))
    error_message = "database: expected lowercase letters, digits and underscores, which Athena and Glue allow; found \"${var.database}\"."
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

variable "existing_keys" {
  description = "ARNs of KMS keys that exist already, by purpose: data, operations, audit. Their policies must allow what the module's README lists."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.existing_keys), ["data", "operations", "audit"])) == 0
    error_message = "existing_keys: expected the purposes data, operations and audit; found ${join(", ", keys(var.existing_keys))}."
  }

  validation {
    condition     = alltrue([for arn in values(var.existing_keys) : can(regex("^arn:[a-z-]+:kms:${var.region}:[0-9]{12}:key/.+$", arn))])
    error_message = "existing_keys: expected ARNs of keys in ${var.region}, such as arn:aws:kms:${var.region}:111111111111:key/…, and no aliases, which policies don't resolve; found ${join(", ", values(var.existing_keys))}."
  }
}

variable "existing_buckets" {
  description = "The purposes of the buckets that existed before the platform, which destroy never empties."
  type        = set(string)
  default     = []
}

variable "promote_to" {
  description = "ARNs of the promoter roles of other environments, which may read the models of this one."
  type        = list(string)
  default     = []
}

variable "audit_lock" {
  description = "Object lock of the audit bucket: its mode and days; null for none. An existing audit bucket must have been created with it."
  type = object({
    mode = string
    days = number
  })
  default = null
}

variable "expire_prefixes" {
  description = "Days until the objects below a prefix of the data, artefacts or monitoring bucket expire, by purpose and prefix: captured requests, predictions."
  type        = map(map(number))
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.expire_prefixes), ["data", "artefacts", "monitoring"])) == 0
    error_message = "expire_prefixes: expected the purposes data, artefacts and monitoring; found ${join(", ", keys(var.expire_prefixes))}."
  }
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
  description = "Whether destroy may delete buckets that hold objects, and keys after the shortest waiting period. Without it, a guard refuses to destroy the audit bucket and the keys."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags."
  type        = map(string)
  default     = {}
}
