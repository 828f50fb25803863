variable "name" {
  description = "The prefix of every name."
  type        = string
}

variable "account_id" {
  description = "The AWS account, whose buckets and principals the endpoints' policies allow."
  type        = string
}

variable "region" {
  description = "The AWS region."
  type        = string
}

variable "existing" {
  description = "A VPC that exists, with its private subnets in two zones or more, the subnets of ECS tasks (default: the private ones), and the route tables that get S3's gateway endpoint (empty where they have one); null for a new VPC."
  type = object({
    vpc_id          = string
    subnet_ids      = list(string)
    task_subnet_ids = optional(list(string))
    route_table_ids = optional(set(string), [])
  })
  default = null

  validation {
    condition     = length(try(var.existing.subnet_ids, ["", ""])) >= 2
    error_message = "existing.subnet_ids: expected two or more, in two zones, because a database and a service need two zones; found ${length(try(var.existing.subnet_ids, []))}."
  }
}

variable "cidr" {
  description = "The new VPC's CIDR range; each subnet is a sixteenth of it."
  type        = string
  default     = "10.20.0.0/16"

  validation {
    condition     = can(cidrhost(var.cidr, 0)) && tonumber(split("/", var.cidr)[1]) >= 16 && tonumber(split("/", var.cidr)[1]) <= 22
    error_message = "cidr: expected an IPv4 range between /16 and /22, such as 10.20.0.0/16; found \"${var.cidr}\"."
  }
}

variable "zones" {
  description = "The number of availability zones of a new VPC."
  type        = number
  default     = 2

  validation {
    condition     = contains([2, 3, 4, 5, 6], var.zones)
    error_message = "zones: expected 2 to 6, because a database and a service need two zones; found ${var.zones}."
  }
}

variable "excluded_zone_ids" {
  description = "Ids of availability zones that lack services or instance types. By default AWS's three oldest."
  type        = set(string)
  default     = ["use1-az3", "usw1-az2", "cac1-az3"]
}

variable "internet" {
  description = "How ECS tasks reach the internet: none, public_ips (public subnets, an address for each task) or nat (one NAT gateway). Jobs never do."
  type        = string
  default     = "none"

  validation {
    condition     = contains(["none", "public_ips", "nat"], var.internet)
    error_message = "internet: expected none, public_ips or nat; found \"${var.internet}\"."
  }
}

variable "interface_endpoints" {
  description = "AWS services with an interface endpoint; the one word all for every service that a network without internet can need. S3 has a gateway endpoint, which costs nothing."
  type        = set(string)
  nullable    = false
  default     = []

  validation {
    condition     = length(setsubtract(var.interface_endpoints, concat(["all"], keys(local.service_names)))) == 0
    error_message = "interface_endpoints: expected \"all\", or some of ${join(", ", keys(local.service_names))}; found ${join(", ", setsubtract(var.interface_endpoints, concat(["all"], keys(local.service_names))))}."
  }

  validation {
    condition     = !var.runs_tasks || var.internet != "none" || contains(var.interface_endpoints, "all") || length(setsubtract(local.task_services, var.interface_endpoints)) == 0
    error_message = "interface_endpoints: expected an endpoint for each service that ECS tasks call, or internet = \"public_ips\" or \"nat\"; missing: ${join(", ", setsubtract(local.task_services, var.interface_endpoints))}."
  }
}

variable "source_object_arns" {
  description = "Objects that flows may read through S3's gateway endpoint, in any account's bucket."
  type        = list(string)
  default     = []
}

variable "runs_tasks" {
  description = "Whether ECS tasks (Prefect's worker, server and flow runs) run in the network, which call AWS's APIs."
  type        = bool
  default     = true
}

variable "distributed_jobs" {
  description = "Whether the machines of one distributed job may connect to each other."
  type        = bool
  default     = false
}

variable "flow_log_bucket" {
  description = "The bucket that receives a new VPC's flow logs; null for none."
  type        = object({ name = string })
}

variable "alert_topic_arns" {
  description = "SNS topics that are told when the NAT gateway has no free port."
  type        = list(string)
  default     = []
}

variable "tags" {
  description = "Tags."
  type        = map(string)
  default     = {}
}
