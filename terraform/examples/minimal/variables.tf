variable "account_id" {
  description = "The AWS account. Any other account is refused."
  type        = string
}

variable "region" {
  description = "The AWS region."
  type        = string
  default     = "us-east-1"
}

variable "environment" {
  description = "The environment's name, which every name begins with after the project's."
  type        = string
  default     = "trial"
}

variable "use_cases" {
  description = "The use cases, as in config/use_cases/."
  type        = set(string)
  default     = ["student_grades"]
}
