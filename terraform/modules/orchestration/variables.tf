variable "name" {
  description = "The cluster's name, and the prefix of every other name."
  type        = string
}

variable "region" {
  description = "The AWS region."
  type        = string
}

variable "vpc_id" {
  description = "The VPC."
  type        = string
}

variable "subnet_ids" {
  description = "The private subnets of tasks and database."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids: expected two or more, in two zones, because the database and the service need them; found ${length(var.subnet_ids)}."
  }
}

variable "security_group_id" {
  description = "The security group of tasks."
  type        = string
}

variable "image" {
  description = "The image of worker, server and flow runs, by digest or immutable tag."
  type        = string

  validation {
    condition     = can(regex("(@sha256:[0-9a-f]{64}|:[^:/]+)$", var.image)) && !endswith(var.image, ":latest")
    error_message = "image: expected a tag other than latest or a digest, so that two tasks never run different code; found \"${var.image}\"."
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

variable "worker" {
  description = "The worker's size (CPU units, MiB), and the minimum and maximum number of workers."
  type = object({
    cpu     = optional(number, 512)
    memory  = optional(number, 1024)
    minimum = optional(number, 1)
    maximum = optional(number, 3)
  })
  default = {}

  validation {
    condition     = var.worker.minimum >= 0 && var.worker.maximum >= max(var.worker.minimum, 1)
    error_message = "worker: expected 0 <= minimum <= maximum and at least 1 as maximum; found ${var.worker.minimum} to ${var.worker.maximum}."
  }
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
