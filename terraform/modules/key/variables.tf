variable "alias" {
  description = "The key's alias, without the leading alias/."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z0-9/_-]+$", var.alias)) && !startswith(var.alias, "alias/") && !startswith(var.alias, "aws/")
    error_message = "alias: expected letters, digits, /, _ and -, without the leading alias/ and not below aws/; found \"${var.alias}\"."
  }
}

variable "description" {
  description = "What the key protects."
  type        = string
}

variable "account_id" {
  description = "The account whose IAM policies decide who may use the key."
  type        = string
}

variable "services" {
  description = "AWS services that use the key directly: the service principal, its actions, and the condition on them. Only EventBridge needs none."
  type = map(object({
    principal = string
    actions   = list(string)
    condition = map(map(string))
  }))
  default = {}

  validation {
    # EventBridge sends no source account when it publishes to SNS: with a condition it could not publish at all.
    condition     = alltrue([for service in values(var.services) : length(service.condition) > 0 || service.principal == "events.amazonaws.com"])
    error_message = "services: expected a condition for each service but EventBridge, so that no other account can make the service use the key (confused deputy); found none for ${join(", ", [for name, service in var.services : name if length(service.condition) == 0])}."
  }
}

variable "readers" {
  description = "ARNs of principals of other accounts that may decrypt, and the service through which they must; null for none."
  type = object({
    arns    = list(string)
    through = string
  })
  default = null

  validation {
    condition     = var.readers == null ? true : length(var.readers.arns) > 0 && alltrue([for arn in var.readers.arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/[^*]+$", arn))])
    error_message = "readers.arns: expected ARNs of roles, without wildcards; found ${join(", ", try(var.readers.arns, []))}."
  }
}

variable "signs" {
  description = "Whether the key signs (ECDSA on P-256) in place of encrypting."
  type        = bool
  default     = false
}

variable "verifiers" {
  description = "ARNs of roles of other accounts that may read the public key of a key that signs."
  type        = list(string)
  default     = []

  validation {
    condition     = length(var.verifiers) == 0 || var.signs
    error_message = "verifiers: expected none, because only a key that signs has a public key; found ${join(", ", var.verifiers)}."
  }
}

variable "deletion_window_in_days" {
  description = "Days in which a deleted key can be restored."
  type        = number
  default     = 30

  validation {
    condition     = var.deletion_window_in_days >= 7 && var.deletion_window_in_days <= 30
    error_message = "deletion_window_in_days: expected 7 to 30, the range of KMS; found ${var.deletion_window_in_days}."
  }
}

variable "tags" {
  description = "Tags."
  type        = map(string)
  default     = {}
}
