variable "service" {
  description = "The service's code in Service Quotas."
  type        = string
  default     = "sagemaker"
}

variable "quota" {
  description = "The quota's name in Service Quotas."
  type        = string
}

variable "needed" {
  description = "The least value that is enough."
  type        = number
}

variable "reason" {
  description = "What needs it, as a clause for the warning."
  type        = string
}
