variable "state_bucket" {
  description = "The bucket to create for Terraform's state, as in the environment's backend.hcl."
  type        = string
}

variable "account_id" {
  description = "The environment's AWS account. Any other account is refused."
  type        = string

  validation {
    condition     = !contains(["111111111111", "222222222222"], var.account_id) && endswith(var.state_bucket, var.account_id)
    error_message = "account_id: expected your own account, and a state_bucket that ends with it; found the account ${var.account_id} and the bucket ${var.state_bucket}. Change both in environment.tfvars, and the bucket in backend.hcl."
  }
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

variable "emulated" {
  description = "For an offline cloud: the state may be destroyed, and the account is not changed, because S3 Control can't be called at an IP address."
  type        = bool
  default     = false
}

variable "block_public_buckets" {
  description = "Whether to block public access to every bucket of the account; false where the organisation does, or where another system needs a public bucket."
  type        = bool
  default     = true
}
