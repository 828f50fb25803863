variable "name" {
  description = "What every name starts with."
  type        = string
}

variable "region" {
  description = "The AWS region."
  type        = string
}

variable "cidr" {
  description = "The VPC's addresses; each zone gets a private subnet of a sixteenth of them."
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
    error_message = "zones: expected two to six letters from a to f, for a database and a service need two zones; found ${join(", ", var.zones)}."
  }
}

variable "interface_endpoints" {
  description = "AWS services that are reached inside the VPC, besides S3, which costs nothing."
  type        = set(string)
  nullable    = false
  default     = ["ecr.api", "ecr.dkr", "events", "kms", "logs", "monitoring", "sagemaker.api", "sagemaker.runtime", "secretsmanager", "ssm", "sts"]
}

variable "internet" {
  description = "A NAT gateway, through which Prefect Cloud can be reached; false where Prefect's server is in the VPC."
  type        = bool
  default     = false
}

variable "flow_log_bucket" {
  description = "The bucket that takes the flow logs; null for none."
  type        = object({ name = string })
}

variable "tags" {
  description = "Tags."
  type        = map(string)
  default     = {}
}
