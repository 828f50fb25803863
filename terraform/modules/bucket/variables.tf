variable "name" {
  description = "The bucket's name."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name))
    error_message = "name: expected 3 to 63 lowercase letters, digits and hyphens (no dots: they break TLS); found \"${var.name}\"."
  }
}

variable "kms_key_arn" {
  description = "The KMS key that encrypts the objects; null for the S3 managed key (SSE-S3), which log delivery needs."
  type        = string
  default     = null
}

variable "log_bucket" {
  description = "The bucket that receives this bucket's access logs; null for the log bucket itself."
  type        = object({ name = string })
  default     = null
}

variable "statements" {
  description = "Further statements of the bucket's policy, as jsonencode of a list, such as those for AWS services that write to it."
  type        = string
  default     = "[]"

  validation {
    condition     = can(tolist([for statement in jsondecode(var.statements) : statement.Effect]))
    error_message = "statements: expected jsonencode of a list of IAM statements, each with an Effect."
  }
}

variable "lifecycle_days" {
  description = "Days until objects move to Standard-IA, move to Glacier Instant Retrieval and expire (null: never), and until non-current versions expire."
  type = object({
    infrequent_access  = optional(number)
    glacier            = optional(number)
    expire             = optional(number)
    noncurrent_expire  = optional(number, 90)
    incomplete_uploads = optional(number, 7)
  })
  default = {}

  validation {
    condition     = coalesce(var.lifecycle_days.infrequent_access, 30) >= 30
    error_message = "lifecycle_days.infrequent_access: expected 30 or more, because S3 moves nothing to Standard-IA earlier; found ${coalesce(var.lifecycle_days.infrequent_access, 30)}."
  }

  validation {
    condition     = var.lifecycle_days.glacier == null || coalesce(var.lifecycle_days.glacier, 0) >= coalesce(var.lifecycle_days.infrequent_access, 0) + 30
    error_message = "lifecycle_days.glacier: expected at least 30 days after infrequent_access, because S3 refuses less."
  }

  validation {
    condition     = var.lifecycle_days.expire == null || coalesce(var.lifecycle_days.expire, 0) > coalesce(var.lifecycle_days.glacier, var.lifecycle_days.infrequent_access, 0)
    error_message = "lifecycle_days.expire: expected later than the last move to a cheaper class."
  }
}

variable "expire_prefixes" {
  description = "Days until the objects below a prefix expire, by prefix, such as personal data that may not be kept as long as the rest. Their noncurrent versions expire a week later."
  type        = map(number)
  default     = {}

  validation {
    condition     = alltrue([for prefix, days in var.expire_prefixes : endswith(prefix, "/") && days >= 1])
    error_message = "expire_prefixes: expected prefixes that end with / and 1 day or more; found ${jsonencode(var.expire_prefixes)}."
  }
}

variable "object_lock" {
  description = "Object lock: its mode, and the days for which no version can be deleted; null for none. It can be set only when the bucket is created. COMPLIANCE also binds the account's root user."
  type = object({
    mode = string
    days = number
  })
  default = null

  validation {
    condition     = var.object_lock == null ? true : contains(["GOVERNANCE", "COMPLIANCE"], var.object_lock.mode) && var.object_lock.days > 0
    error_message = "object_lock: expected mode GOVERNANCE or COMPLIANCE and more than 0 days."
  }
}

variable "force_destroy" {
  description = "Whether destroy may delete a bucket that holds objects."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags."
  type        = map(string)
  default     = {}
}
