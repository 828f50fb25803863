variable "project" {
  description = "The first part of every name."
  type        = string
  default     = "vishwaops"

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{2,15}$", var.project))
    error_message = "project: expected 3 to 16 lowercase letters and digits, the first a letter, because bucket names allow nothing else; found \"${var.project}\"."
  }
}

variable "environment" {
  description = "The second part of every name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,11}$", var.environment))
    error_message = "environment: expected 2 to 12 lowercase letters and digits, such as dev or prod; found \"${var.environment}\"."
  }
}

variable "account_id" {
  description = "The AWS account; part of the names that must be globally unique."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id: expected the 12 digits of an AWS account; found \"${var.account_id}\"."
  }
}

variable "owner" {
  description = "The team that owns the resources; tag Owner."
  type        = string

  validation {
    condition     = can(regex("^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]{1,256}$", var.owner)) && trimspace(var.owner) != ""
    error_message = "owner: expected the team that answers for these resources, in letters, digits, spaces and _.:/=+-@, because it is a tag's value; found \"${var.owner}\"."
  }
}

variable "cost_centre" {
  description = "The cost centre; tag CostCentre."
  type        = string

  validation {
    condition     = can(regex("^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]{1,256}$", var.cost_centre)) && trimspace(var.cost_centre) != ""
    error_message = "cost_centre: expected the cost centre that pays for these resources, in letters, digits, spaces and _.:/=+-@, because it is a tag's value; found \"${var.cost_centre}\"."
  }
}

variable "data_class" {
  description = "How sensitive the data in these resources is; tag DataClass."
  type        = string

  validation {
    condition     = contains(["public", "internal", "confidential", "restricted"], var.data_class)
    error_message = "data_class: expected public, internal, confidential or restricted; found \"${var.data_class}\"."
  }
}

variable "existing_buckets" {
  description = "Names of buckets that exist already, by purpose: data, artefacts, monitoring, logs, audit."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.existing_buckets), ["data", "artefacts", "monitoring", "logs", "audit"])) == 0
    error_message = "existing_buckets: expected the purposes data, artefacts, monitoring, logs and audit; found ${join(", ", keys(var.existing_buckets))}."
  }
}
