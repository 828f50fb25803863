variable "environment" {
  description = "The environment: offline, dev or prod."
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

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region: expected an AWS region such as us-east-1; found \"${var.region}\"."
  }
}

variable "owner" {
  description = "The team that owns the resources."
  type        = string
}

variable "cost_centre" {
  description = "The cost centre."
  type        = string
}

variable "data_class" {
  description = "How sensitive the data is: public, internal, confidential or restricted."
  type        = string
}

variable "disposable" {
  description = "Whether destroy may delete buckets, images, secrets and keys that are in use. For environments without data of value."
  type        = bool
  default     = false
}

variable "emulated" {
  description = "For an offline cloud: leaves out what no emulator supports (the VPC's flow logs, the trail's notifications, the budget's alerts, and the platform's own key for the database's password)."
  type        = bool
  default     = false
}

variable "allow_placeholders" {
  description = "Whether the example's values, such as example.org, may remain: for plans that only count the cost."
  type        = bool
  default     = false
}

variable "audit_lock" {
  description = "Object lock of the audit log: mode and days; null for none. COMPLIANCE can't be undone: it also needs irrevocable = true."
  type        = object({ mode = string, days = number, irrevocable = optional(bool, false) })
  default     = null

  validation {
    condition     = try(var.audit_lock.mode, "GOVERNANCE") != "COMPLIANCE" || try(var.audit_lock.irrevocable, false)
    error_message = "audit_lock: expected irrevocable = true beside COMPLIANCE, because nobody, not even the root user, can shorten it or delete the log earlier; found false. Run with GOVERNANCE for a month first."
  }
}

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number
  default     = 365
}

variable "prediction_retention_days" {
  description = "Days that predictions of `vishwaops predict` and their quarantine are kept; null keeps them. Their lineage needs them."
  type        = number
  default     = null
}

variable "existing_log_groups" {
  description = "SageMaker's log groups that exist in the account because jobs or endpoints ran before: TrainingJobs, ProcessingJobs, TransformJobs, or a use case for its endpoint's."
  type        = set(string)
  default     = []

  validation {
    condition     = length(setsubtract(var.existing_log_groups, concat(["TrainingJobs", "ProcessingJobs", "TransformJobs"], tolist(local.use_cases)))) == 0
    error_message = "existing_log_groups: expected TrainingJobs, ProcessingJobs, TransformJobs and names of use cases at most; found ${join(", ", var.existing_log_groups)}."
  }
}

variable "existing_buckets" {
  description = "Buckets that exist in the account, by purpose (data, artefacts, monitoring, logs, audit). Terraform takes over their settings; destroy removes them only when they are empty."
  type        = map(string)
  default     = {}
}

variable "existing_keys" {
  description = "ARNs of KMS keys that exist in the account, by purpose (data, operations, audit). Terraform does not change them."
  type        = map(string)
  default     = {}
}

variable "existing_model_package_groups" {
  description = "The use cases whose model package group exists in the account."
  type        = set(string)
  default     = []

  validation {
    condition     = length(setsubtract(var.existing_model_package_groups, local.use_cases)) == 0
    error_message = "existing_model_package_groups: expected names of use cases; found ${join(", ", var.existing_model_package_groups)}."
  }
}

variable "existing_anomaly_monitor_arn" {
  description = "The account's cost anomaly monitor by service. An account may have one, and many have it from the start; null to create it."
  type        = string
  default     = null
}

variable "cost_allocation_tags_active" {
  description = "Whether the tag CostCentre is activated for cost allocation. The budget then covers the cost centre instead of the whole account."
  type        = bool
  default     = false
}

variable "alert_emails" {
  description = "E-mail addresses that are notified of alarms, drift and spending."
  type        = set(string)
  default     = []
}

variable "monthly_budget_usd" {
  description = "The monthly budget of the environment, in USD."
  type        = number
}

variable "anomaly_monitor" {
  description = "Whether to monitor spending for anomalies."
  type        = bool
  default     = true
}

variable "trail" {
  description = "Whether to record every API call of the account in the audit log; false where the organisation has a trail already."
  type        = bool
  default     = true
}

variable "network" {
  description = "The platform's network: range and number of zones of its VPC, how ECS tasks reach the internet (none, public_ips or nat), interface endpoints, and whether distributed jobs' machines may connect to each other; null for none, and then without Prefect's worker."
  type = object({
    cidr                = optional(string, "10.20.0.0/16")
    zones               = optional(number, 2)
    internet            = optional(string, "none")
    interface_endpoints = optional(set(string), [])
    distributed_jobs    = optional(bool, false)
  })
  default = null
}

variable "existing_network" {
  description = "A VPC that exists, for the platform instead of a new one: private subnets in two zones or more, the subnets of ECS tasks (default: the private ones), and the route tables that get S3's gateway endpoint (empty where they have one). `network` tells how its tasks reach the internet."
  type = object({
    vpc_id          = string
    subnet_ids      = list(string)
    task_subnet_ids = optional(list(string))
    route_table_ids = optional(set(string), [])
  })
  default = null

  validation {
    condition     = var.existing_network == null || var.network != null
    error_message = "existing_network: expected network too, such as network = { internet = \"nat\" }; found null."
  }
}

