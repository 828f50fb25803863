variable "name" {
  description = "The prefix of the topic's name."
  type        = string
}

variable "account_id" {
  description = "The AWS account. Only its services may publish, and EventBridge, which names no account."
  type        = string
}

variable "kms_key_arn" {
  description = "The key that encrypts messages."
  type        = string
}

variable "emails" {
  description = "E-mail addresses that are notified; each is confirmed by a link that AWS sends."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for email in var.emails : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", email))])
    error_message = "emails: expected addresses such as team@example.org; found ${join(", ", var.emails)}."
  }
}

variable "tags" {
  description = "Tags."
  type        = map(string)
  default     = {}
}
