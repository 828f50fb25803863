variable "name" {
  description = "The cluster's name, and the prefix of every other name."
  type        = string
}

variable "region" {
  description = "The AWS region."
  type        = string
}

variable "network" {
  description = "The network, as the module network outputs it: VPC, private subnets (database), subnets of tasks, whether tasks get public addresses, and the security groups task, server and database."
  type = object({
    vpc_id             = string
    subnet_ids         = list(string)
    task_subnet_ids    = list(string)
    public_addresses   = bool
    security_group_ids = map(string)
  })

  validation {
    condition     = length(var.network.subnet_ids) >= 2
    error_message = "network.subnet_ids: expected two or more, in two zones, because the database and the service need them; found ${length(var.network.subnet_ids)}."
  }
}

variable "image_repository" {
  description = "The ECR repository of the image of worker, server and flow runs."
  type        = string
}

variable "image_tag" {
  description = "The image's immutable tag, or its digest (sha256:...); null before the first image is pushed, and then no task runs."
  type        = string
  default     = null

  validation {
    condition     = var.image_tag == null ? true : var.image_tag != "latest" && can(regex("^(sha256:[0-9a-f]{64}|[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})$", var.image_tag))
    error_message = "image_tag: expected a tag other than latest or a digest, so that two tasks never run different code; found \"${coalesce(var.image_tag, "null")}\"."
  }
}

variable "architecture" {
  description = "The processor that the image is built for: X86_64 or ARM64."
  type        = string
  default     = "X86_64"

  validation {
    condition     = contains(["X86_64", "ARM64"], var.architecture)
    error_message = "architecture: expected X86_64 or ARM64; found \"${var.architecture}\"."
  }
}

variable "spot" {
  description = "What runs on Fargate Spot, at 30 to 50 % of the price, and stopped with two minutes' notice when AWS needs the capacity: worker, server, flow_runs."
  type        = set(string)
  default     = []

  validation {
    condition     = length(setsubtract(var.spot, ["worker", "server", "flow_runs"])) == 0
    error_message = "spot: expected some of worker, server, flow_runs; found ${join(", ", var.spot)}."
  }
}

variable "container_insights" {
  description = "Whether Container Insights collects metrics of the cluster, which are paid by the metric."
  type        = bool
  default     = false
}

variable "execute_command" {
  description = "Whether a session of Systems Manager can reach the server's task, so that people and CI reach Prefect's API (terraform/prefect-tunnel.sh)."
  type        = bool
  default     = false

  validation {
    condition     = !var.execute_command || var.prefect.kind == "cloud" || var.server_role_arn != null
    error_message = "execute_command: expected server_role_arn too, with the rights of Systems Manager's agent (ssmmessages)."
  }
}

variable "prefect" {
  description = "Prefect's server: its kind (cloud or self_hosted) and, for cloud, the workspace's API URL."
  type = object({
    kind    = string
    api_url = optional(string)
  })

  validation {
    condition     = contains(["cloud", "self_hosted"], var.prefect.kind)
    error_message = "prefect.kind: expected cloud or self_hosted; found \"${var.prefect.kind}\"."
  }

  validation {
    condition     = var.prefect.kind == "self_hosted" || can(regex("^https://.+/accounts/.+/workspaces/.+$", var.prefect.api_url))
    error_message = "prefect.api_url: expected the workspace's URL, https://…/accounts/…/workspaces/…, where kind is cloud."
  }
}

variable "work_pool" {
  description = "The Prefect work pool that the worker polls, of type ecs."
  type        = string
  default     = "vishwaops"
}

variable "events_environment" {
  description = "The environment whose drift and quality alarms `vishwaops events` receives, in a container beside the worker; null where Prefect's webhook gets them."
  type        = string
  default     = null
}

variable "worker" {
  description = "The workers: CPU units and MiB of each, and their number. A worker only starts tasks, so one is enough."
  type = object({
    cpu    = optional(number, 256)
    memory = optional(number, 1024)
    count  = optional(number, 1)
  })
  default = {}

  validation {
    condition     = var.worker.count >= 1 && var.worker.count == floor(var.worker.count)
    error_message = "worker.count: expected a whole number from 1; found ${var.worker.count}."
  }
}

variable "server" {
  description = "The self-hosted server's CPU units and MiB."
  type = object({
    cpu    = optional(number, 256)
    memory = optional(number, 1024)
  })
  default = {}
}

variable "flow_run" {
  description = "A flow run's CPU units and MiB."
  type = object({
    cpu    = optional(number, 1024)
    memory = optional(number, 2048)
  })
  default = {}
}

variable "database" {
  description = "The self-hosted server's PostgreSQL: instance class, storage in GB, days of backups, a standby in another zone, and deletion protection."
  type = object({
    instance_class    = optional(string, "db.t4g.micro")
    storage_in_gb     = optional(number, 20)
    backup_days       = optional(number, 14)
    standby           = optional(bool, true)
    refuse_to_destroy = optional(bool, true)
  })
  default = {}

  validation {
    condition     = var.database.backup_days >= 1 && var.database.backup_days <= 35
    error_message = "database.backup_days: expected 1 to 35, because 0 disables backups; found ${var.database.backup_days}."
  }
}

variable "worker_role_arn" {
  description = "The worker's role."
  type        = string
}

variable "server_role_arn" {
  description = "The self-hosted server's role, for Systems Manager's agent; null where execute_command is false."
  type        = string
  default     = null
}

variable "execution_role_arn" {
  description = "The role that ECS starts tasks with (task execution role)."
  type        = string
}

variable "monitoring_role_arn" {
  description = "The role for RDS Enhanced Monitoring."
  type        = string
}

variable "kms_key_arn" {
  description = "The key of secrets, logs and the database."
  type        = string
}

variable "secret_key_arn" {
  description = "The key of the database's password; null for the AWS managed key of Secrets Manager."
  type        = string
  default     = null
}

variable "metric_namespace" {
  description = "The CloudWatch namespace of the metric FailedFlowRuns."
  type        = string
}

variable "alert_topic_arns" {
  description = "SNS topics that are told when an alarm changes its state."
  type        = list(string)
  default     = []
}

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number
  default     = 365
}

variable "secret_recovery_days" {
  description = "Days in which a deleted secret can be restored; 0 deletes it at once."
  type        = number
  default     = 30

  validation {
    condition     = var.secret_recovery_days == 0 || (var.secret_recovery_days >= 7 && var.secret_recovery_days <= 30)
    error_message = "secret_recovery_days: expected 0, or 7 to 30, the range of Secrets Manager; found ${var.secret_recovery_days}."
  }
}

variable "tags" {
  description = "Tags."
  type        = map(string)
  default     = {}
}
