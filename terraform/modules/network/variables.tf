variable "name" {
  description = "The prefix of every name."
  type        = string
}

variable "region" {
  description = "The AWS region."
  type        = string
}

variable "cidr" {
  description = "The VPC's CIDR range; the private subnet of each zone is a sixteenth of it."
  type        = string
  default     = "10.20.0.0/16"

  validation {
    condition     = can(cidrhost(var.cidr, 0)) && tonumber(split("/", var.cidr)[1]) >= 16 && tonumber(split("/", var.cidr)[1]) <= 22
    error_message = "cidr: expected an IPv4 range between /16 and /22, such as 10.20.0.0/16; found \"${var.cidr}\"."
  }
}

variable "zones" {
  description = "The letters of the availability zones."
  type        = list(string)
  default     = ["a", "b"]

  validation {
    condition     = length(var.zones) >= 2 && length(var.zones) <= 6 && alltrue([for zone in var.zones : can(regex("^[a-f]$", zone))])
    error_message = "zones: expected two to six letters from a to f, because a database and a service need two zones; found ${join(", ", var.zones)}."
  }
}

variable "interface_endpoints" {
  description = "AWS services with an interface endpoint. S3 has a gateway endpoint, which costs nothing."
  type        = set(string)
  nullable    = false
  default     = ["ecr.api", "ecr.dkr", "events", "kms", "logs", "monitoring", "sagemaker.api", "sagemaker.runtime", "secretsmanager", "ssm", "sts"]
}

variable "internet" {
  description = "Whether to create a NAT gateway, which Prefect Cloud is reached through; false where Prefect's server is in the VPC."
  type        = bool
  default     = false
}

variable "flow_log_bucket" {
  description = "The bucket that receives the flow logs; null for none."
  type        = object({ name = string })
}

variable "tags" {
  description = "Tags."
  type        = map(string)
  default     = {}
}
