variable "name" {
  description = "The role's name."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,64}$", var.name))
    error_message = "name: expected at most 64 letters, digits, _ and -, the limit of IAM; found \"${var.name}\" (${length(var.name)})."
  }
}

variable "description" {
  description = "Who assumes the role, and for what."
  type        = string
}

variable "trust" {
  description = "The statements of the trust policy, as jsonencode of a list."
  type        = string

  validation {
    condition     = alltrue([for statement in jsondecode(var.trust) : try(statement.Principal != "*" && statement.Principal.AWS != "*", true)])
    error_message = "trust: expected named principals; found \"*\", which lets every AWS account assume the role."
  }

  validation {
    condition     = alltrue([for statement in jsondecode(var.trust) : length(try(statement.Condition, {})) > 0])
    error_message = "trust: expected a Condition in each statement (aws:SourceAccount for a service), so that nobody else can make the principal assume the role (confused deputy)."
  }
}

variable "permissions" {
  description = "The statements of the permissions policy, as jsonencode of a list."
  type        = string

  validation {
    condition = alltrue(flatten([
      for statement in jsondecode(var.permissions) :
      [for action in flatten([try(statement.Action, [])]) : statement.Effect == "Deny" || !can(regex("^(\\*|[a-z0-9-]+:\\*)$", action))]
    ]))
    error_message = "permissions: expected named actions; found a statement that allows \"*\" or a whole service."
  }

  validation {
    condition     = length(var.permissions) <= 10000
    error_message = "permissions: expected at most 10,000 characters, because IAM accepts 10,240 in a role's policies; found ${length(var.permissions)}."
  }
}

variable "boundary_arn" {
  description = "The permission boundary; null only for a role that applies Terraform."
  type        = string
  default     = null
}

variable "max_session_seconds" {
  description = "The longest session of the role, in seconds."
  type        = number
  default     = 3600

  validation {
    condition     = var.max_session_seconds >= 3600 && var.max_session_seconds <= 43200
    error_message = "max_session_seconds: expected 3600 to 43200, the limit of IAM; found ${var.max_session_seconds}."
  }
}

variable "tags" {
  description = "Tags."
  type        = map(string)
  default     = {}
}
