variable "state_bucket" {
  description = "The bucket to create for Terraform's state, as in the environment's backend.hcl."
  type        = string
}

variable "account_id" {
  description = "The environment's AWS account. Any other account is refused."
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
  description = "The team that owns the resources."
  type        = string
}

variable "cost_centre" {
  description = "The cost centre."
  type        = string
}

variable "disposable" {
  description = "Whether destroy may delete the state."
  type        = bool
  default     = false
}
