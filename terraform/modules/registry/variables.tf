variable "name" {
  description = "The tracking server's and the flows' ECR repository's name, and the prefix of the other repository's."
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

variable "feature_store_role_arns" {
  description = "The role of each use case's feature groups, which write their offline store with it."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for group in values(var.feature_groups) : contains(keys(var.feature_store_role_arns), group.use_case)])
    error_message = "feature_store_role_arns: expected a role for each use case with feature groups; found none for ${join(", ", [for name, group in var.feature_groups : group.use_case if !contains(keys(var.feature_store_role_arns), group.use_case)])}."
  }
}

variable "sagemaker_image" {
  description = "An image of AWS's for jobs and endpoints, repository and tag: its registry is looked up."
  type        = object({ repository = string, tag = string })
}

variable "kept_images" {
  description = "The number of newest images that are kept. Older ones expire."
  type        = number
  default     = 50

  validation {
    condition     = var.kept_images >= 10
    error_message = "kept_images: expected 10 or more, because a running task's image must not expire; found ${var.kept_images}."
  }
}

variable "bucket" {
  description = "The bucket of the offline feature store and of MLflow's artefacts."
  type        = string
}

variable "mlflow" {
  description = "SageMaker managed MLflow: its size, version and role, and the schedule (UTC) and role that start and stop it; null for none."
  type = object({
    size               = string
    version            = string
    role_arn           = string
    schedule           = optional(object({ start = string, stop = string }))
    scheduler_role_arn = optional(string)
  })
  default = null

  validation {
    condition     = var.mlflow == null ? true : contains(["Small", "Medium", "Large"], var.mlflow.size)
    error_message = "mlflow.size: expected Small, Medium or Large."
  }

  validation {
    condition     = alltrue([for expression in try(values(var.mlflow.schedule), []) : can(regex("^cron\\(\\S+ \\S+ \\S+ \\S+ \\S+ \\S+\\)$", expression))])
    error_message = "mlflow.schedule: expected cron expressions of six fields in UTC, such as cron(30 1 * * ? *); found ${join(", ", try(values(var.mlflow.schedule), []))}."
  }

  validation {
    condition     = try(var.mlflow.schedule, null) == null || try(var.mlflow.scheduler_role_arn, null) != null
    error_message = "mlflow.scheduler_role_arn: expected a role, because there is a schedule; found null."
  }
}

variable "promote_to" {
  description = "ARNs of the promoter roles of other environments, which may read the models of this one."
  type        = list(string)
  default     = []
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
