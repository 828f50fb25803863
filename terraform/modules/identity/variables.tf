variable "name" {
  description = "The prefix of every role's name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,30}$", var.name))
    error_message = "name: expected 3 to 31 lowercase letters, digits and hyphens; found \"${var.name}\"."
  }
}

variable "account_id" {
  description = "The AWS account."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id: expected the 12 digits of an AWS account; found \"${var.account_id}\"."
  }
}

variable "region" {
  description = "The AWS region."
  type        = string
}

variable "use_cases" {
  description = "The use cases, as in config/use_cases/. Each gets a job role and an endpoint role, limited to its own prefixes."
  type        = set(string)

  validation {
    condition     = alltrue([for use_case in var.use_cases : can(regex("^[a-z][a-z0-9_]{2,23}$", use_case))])
    error_message = "use_cases: expected names of 3 to 24 lowercase letters, digits and _; found ${join(", ", var.use_cases)}."
  }
}

variable "buckets" {
  description = "Bucket names by purpose: data, artefacts, monitoring, audit."
  type        = map(string)

  validation {
    condition     = alltrue([for purpose in ["data", "artefacts", "monitoring", "audit"] : contains(keys(var.buckets), purpose)])
    error_message = "buckets: expected data, artefacts, monitoring and audit; found ${join(", ", keys(var.buckets))}."
  }
}

variable "state_bucket" {
  description = "The bucket of Terraform's state, which CI reads and writes."
  type        = string
}

variable "data_key_arn" {
  description = "The key of datasets, models and monitoring data."
  type        = string
}

variable "operations_key_arn" {
  description = "The key of logs, alerts, queues, images and secrets."
  type        = string
}

variable "boundary_name" {
  description = "The permission boundary's name."
  type        = string
}

variable "parameter_prefix" {
  description = "The path of the SSM parameters that the flows read."
  type        = string

  validation {
    condition     = startswith(var.parameter_prefix, "/") && !endswith(var.parameter_prefix, "/")
    error_message = "parameter_prefix: expected a path such as /vishwaops/dev; found \"${var.parameter_prefix}\"."
  }
}

variable "metric_namespace" {
  description = "The CloudWatch namespace of the drift and quality metrics that jobs and flows write."
  type        = string
}

variable "image_account_id" {
  description = "The account of AWS's prebuilt SageMaker images in this region."
  type        = string
  default     = "683313688378"
}

variable "github_repository" {
  description = "The GitHub repository whose workflows plan and apply, as owner/name; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.github_repository == null ? true : can(regex("^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$", var.github_repository))
    error_message = "github_repository: expected owner/name, without wildcards, or anybody's workflow could assume the role; found \"${coalesce(var.github_repository, "null")}\"."
  }
}

variable "github_environment" {
  description = "The GitHub environment that must approve an apply."
  type        = string
  default     = "prod"
}

variable "create_github_provider" {
  description = "Whether to create the account's OIDC provider for GitHub; false where it exists already."
  type        = bool
  default     = true
}

variable "readers" {
  description = "ARNs of the principals that may assume the reader role, with MFA; when empty, any principal of the account."
  type        = list(string)
  default     = []
}

variable "tags" {
  description = "Tags."
  type        = map(string)
  default     = {}
}