variable "prefect" {
  description = "Prefect's worker on ECS: server kind (cloud or self_hosted), the cloud workspace's URL, the image's tag or digest (null before the first push: no task runs), processor, what runs on Fargate Spot, Container Insights, sessions to the server, sizes, and the webhook for events; null for none."
  type = object({
    kind               = string
    api_url            = optional(string)
    image_tag          = optional(string)
    architecture       = optional(string, "X86_64")
    spot               = optional(set(string), [])
    container_insights = optional(bool, false)
    execute_command    = optional(bool, false)
    webhook            = optional(string)
    worker             = optional(object({ cpu = optional(number), memory = optional(number), count = optional(number) }), {})
    server             = optional(object({ cpu = optional(number), memory = optional(number) }), {})
    flow_run           = optional(object({ cpu = optional(number), memory = optional(number) }), {})
    database           = optional(object({ instance_class = optional(string), storage_in_gb = optional(number), backup_days = optional(number), standby = optional(bool), refuse_to_destroy = optional(bool) }), {})
  })
  default = null

  validation {
    condition     = var.prefect == null || var.network != null
    error_message = "prefect: expected a network too, because its worker runs in it; found network = null."
  }

  validation {
    condition     = try(var.prefect.kind, "") != "cloud" || try(var.network.internet, "none") != "none"
    error_message = "prefect.kind: expected network.internet = \"public_ips\" or \"nat\" with cloud, or the worker can't reach Prefect Cloud; found \"none\"."
  }
}

variable "mlflow" {
  description = "SageMaker managed MLflow: its size (Small, Medium or Large), and cron expressions in UTC that start and stop it; null for none."
  type = object({
    size     = string
    schedule = optional(object({ start = string, stop = string }))
  })
  default = null
}

variable "feature_groups" {
  description = "Feature groups by name, as the module registry describes them."
  type = map(object({
    use_case          = string
    record_identifier = string
    event_time        = string
    features          = map(string)
    online            = optional(bool, true)
    offline           = optional(bool, true)
  }))
  default = {}
}

variable "autoscaling" {
  description = "Endpoints that scale, by use case. Add a use case once its endpoint exists."
  type = map(object({
    minimum                = optional(number, 1)
    maximum                = number
    invocations_per_minute = optional(number, 600)
  }))
  default = {}
}

variable "latency_milliseconds" {
  description = "The p90 of model latency, in milliseconds, above which a deployment is rolled back."
  type        = number
  default     = 500
}

variable "github_repository" {
  description = "The repository whose workflows plan and apply, as owner/name; null for none."
  type        = string
  default     = null
}

variable "github_owner_id" {
  description = "The number that GitHub gave the repository's owner (`gh api repos/OWNER/NAME --jq .owner.id`); null only for a repository older than July 2026."
  type        = string
  default     = null
}

variable "github_repository_id" {
  description = "The number that GitHub gave the repository (`gh api repos/OWNER/NAME --jq .id`); null as github_owner_id."
  type        = string
  default     = null
}

variable "github_branch" {
  description = "The branch whose workflows may apply; null for any."
  type        = string
  default     = "main"
}

variable "create_github_provider" {
  description = "Whether to create the account's OIDC provider for GitHub; false where it exists already."
  type        = bool
  default     = true
}

variable "source_buckets" {
  description = "What the flows of a use case read besides the platform's buckets, by use case: names of buckets, or objects by ARN, such as arn:aws:s3:::exports/grades/*."
  type        = map(list(string))
  default     = {}
}

variable "source_secrets" {
  description = "Secrets Manager's secrets that the flows of a use case read, by use case: names, or ARNs of this account. A secret under a key of your own also needs that key's policy."
  type        = map(list(string))
  default     = {}
}

variable "source_streams" {
  description = "The Kinesis streams that the flows of a use case read, by use case: names of this account."
  type        = map(list(string))
  default     = {}
}

variable "readers" {
  description = "ARNs of the principals that may assume the reader role; when empty, any principal of the account."
  type        = list(string)
  default     = []
}

variable "operators" {
  description = "ARNs of the principals that may assume the flow roles, to run flows from a laptop; none when empty."
  type        = list(string)
  default     = []
}

variable "promotion" {
  description = "The environment whose models are promoted into this one: its account, the names of its buckets data and artefacts, and the ARNs of its data key and of its signing key; null for none."
  type = object({
    account_id = string
    buckets    = object({ data = string, artefacts = string })
    key_arn    = string

    signing_key_arn = optional(string)
  })
  default = null
}

variable "promote_to" {
  description = "ARNs of the promoter roles of other environments, which may read the models of this one. The roles must exist."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.promote_to : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/[a-z][a-z0-9-]*-promoter$", arn))])
    error_message = "promote_to: expected ARNs of promoter roles, such as arn:aws:iam::222222222222:role/vishwaops-prod-promoter; found ${join(", ", var.promote_to)}."
  }
}

variable "people_use_mfa" {
  description = "Whether readers and operators need an MFA device in their session; false for IAM Identity Center, whose sessions show none."
  type        = bool
  default     = true
}

variable "state_bucket" {
  description = "The bucket of Terraform's state, as in backend.hcl."
  type        = string
}
