variable "name" {
  description = "The bucket's name."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name))
    error_message = "name: expected 3 to 63 lowercase letters, digits and hyphens (no dots: they break TLS); found \"${var.name}\"."
  }
}

variable "kms_key_arn" {
  description = "The KMS key that encrypts the objects; null for S3's own key, which S3's log delivery needs."
  type        = string
  default     = null
}

variable "log_bucket" {
  description = "The bucket that takes this one's access logs; null for a log bucket itself."
  type        = object({ name = string })
  default     = null
}

variable "statements" {
  description = "Further statements of the bucket's policy, as jsonencode of a list: those of AWS services that write to it."
  type        = string
  default     = "[]"

  validation {
    condition     = can(tolist([for statement in jsondecode(var.statements) : statement.Effect]))
    error_message = "statements: expected jsonencode of a list of IAM statements, each with an Effect."
  }
}

variable "lifecycle_days" {
  description = "After how many days objects move to Standard-IA and to Glacier Instant Retrieval, expire (null: never), and non-current versions expire."
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
    error_message = "lifecycle_days.infrequent_access: expected 30 or more, for S3 moves nothing to Standard-IA earlier; found ${coalesce(var.lifecycle_days.infrequent_access, 30)}."
  }

  validation {
    condition     = var.lifecycle_days.glacier == null || coalesce(var.lifecycle_days.glacier, 0) >= coalesce(var.lifecycle_days.infrequent_access, 0) + 30
    error_message = "lifecycle_days.glacier: expected at least 30 days after infrequent_access, for S3 refuses less."
  }

  validation {
    condition     = var.lifecycle_days.expire == null || coalesce(var.lifecycle_days.expire, 0) > coalesce(var.lifecycle_days.glacier, var.lifecycle_days.infrequent_access, 0)
    error_message = "lifecycle_days.expire: expected later than the last move to a cheaper class."
  }
}

variable "object_lock" {
  description = "Keeps every version from being deleted for so many days; null for none. Only at the bucket's creation. COMPLIANCE binds the account's root user too."
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
  description = "Let destroy delete a bucket with objects in it."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags."
  type        = map(string)
  default     = {}
}
