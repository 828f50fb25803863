variable "name" {
  description = "The role's name."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,64}$", var.name))
    error_message = "name: expected at most 64 letters, digits, _ and -, which is what IAM takes; found \"${var.name}\" (${length(var.name)})."
  }
}

variable "description" {
  description = "Who takes the role, and for what."
  type        = string
}

variable "trust" {
  description = "The statements that say who may take the role, as jsonencode of a list."
  type        = string

  validation {
    condition     = alltrue([for statement in jsondecode(var.trust) : try(statement.Principal != "*" && statement.Principal.AWS != "*", true)])
    error_message = "trust: expected named principals; found \"*\", which lets every AWS account take the role."
  }

  validation {
    condition     = alltrue([for statement in jsondecode(var.trust) : length(try(statement.Condition, {})) > 0])
    error_message = "trust: expected a Condition in each statement (aws:SourceAccount for a service), so that nobody else can make the principal take the role (confused deputy)."
  }
}

variable "permissions" {
  description = "The statements that say what the role may do, as jsonencode of a list."
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
    error_message = "permissions: expected at most 10,000 characters, for IAM takes 10,240 in a role's policies; found ${length(var.permissions)}."
  }
}

variable "boundary_arn" {
  description = "The permission boundary; null only for a role that applies Terraform."
  type        = string
  default     = null
}

variable "max_session_seconds" {
  description = "How long credentials of the role last at most."
  type        = number
  default     = 3600

  validation {
    condition     = var.max_session_seconds >= 3600 && var.max_session_seconds <= 43200
    error_message = "max_session_seconds: expected 3600 to 43200, which is what IAM takes; found ${var.max_session_seconds}."
  }
}

variable "tags" {
  description = "Tags."
  type        = map(string)
  default     = {}
}
