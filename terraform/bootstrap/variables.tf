variable "state_bucket" {
  description = "The bucket to make for Terraform's state, as in the environment's backend.hcl."
  type        = string
}

variable "account_id" {
  description = "The environment's AWS account; another is refused."
  type        = string
}

variable "region" {
  description = "The environment's AWS region."
  type        = string
  default     = "us-east-1"
}

variable "environment" {
  description = "The environment."
  type        = string
}

variable "owner" {
  description = "The team that answers for it."
  type        = string
}

variable "cost_centre" {
  description = "Who pays."
  type        = string
}

variable "disposable" {
  description = "Let destroy delete the state."
  type        = bool
  default     = false
}
