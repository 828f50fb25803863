variable "name" {
  description = "The ECR repository's and the tracking server's name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,62}$", var.name))
    error_message = "name: expected lowercase letters, digits and hyphens; found \"${var.name}\"."
  }
}

variable "use_cases" {
  description = "The use cases, as in config/use_cases/; each gets a model package group."
  type        = set(string)
}

variable "kms_key_arn" {
  description = "The key that encrypts images."
  type        = string
}

variable "data_key_arn" {
  description = "The key that encrypts features."
  type        = string
}

variable "untagged_image_days" {
  description = "Days until an image without a tag expires."
  type        = number
  default     = 14

  validation {
    condition     = var.untagged_image_days >= 1
    error_message = "untagged_image_days: expected 1 or more; found ${var.untagged_image_days}."
  }
}

variable "feature_groups" {
  description = "Feature groups by name: the use case, the record identifier, the event time feature, and each feature's type."
  type = map(object({
    use_case          = string
    record_identifier = string
    event_time        = string
    features          = map(string)
    online            = optional(bool, true)
    offline           = optional(bool, true)
  }))
  default = {}

  validation {
    condition = alltrue([
      for group in values(var.feature_groups) :
      contains(keys(group.features), group.record_identifier) && contains(keys(group.features), group.event_time)
    ])
    error_message = "feature_groups: expected record_identifier and event_time among the features; found ${join(", ", [for name, group in var.feature_groups : name if !contains(keys(group.features), group.record_identifier) || !contains(keys(group.features), group.event_time)])} without."
  }

  validation {
    condition     = alltrue(flatten([for group in values(var.feature_groups) : [for type in values(group.features) : contains(["Integral", "Fractional", "String"], type)]]))
    error_message = "feature_groups: expected the types Integral, Fractional or String, which are the types of the feature store."
  }

  validation {
    condition     = alltrue([for name, group in var.feature_groups : startswith(name, "${replace(group.use_case, "_", "-")}-")])
    error_message = "feature_groups: expected names that start with the use case and a hyphen, which the roles' policies rely on; found ${join(", ", [for name, group in var.feature_groups : name if !startswith(name, "${replace(group.use_case, "_", "-")}-")])}."
  }
}

variable "job_role_arns" {
  description = "The job role of each use case, which its feature groups write with."
  type        = map(string)
  default     = {}
}

variable "bucket" {
  description = "The bucket of the offline feature store and of MLflow's artefacts."
  type        = string
}

variable "mlflow" {
  description = "SageMaker managed MLflow: its size, version, and the role it runs in; null for none."
  type = object({
    size     = string
    version  = optional(string)
    role_arn = string
  })
  default = null

  validation {
    condition     = var.mlflow == null ? true : contains(["Small", "Medium", "Large"], var.mlflow.size)
    error_message = "mlflow.size: expected Small, Medium or Large."
  }
}

variable "force_delete" {
  description = "Whether destroy may delete a repository that holds images."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags."
  type        = map(string)
  default     = {}
}
